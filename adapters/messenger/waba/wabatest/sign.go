package wabatest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// SignatureHeader is where Meta puts its signature.
const SignatureHeader = "X-Hub-Signature-256"

// Sign returns the signature of a webhook, as it stands in SignatureHeader.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
