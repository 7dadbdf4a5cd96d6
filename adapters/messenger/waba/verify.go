package waba

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"recado/domain"
)

// Verify checks the HMAC-SHA256 by which Meta signs the body with the app's
// secret. Meta signs the bytes as they travel, with every non-ASCII character
// escaped: a body that was decoded and encoded again does not match any more.
func (*Connector) Verify(hook domain.Settings, header http.Header, body []byte) error {
	given, err := signature(header)
	if err != nil {
		return err
	}
	for _, name := range []string{appSecret, previousAppSecret} {
		if secret := hook[name]; secret != "" && hmac.Equal(given, sign(secret, body)) {
			return nil
		}
	}
	return domain.ErrForged
}

// VerifyHeader checks that there is a signature.
func (*Connector) VerifyHeader(_ domain.Settings, header http.Header) error {
	_, err := signature(header)
	return err
}

// signature returns the bytes of the signature in a header.
func signature(header http.Header) ([]byte, error) {
	text, ok := strings.CutPrefix(header.Get("X-Hub-Signature-256"), "sha256=")
	if !ok || len(text) != hex.EncodedLen(sha256.Size) {
		return nil, domain.ErrForged
	}
	given, err := hex.DecodeString(text)
	if err != nil {
		return nil, domain.ErrForged
	}
	return given, nil
}

func sign(secret domain.Secret, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
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
