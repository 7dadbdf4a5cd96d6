package domain

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	secret24 = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	secret32 = Secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
)

func TestCheckEndpointSecret(t *testing.T) {
	tests := []struct {
		name   string
		secret Secret
		ok     bool
	}{
		{"24 bytes", secret24, true},
		{"32 bytes", secret32, true},
		{"64 bytes", Secret("whsec_" + strings.Repeat("AAAA", 21) + "AA=="), true},
		{"65 bytes", Secret("whsec_" + strings.Repeat("AAAA", 21) + "AAA="), false},
		{"empty", "", false},
		{"only the prefix", "whsec_", false},
		{"too short to be safe", "whsec_c2VjcmV0", false},
		{"without the prefix", secret24[6:], false},
		{"with the prefix of a private key", "whsk_" + secret24[6:], false},
		{"not base64", "whsec_not base64 at all, although long", false},
		{"base64 for URLs", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_", false},
		{"with a line's end", secret24 + "\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckEndpointSecret(tt.secret)
			if (err == nil) != tt.ok {
				t.Errorf("secret %q: %v, want ok %t", string(tt.secret), err, tt.ok)
			}
		})
	}
}

func TestParseEndpointSecret(t *testing.T) {
	tests := []struct {
		name string
		text string
		want Secret
		fix  string // a part of the error
	}{
		{"as the specification writes it", string(secret24), secret24, ""},
		{"with the version of the signature", "v1," + string(secret24), secret24, ""},
		{"without its prefix", string(secret24[6:]), secret24, ""},
		{"with blanks around it", "  " + string(secret32) + "\n", secret32, ""},
		{"a private key", "whsk_" + string(secret24[6:]), "", "asymmetric"},
		{"a public key", "whpk_" + string(secret24[6:]), "", "asymmetric"},
		{"too short", "whsec_c2VjcmV0", "", "24 to 64 random bytes"},
		{"a password", "correct horse battery staple", "", "whsec_ followed by the base64"},
		{"empty", "", "", "whsec_ followed by the base64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseEndpointSecret(tt.text)
			if tt.fix == "" && (err != nil || got != tt.want) {
				t.Errorf("%q is read as %q, %v", tt.text, string(got), err)
			}
			if tt.fix != "" && (err == nil || !strings.Contains(err.Error(), tt.fix)) {
				t.Errorf("%q: %v, want fix %q", tt.text, err, tt.fix)
			}
		})
	}
}

func TestNewEndpointSecret(t *testing.T) {
	if s := NewEndpointSecret([32]byte{1, 2, 3}); CheckEndpointSecret(s) != nil {
		t.Errorf("%q is no secret", string(s))
	}
}

// While a secret rotates, a CRM that knows either one can verify.
func TestASecretRotates(t *testing.T) {
	e := Endpoint{Secret: secret24}.Rotated(secret32, time.Hour, now)
	tests := []struct {
		name     string
		endpoint Endpoint
		at       time.Time
		want     []Secret
	}{
		{"never rotated", Endpoint{Secret: secret24}, now, []Secret{secret24}},
		{"at once", e, now, []Secret{secret32, secret24}},
		{"at the end of the overlap", e, now.Add(time.Hour - 1), []Secret{secret32, secret24}},
		{"afterwards", e, now.Add(time.Hour), []Secret{secret32}},
		{"the same again", e.Rotated(secret32, 2*time.Hour, now.Add(time.Minute)), now.Add(time.Hour - 1), []Secret{secret32, secret24}},
		{"the same again does not prolong it", e.Rotated(secret32, 2*time.Hour, now.Add(time.Minute)), now.Add(time.Hour), []Secret{secret32}},
		{"without an overlap", e.Rotated(secret24, 0, now), now, []Secret{secret24}},
		{"a previous secret of the file has no end", Endpoint{Secret: secret24, Previous: secret32}, now.Add(1000 * time.Hour), []Secret{secret24, secret32}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.endpoint.SigningSecrets(tt.at), cmp.Transformer("text", func(s Secret) string { return string(s) })); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
