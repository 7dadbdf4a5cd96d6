package domain

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The bounds of a secret's length in bytes, from the specification of Standard Webhooks.
const (
	minEndpointSecret = 24
	maxEndpointSecret = 64
)

// DefaultOverlap is how long the previous secret also signs when a secret is rotated.
const DefaultOverlap = day

const secretPrefix = "whsec_"

var errEndpointSecret = fmt.Errorf("secret must be whsec_ followed by the base64 of %d to %d random bytes", minEndpointSecret, maxEndpointSecret)

// CheckEndpointSecret returns nil if events can be signed with the secret. The
// error says what a secret looks like, and quotes nothing of this one.
func CheckEndpointSecret(s Secret) error {
	encoded, ok := strings.CutPrefix(string(s), secretPrefix)
	if !ok || strings.ContainsAny(encoded, "\r\n") { // the decoder would skip line ends
		return errEndpointSecret
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) < minEndpointSecret || len(key) > maxEndpointSecret {
		return errEndpointSecret
	}
	return nil
}

// ParseEndpointSecret reads a secret as people paste it: whsec_…, v1,whsec_… or
// the base64 alone. It returns the spelling whsec_…. The error says how to fix it.
func ParseEndpointSecret(text string) (Secret, error) {
	encoded := strings.TrimPrefix(strings.TrimSpace(text), "v1,")
	for _, asymmetric := range []string{"whsk_", "whpk_", "v1a,"} {
		if strings.HasPrefix(encoded, asymmetric) {
			return "", errors.New("secret is a key of an asymmetric signature; events are signed with a shared secret: give one that begins with whsec_")
		}
	}
	s := Secret(secretPrefix + strings.TrimPrefix(encoded, secretPrefix))
	return s, CheckEndpointSecret(s)
}

// NewEndpointSecret makes a secret of random bytes.
func NewEndpointSecret(random [32]byte) Secret {
	return Secret(secretPrefix + base64.StdEncoding.EncodeToString(random[:]))
}

// SigningSecrets lists the secrets that sign an event at that moment, the newest first.
func (e Endpoint) SigningSecrets(now time.Time) []Secret {
	if e.Previous == "" || !e.PreviousUntil.IsZero() && !now.Before(e.PreviousUntil) {
		return []Secret{e.Secret}
	}
	return []Secret{e.Secret, e.Previous}
}

// Rotated is the endpoint with a new secret. The previous secret also signs until the
// overlap is over. A request that is repeated with the same secret changes nothing.
func (e Endpoint) Rotated(secret Secret, overlap time.Duration, now time.Time) Endpoint {
	if secret == e.Secret {
		return e
	}
	e.Previous, e.PreviousUntil = "", time.Time{}
	if overlap > 0 {
		e.Previous, e.PreviousUntil = e.Secret, now.Add(overlap)
	}
	e.Secret = secret
	return e
}
