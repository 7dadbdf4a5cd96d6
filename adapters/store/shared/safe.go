package shared

import (
	"crypto/sha256"
	"encoding/json"

	"recado/adapters/vault"
	"recado/domain"
)

// A safe seals what is secret in a row, each value for its place.
type safe struct{ vault *vault.Vault }

// keyHash is what is stored of an API key. Keys are long and random, so a plain
// hash keeps them.
func keyHash(apiKey domain.Secret) []byte {
	sum := sha256.Sum256([]byte(apiKey))
	return sum[:]
}

func (s safe) seal(secret domain.Secret, place string) ([]byte, error) {
	return s.vault.Seal([]byte(secret), place)
}

func (s safe) unseal(sealed []byte, place string) (domain.Secret, error) {
	plain, err := s.vault.Open(sealed, place)
	return domain.Secret(plain), err
}

func (s safe) sealSettings(settings domain.Settings, place string) ([]byte, error) {
	plain := make(map[string]string, len(settings))
	for name, value := range settings {
		plain[name] = string(value)
	}
	data, err := json.Marshal(plain)
	if err != nil {
		return nil, err
	}
	return s.vault.Seal(data, place)
}

func (s safe) unsealSettings(sealed []byte, place string) (domain.Settings, error) {
	data, err := s.vault.Open(sealed, place)
	if err != nil {
		return nil, err
	}
	var plain map[string]string
	if err := json.Unmarshal(data, &plain); err != nil {
		return nil, err
	}
	settings := make(domain.Settings, len(plain))
	for name, value := range plain {
		settings[name] = domain.Secret(value)
	}
	return settings, nil
}
