package waba_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/waba"
	"recado/adapters/messenger/waba/wabatest"
	"recado/domain"
)

// Meta signs what travels: every non-ASCII character escaped, in lower case.
func TestVerifySignsTheEscapedForm(t *testing.T) {
	const escaped = `Let's pretend this body is equal to the message object and can handle unicode characters like \u307f\u3069\u308a\u3044\u308d and J'ai mang\u00e9 des p\u00e2tes`
	hook := domain.Settings{"app_secret": "YOUR_APP_SECRET"}
	header := http.Header{"X-Hub-Signature-256": {"sha256=0363007aabdf1ab579f35936651a460fb5fa1aaf40df98b1264446b72cc96688"}}
	tests := []struct {
		name string
		body string
		want error
	}{
		{"as it travelled", escaped, nil},
		{"decoded", strings.NewReplacer(`\u307f\u3069\u308a\u3044\u308d`, "みどりいろ", `\u00e9`, "é", `\u00e2`, "â").Replace(escaped), domain.ErrForged},
		{"escaped in upper case", strings.NewReplacer("7f", "7F", "8a", "8A", "8d", "8D", "e9", "E9", "e2", "E2").Replace(escaped), domain.ErrForged},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := waba.New(http.DefaultClient, nil).Verify(hook, header, []byte(test.body)); !errors.Is(err, test.want) {
				t.Errorf("Verify = %v, want %v", err, test.want)
			}
		})
	}
}

func TestHandshake(t *testing.T) {
	const challenge = "hub.challenge=1158201444"
	tests := []struct {
		name  string
		hook  domain.Settings
		query string
		want  string
		ok    bool
	}{
		{"the token", hook, "hub.mode=subscribe&hub.verify_token=verify+token&" + challenge, "1158201444", true},
		{"the previous token", hook, "hub.mode=subscribe&hub.verify_token=former+verify+token&" + challenge, "1158201444", true},
		{"another token", hook, "hub.mode=subscribe&hub.verify_token=guess&" + challenge, "", false},
		{"a part of the token", hook, "hub.mode=subscribe&hub.verify_token=verify&" + challenge, "", false},
		{"no token", hook, "hub.mode=subscribe&" + challenge, "", false},
		{"no token, and none is set", domain.Settings{}, "hub.mode=subscribe&hub.verify_token=&" + challenge, "", false},
		{"another mode", hook, "hub.mode=unsubscribe&hub.verify_token=verify+token&" + challenge, "", false},
		{"nothing", hook, "", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			query, err := url.ParseQuery(test.query)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := waba.New(http.DefaultClient, nil).Handshake(test.hook, query)
			if got != test.want || ok != test.ok {
				t.Errorf("Handshake = %q, %t, want %q, %t", got, ok, test.want, test.ok)
			}
		})
	}
}

func FuzzVerify(f *testing.F) {
	for _, body := range connectortest.Payloads(f) {
		f.Add(body, wabatest.Sign("app secret", body))
		f.Add(body, "sha256=")
	}
	c := waba.New(http.DefaultClient, nil)
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		err := c.Verify(hook, http.Header{wabatest.SignatureHeader: {signature}}, body)
		genuine := strings.EqualFold(signature, wabatest.Sign("app secret", body)) ||
			strings.EqualFold(signature, wabatest.Sign("former app secret", body))
		if err == nil && !genuine {
			t.Errorf("Verify took %q", signature)
		}
		if err != nil && !errors.Is(err, domain.ErrForged) {
			t.Errorf("Verify = %v, want %v", err, domain.ErrForged)
		}
	})
}
