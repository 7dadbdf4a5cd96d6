package wire

import (
	"crypto/hmac"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"

	"recado/domain"
)

// A Signature is how a messenger signs its webhooks: by an HMAC of the body, in hex, in
// a header. The secret is one of two settings of the hook, so that it can be rotated.
type Signature struct {
	Header  string // its name
	Prefix  string // before the hex digits
	Hash    func() hash.Hash
	Secrets [2]string // the names of the settings: the current one and the previous one
}

// Verify reports domain.ErrForged unless a secret of the hook signed the body. A setting
// that is empty signs nothing.
func (s Signature) Verify(hook domain.Settings, header http.Header, body []byte) error {
	given, err := s.given(header)
	if err != nil {
		return err
	}
	for _, name := range s.Secrets {
		if secret := hook[name]; secret != "" && hmac.Equal(given, s.sign(secret, body)) {
			return nil
		}
	}
	return domain.ErrForged
}

// VerifyHeader reports domain.ErrForged unless the header has a signature.
func (s Signature) VerifyHeader(header http.Header) error {
	_, err := s.given(header)
	return err
}

func (s Signature) given(header http.Header) ([]byte, error) {
	text, found := strings.CutPrefix(header.Get(s.Header), s.Prefix)
	if !found || len(text) != hex.EncodedLen(s.Hash().Size()) {
		return nil, domain.ErrForged
	}
	given, err := hex.DecodeString(text)
	if err != nil {
		return nil, domain.ErrForged
	}
	return given, nil
}

func (s Signature) sign(secret domain.Secret, body []byte) []byte {
	mac := hmac.New(s.Hash, []byte(secret))
	mac.Write(body)
	return mac.Sum(nil)
}
