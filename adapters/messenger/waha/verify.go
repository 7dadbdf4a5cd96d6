package waha

import (
	"crypto/sha512"
	"net/http"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// signed is how WAHA signs a body. It does not sign the time that it sends along.
var signed = wire.Signature{Header: "X-Webhook-Hmac", Hash: sha512.New, Secrets: [2]string{hmacKey, previousHMACKey}}

// Verify checks the signature by the key of the session's webhook.
func (*Connector) Verify(hook domain.Settings, header http.Header, body []byte) error {
	return signed.Verify(hook, header, body)
}

// VerifyHeader checks that there is a signature.
func (*Connector) VerifyHeader(_ domain.Settings, header http.Header) error {
	return signed.VerifyHeader(header)
}
