package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/waba/wabatest"
)

// credentials are what the file of apply holds of secrets.
type credentials struct{ app, previousApp, token, key, crm, previousCRM string }

// declaration is the file with the credentials.
func (c credentials) declaration(meta, crm string) string {
	return fmt.Sprintf(`
hooks: [{id: meta, kind: waba, app_secret: %q, previous_app_secret: %q, verify_token: %q}]
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions: [{id: acme-waba, kind: waba, tariff: estandar, paid_until: 2099-01-01, waba_dialogs: 100}]
    connections: [{id: waba-1, kind: waba, hook: meta, phone_number_id: "106540352242922", access_token: %q, base_url: %q}]
    employees: [{id: ana, name: Ana, role: administrator, api_key: %q}]
    endpoints: [{id: crm, url: %q, secret: %q, previous_secret: %q, events: ["*"]}]
`, c.app, c.previousApp, verifyToken, c.token, meta, c.key, crm+"/acme", c.crm, c.previousCRM)
}

// Every secret rotates as operations.md says: while the old one is still in use the new
// one works beside it, and afterwards the old one is worth nothing.
func TestEverySecretRotates(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, crm, meta := newWorld(t, on), newCRM(t), wabatest.NewServer(t)
			apply := func(c credentials) {
				t.Helper()
				w.kill()
				for _, args := range [][]string{{"migrate"}, {"apply", "-f", written(t, c.declaration(meta.URL, crm.url))}} {
					if _, err := w.run(args...); err != nil {
						t.Fatalf("recado %s: %v", args[0], err)
					}
				}
				w.start()
			}
			write := func(text, secret string) int {
				body := textBody("106540352242922", "34600000001", text)
				return w.postSigned("/webhooks/waba/meta", wabatest.Sign(secret, body), body)
			}
			send := func(key, text string) int {
				status, err := w.call(key, http.MethodPost, "/v1/messages", map[string]any{
					"connection_id": "waba-1", "peer_id": "34600000001", "type": "text", "text": text,
				}, nil)
				if err != nil {
					t.Fatal(err)
				}
				return status
			}
			expect := func(what string, got, want int) {
				t.Helper()
				if got != want {
					t.Errorf("%s is answered %d, want %d", what, got, want)
				}
			}
			const newApp, newToken, newKey = "another-app-secret-of-the-test", "another-token", "another-key-of-ana-in-the-test"

			apply(credentials{app: appSecret, token: "a-token", key: anaKey, crm: crmSecret})
			expect("a webhook", write("first", appSecret), http.StatusOK)
			apply(credentials{app: newApp, previousApp: appSecret, token: newToken, key: newKey, crm: newerSecret, previousCRM: crmSecret})
			expect("a webhook that Meta still signs with the old secret", write("second", appSecret), http.StatusOK)
			expect("a webhook that it signs with the new one", write("third", newApp), http.StatusOK)
			eventually(t, "the CRM, which has the old secret, takes every event", 20*time.Second, func() bool { return len(crm.texts()) == 3 })
			expect("the old API key", send(anaKey, "no"), http.StatusUnauthorized)
			expect("the new API key", send(newKey, "yes"), http.StatusAccepted)
			if sent := meta.Wait(t, 1); sent[0].Token != newToken {
				t.Errorf("Meta is called with the token %q", sent[0].Token)
			}
			apply(credentials{app: newApp, token: newToken, key: newKey, crm: crmSecret})
			expect("a webhook with the old secret, which was removed,", write("forged", appSecret), http.StatusUnauthorized)
			expect("a webhook with the new one", write("fourth", newApp), http.StatusOK)
			if crm.forged > 0 {
				t.Errorf("the CRM could not verify %d events", crm.forged)
			}

			before := w.env["RECADO_SECRET_KEY"]
			if on == "embedded" {
				key, err := os.ReadFile(filepath.Join(w.env["RECADO_DATA_DIR"], "secret.key"))
				if err != nil {
					t.Fatal(err)
				}
				before = strings.TrimSpace(string(key))
			}
			key := make([]byte, 32)
			_, _ = rand.Read(key)
			w.env["RECADO_SECRET_KEY"], w.env["RECADO_PREVIOUS_SECRET_KEY"] = base64.StdEncoding.EncodeToString(key), before
			w.kill()
			w.start()
			expect("a webhook while the secret key rotates", write("fifth", newApp), http.StatusOK)
			for _, want := range []string{": 4; RECADO_PREVIOUS_SECRET_KEY can be removed\n", ": 0; "} {
				if out, err := w.run("rekey"); err != nil || !strings.Contains(out, want) {
					t.Errorf("rekey prints %q, %v", out, err)
				}
			}
			delete(w.env, "RECADO_PREVIOUS_SECRET_KEY")
			w.kill()
			w.start()
			expect("a webhook after that", write("sixth", newApp), http.StatusOK)
			eventually(t, "the CRM has every message", 20*time.Second, func() bool { return len(crm.texts()) >= 6 })
			w.env["RECADO_SECRET_KEY"] = before
			w.refusesToStart("was sealed with another RECADO_SECRET_KEY")
		})
	}
}
