package telegram

import (
	"crypto/subtle"
	"net/http"

	"recado/domain"
)

// secretHeader is where Telegram puts the secret that setWebhook gave it.
const secretHeader = "X-Telegram-Bot-Api-Secret-Token"

// Verify implements domain.Connector. Telegram signs no body.
func (a api) Verify(hook domain.Settings, header http.Header, _ []byte) error {
	return a.VerifyHeader(hook, header)
}

// VerifyHeader compares the secret that came with the webhook.
func (api) VerifyHeader(hook domain.Settings, header http.Header) error {
	given := []byte(header.Get(secretHeader))
	for _, name := range []string{secretToken, previousSecretToken} {
		if secret := hook[name]; secret != "" && subtle.ConstantTimeCompare(given, []byte(secret)) == 1 {
			return nil
		}
	}
	return domain.ErrForged
}
