package crm

import (
	"errors"
	"fmt"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"recado/domain"
)

// sign returns the header Webhook-Signature: one signature, or two while the
// endpoint has a previous secret, so that the CRM may verify with either. Each call
// decodes the secret: that adds 120 bytes to the 3,000 that signing allocates.
func sign(e domain.Endpoint, id string, now time.Time, body []byte) (string, error) {
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

func signature(s domain.Secret, id string, now time.Time, body []byte) (string, error) {
	if err := domain.CheckEndpointSecret(s); err != nil {
		return "", err
	}
	w, err := standardwebhooks.NewWebhook(string(s))
	if err != nil {
		return "", errors.New("secret cannot be used to sign") // err itself may show it
	}
	return w.Sign(id, now, body)
}
