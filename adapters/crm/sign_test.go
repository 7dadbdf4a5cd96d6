package crm

import (
	"bytes"
	"net/http"
	"strconv"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"recado/domain"
)

const newSecret = domain.Secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")

// The vector is from the tests of the official library.
func TestSignTheOfficialVector(t *testing.T) {
	e := domain.Endpoint{Secret: secret}
	got, err := sign(e, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("signature: %q, %v", got, err)
	}
}

func TestSignWhileSecretsRotate(t *testing.T) {
	tests := []struct {
		name     string
		endpoint domain.Endpoint
		known    domain.Secret // to the CRM
		want     bool
	}{
		{"the only secret", domain.Endpoint{Secret: secret}, secret, true},
		{"a secret of somebody else", domain.Endpoint{Secret: secret}, newSecret, false},
		{"rotating, the CRM knows the old one", domain.Endpoint{Secret: newSecret, Previous: secret}, secret, true},
		{"rotating, the CRM knows the new one", domain.Endpoint{Secret: newSecret, Previous: secret}, newSecret, true},
		{"rotated, the CRM knows the old one", domain.Endpoint{Secret: newSecret}, secret, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := time.Now()
			signatures, err := sign(tt.endpoint, string(hello.Event), now, hello.Body)
			if err != nil {
				t.Fatal(err)
			}
			h := http.Header{}
			h.Set("Webhook-Id", string(hello.Event))
			h.Set("Webhook-Timestamp", strconv.FormatInt(now.Unix(), 10))
			h.Set("Webhook-Signature", signatures)
			w, err := standardwebhooks.NewWebhook(string(tt.known))
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Verify(hello.Body, h); (err == nil) != tt.want {
				t.Errorf("signatures %q verify: %v, want %t", signatures, err, tt.want)
			}
			if err := w.Verify(append(hello.Body[:1:1], hello.Body...), h); err == nil {
				t.Errorf("signatures %q verify another body", signatures)
			}
		})
	}
}

// The difference is what a cache of decoded secrets would save.
func BenchmarkSign(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 1024)
	w, err := standardwebhooks.NewWebhook(string(newSecret))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("decoded each time", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := signature(newSecret, "evt_1", noon, body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decoded before", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := w.Sign("evt_1", noon, body); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A delivery to a local server, for comparison with the cost of signing.
func BenchmarkDeliver(b *testing.B) {
	d, e := home(b), serve(b, func(http.ResponseWriter, *http.Request) {})
	for b.Loop() {
		if try := deliver(b.Context(), d, e, hello); !try.OK {
			b.Fatal(try.Error)
		}
	}
}
