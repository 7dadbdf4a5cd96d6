package crm

import (
	"errors"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"recado/domain"
)

// sign returns the header Webhook-Signature: a signature by each secret of the
// moment, the newest first, so that the CRM may verify with either. Each call
// decodes the secret: that adds 120 bytes to the 3,000 that signing allocates.
func sign(e domain.Endpoint, id string, now time.Time, body []byte) (string, error) {
	var signatures []string
	for _, secret := range e.SigningSecrets(now) {
		s, err := signature(secret, id, now, body)
		if err != nil {
			return "", err
		}
		signatures = append(signatures, s)
	}
	return strings.Join(signatures, " "), nil
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
