// Package vault encrypts ("seals") the credentials in the database, so that a copy
// of the database does not reveal them.
package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// ErrOtherKey is wrapped by the error of Open if the value was sealed with another key.
var ErrOtherKey = errors.New("was sealed with another RECADO_SECRET_KEY")

const keySize = 32 // bytes: AES-256

// A sealed value is a version byte, the id of the key, a random nonce, the
// AES-256-GCM ciphertext, and its tag.
const (
	version    = 1
	headerSize = 1 + 4
)

// A Vault seals with one key, and opens with that and those before it. It is safe for
// concurrent use, and for up to 2³² seals, the limit for random nonces.
type Vault struct {
	aead     cipher.AEAD
	header   []byte
	previous []*Vault
}

// ParseKey parses the value of RECADO_SECRET_KEY: 32 bytes in base64. The error
// says how to fix it, and quotes nothing of the text.
func ParseKey(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("RECADO_SECRET_KEY is not base64; make one with: openssl rand -base64 32")
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("RECADO_SECRET_KEY has %d bytes and must have %d; make one with: openssl rand -base64 %d",
			len(key), keySize, keySize)
	}
	return key, nil
}

// New returns a Vault for a key of 32 bytes, which also opens what was sealed with the
// previous keys.
func New(key []byte, previous ...[]byte) (*Vault, error) {
	v, err := newVault(key)
	for _, key := range previous {
		before, beforeErr := newVault(key)
		if err = errors.Join(err, beforeErr); err == nil {
			v.previous = append(v.previous, before)
		}
	}
	return v, err
}

func newVault(key []byte) (*Vault, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("key has %d bytes and must have %d", len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	keyID := hmac.New(sha256.New, key)
	keyID.Write([]byte("recado: name of the key"))
	header := append([]byte{version}, keyID.Sum(nil)[:headerSize-1]...)
	return &Vault{aead: aead, header: header}, nil
}

// Seal encrypts a value. The context names where the value is stored, such as
// "connection/waba-1". Open needs the same context, so that a value that was
// moved to another row does not open.
func (v *Vault) Seal(plain []byte, context string) ([]byte, error) {
	sealed := make([]byte, headerSize, headerSize+len(plain)+v.aead.Overhead())
	copy(sealed, v.header)
	return v.aead.Seal(sealed, nil, plain, v.additionalData(context)), nil
}

// Open decrypts a value that was sealed with the same context. The error wraps
// ErrOtherKey, or says that the value is damaged or was sealed for another context.
func (v *Vault) Open(sealed []byte, context string) ([]byte, error) {
	switch {
	case len(sealed) < headerSize+v.aead.Overhead():
		return nil, fmt.Errorf("%s is not a sealed value", context)
	case sealed[0] != version:
		return nil, fmt.Errorf("%s was sealed by a newer version of Recado", context)
	}
	if !bytes.Equal(sealed[:headerSize], v.header) {
		for _, before := range v.previous {
			if bytes.Equal(sealed[:headerSize], before.header) {
				return before.Open(sealed, context)
			}
		}
		return nil, fmt.Errorf("%s %w", context, ErrOtherKey)
	}
	plain, err := v.aead.Open(nil, nil, sealed[headerSize:], v.additionalData(context))
	if err != nil {
		return nil, fmt.Errorf("%s is damaged, or was sealed for another place", context)
	}
	return plain, nil
}

// SealedBefore reports whether a value was sealed with another key than the one with
// which the vault seals.
func (v *Vault) SealedBefore(sealed []byte) bool { return !bytes.HasPrefix(sealed, v.header) }

// additionalData is what the tag authenticates besides the value.
func (v *Vault) additionalData(context string) []byte {
	return append(v.header[:headerSize:headerSize], context...)
}

// String hides the key.
func (*Vault) String() string { return "[vault]" }

// GoString hides the key.
func (*Vault) GoString() string { return "[vault]" }
