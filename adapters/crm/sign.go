package crm

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"recado/domain"
)

// The bounds of a secret's length in bytes, by the specification of Standard Webhooks.
const (
	minSecret = 24
	maxSecret = 64
)

var errSecret = errors.New("secret must be whsec_ followed by the base64 of 24 to 64 random bytes")

// CheckSecret returns nil if events can be signed with the secret. The error
// says how a secret looks, and nothing of this one.
func CheckSecret(s domain.Secret) error {
	encoded, ok := strings.CutPrefix(string(s), "whsec_")
	if !ok || strings.ContainsAny(encoded, "\r\n") { // line ends, which the decoder skips
		return errSecret
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) < minSecret || len(key) > maxSecret {
		return errSecret
	}
	return nil
}

// sign returns the header Webhook-Signature: one signature, or two while the
// endpoint has a previous secret, so that the CRM may know either. A secret is
// decoded at each call: that adds 120 bytes to the 3,000 that signing allocates.
func sign(e domain.Endpoint, id domain.EventID, now time.Time, body []byte) (string, error) {
	signatures, err := signature(e.Secret, id, now, body)
	if err != nil || e.Previous == "" {
		return signatures, err
	}
	previous, err := signature(e.Previous, id, now, body)
	if err != nil {
		return "", fmt.Errorf("previous %w", err)
	}
	return signatures + " " + previous, nil
}

func signature(s domain.Secret, id domain.EventID, now time.Time, body []byte) (string, error) {
	if err := CheckSecret(s); err != nil {
		return "", err
	}
	w, err := standardwebhooks.NewWebhook(string(s))
	if err != nil {
		return "", errSecret
	}
	return w.Sign(string(id), now, body)
}
