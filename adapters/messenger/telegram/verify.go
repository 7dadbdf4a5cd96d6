package telegram

import (
	"crypto/subtle"
	"net/http"

	"recado/domain"
)

// secretHeader is where Telegram puts the secret that setWebhook gave it.
const secretHeader = "X-Telegram-Bot-Api-Secret-Token"

// Verify compares the secret that came with the webhook. It is no signature:
// the body is not a part of it.
func (*Connector) Verify(hook domain.Settings, header http.Header, _ []byte) error {
	given := []byte(header.Get(secretHeader))
	for _, name := range []string{secretToken, previousSecretToken} {
		if secret := hook[name]; secret != "" && subtle.ConstantTimeCompare(given, []byte(secret)) == 1 {
			return nil
		}
	}
	return domain.ErrForged
}
