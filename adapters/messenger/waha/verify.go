package waha

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"net/http"

	"recado/domain"
)

// signatureHeader is where WAHA puts the signature of the body.
const signatureHeader = "X-Webhook-Hmac"

// Verify checks the HMAC-SHA512 by which WAHA signs the body. WAHA does not sign the
// time that it sends along.
func (*Connector) Verify(hook domain.Settings, header http.Header, body []byte) error {
	given, err := signature(header)
	if err != nil {
		return err
	}
	for _, name := range []string{hmacKey, previousHMACKey} {
		if key := hook[name]; key != "" && hmac.Equal(given, sign(key, body)) {
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
	given, err := hex.DecodeString(header.Get(signatureHeader))
	if err != nil || len(given) != sha512.Size {
		return nil, domain.ErrForged
	}
	return given, nil
}

func sign(key domain.Secret, body []byte) []byte {
	mac := hmac.New(sha512.New, []byte(key))
	mac.Write(body)
	return mac.Sum(nil)
}
