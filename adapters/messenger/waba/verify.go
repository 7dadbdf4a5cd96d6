package waba

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"
	"net/url"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// signed is how Meta signs the bytes as they travel, with every non-ASCII character
// escaped: a body that was decoded and encoded again does not match any more.
var signed = wire.Signature{
	Header: "X-Hub-Signature-256", Prefix: "sha256=", Hash: sha256.New, Secrets: [2]string{appSecret, previousAppSecret},
}

// Verify checks the signature by the secret of the app.
func (*Connector) Verify(hook domain.Settings, header http.Header, body []byte) error {
	return signed.Verify(hook, header, body)
}

// VerifyHeader checks that there is a signature.
func (*Connector) VerifyHeader(_ domain.Settings, header http.Header) error {
	return signed.VerifyHeader(header)
}

// Handshake answers the GET by which Meta asks whether an address is ours. The
// challenge is to be the whole body of the 200; without ok the answer is 403.
func (*Connector) Handshake(hook domain.Settings, query url.Values) (challenge string, ok bool) {
	if query.Get("hub.mode") != "subscribe" {
		return "", false
	}
	given := []byte(query.Get("hub.verify_token"))
	for _, name := range []string{verifyToken, previousVerifyToken} {
		if token := hook[name]; token != "" && hmac.Equal(given, []byte(token)) {
			return query.Get("hub.challenge"), true
		}
	}
	return "", false
}
