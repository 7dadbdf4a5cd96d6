package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"recado/adapters/messenger/waba/wabatest"
)

// credentials are what the file of apply holds of secrets.
type credentials struct {
	app, previousApp, verify, previousVerify, token, bot, previousBot, key, crm, previousCRM string
}

// declaration is the file with the credentials.
func (c credentials) declaration(meta, crm string) string {
	return fmt.Sprintf(`
hooks: [{id: meta, kind: waba, app_secret: %q, previous_app_secret: %q, verify_token: %q, previous_verify_token: %q}]
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions:
      - {id: acme-waba, kind: waba, tariff: estandar, paid_until: 2099-01-01, waba_dialogs: 100}
      - {id: acme-bots, kind: telegram_bot, tariff: estandar, paid_until: 2099-01-01}
    connections:
      - {id: waba-1, kind: waba, hook: meta, phone_number_id: "106540352242922", access_token: %[5]q, base_url: %[6]q}
      - {id: bot-1, kind: telegram_bot, token: "110201543:AAHdqT", secret_token: %[7]q, previous_secret_token: %[8]q, base_url: %[6]q}
    employees: [{id: ana, name: Ana, role: administrator, api_key: %[9]q}]
    endpoints: [{id: crm, url: %[10]q, secret: %[11]q, previous_secret: %[12]q, events: ["*"]}]
`, c.app, c.previousApp, c.verify, c.previousVerify, c.token, meta, c.bot, c.previousBot, c.key, crm+"/acme", c.crm, c.previousCRM)
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
			subscribe := func(token string) int {
				answer, err := client.Get("http://" + w.public + "/webhooks/waba/meta?hub.mode=subscribe&hub.challenge=1&hub.verify_token=" + token)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				return answer.StatusCode
			}
			botHears := func(token, id string) int {
				return w.postWith("/webhooks/telegram_bot/bot-1", tokenHeader, token, fmt.Appendf(nil,
					`{"update_id":%[1]s,"message":{"message_id":%[1]s,"date":1700000000,"chat":{"id":5,"type":"private"},"from":{"id":5,"first_name":"Luz"},"text":"to the bot %[1]s"}}`, id))
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
			const newVerify, botSecret, newBotSecret = "another-verify-token-of-the-test", "bot-secret_of-the-test", "another-bot-secret_of-the-test"

			apply(credentials{app: appSecret, verify: verifyToken, token: "a-token", bot: botSecret, key: anaKey, crm: crmSecret})
			expect("a webhook", write("first", appSecret), http.StatusOK)
			apply(credentials{
				app: newApp, previousApp: appSecret, verify: newVerify, previousVerify: verifyToken, token: newToken,
				bot: newBotSecret, previousBot: botSecret, key: newKey, crm: newerSecret, previousCRM: crmSecret,
			})
			expect("Meta's question with the old verify token", subscribe(verifyToken), http.StatusOK)
			expect("Meta's question with the new one", subscribe(newVerify), http.StatusOK)
			expect("Telegram's webhook with the old secret token", botHears(botSecret, "1"), http.StatusOK)
			expect("Telegram's webhook with the new one", botHears(newBotSecret, "2"), http.StatusOK)
			expect("a webhook that Meta still signs with the old secret", write("second", appSecret), http.StatusOK)
			expect("a webhook that it signs with the new one", write("third", newApp), http.StatusOK)
			eventually(t, "the CRM, which has the old secret, takes every event", time.Minute, func() bool { return len(crm.texts()) == 5 })
			expect("the old API key", send(anaKey, "no"), http.StatusUnauthorized)
			expect("the new API key", send(newKey, "yes"), http.StatusAccepted)
			if sent := meta.Wait(t, 1); sent[0].Token != newToken {
				t.Errorf("Meta is called with the token %q", sent[0].Token)
			}
			apply(credentials{app: newApp, verify: newVerify, token: newToken, bot: newBotSecret, key: newKey, crm: crmSecret})
			expect("Meta's question with the old verify token, which was removed,", subscribe(verifyToken), http.StatusForbidden)
			expect("Telegram's webhook with the old secret token, which was removed,", botHears(botSecret, "3"), http.StatusUnauthorized)
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
			for _, want := range []string{": 6; RECADO_PREVIOUS_SECRET_KEY can be removed\n", "nothing to seal again\n"} {
				if out, err := w.run("rekey"); err != nil || !strings.Contains(out, want) {
					t.Errorf("rekey prints %q, %v", out, err)
				}
			}
			delete(w.env, "RECADO_PREVIOUS_SECRET_KEY")
			w.kill()
			w.start()
			expect("a webhook after that", write("sixth", newApp), http.StatusOK)
			eventually(t, "the CRM has every message", time.Minute, func() bool { return len(crm.texts()) >= 8 })
			w.env["RECADO_SECRET_KEY"] = before
			w.refusesToStart("was sealed with another RECADO_SECRET_KEY")
		})
	}
}

// The passwords of the stores rotate without a moment in which neither is taken: a
// second role and a second user work beside the first ones.
func TestThePasswordsOfTheStoresRotate(t *testing.T) {
	t.Parallel()
	w, crm := newWorld(t, "postgres and redis"), newCRM(t)
	w.declare("http://127.0.0.1:1", crm.url)
	w.start()
	if got := w.post(textBody("106540352242922", "34600000001", "before")); got != http.StatusOK {
		t.Errorf("a webhook before is answered %d", got)
	}
	database, cache := parsed(t, w.env["RECADO_DATABASE_URL"]), parsed(t, w.env["RECADO_REDIS_URL"])
	const password = "a-new-password"
	role := "rotated_" + strings.TrimPrefix(database.Path, "/")
	user := url.UserPassword(role, password)
	execSQL(t, database.String(), fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE %s", role, password, database.User.Username()))
	t.Cleanup(func() { execSQL(t, database.String(), "DROP ROLE "+role) })
	users := goredis.NewClient(&goredis.Options{Addr: cache.Host})
	t.Cleanup(func() {
		if err := errors.Join(users.ACLDelUser(context.WithoutCancel(t.Context()), role).Err(), users.Close()); err != nil {
			t.Error(err)
		}
	})
	if err := users.ACLSetUser(t.Context(), role, "on", ">"+password, "~*", "&*", "+@all").Err(); err != nil {
		t.Fatal(err)
	}
	w.env["RECADO_DATABASE_URL"], w.env["RECADO_REDIS_URL"] = as(database, user), as(cache, user)
	w.stop()
	w.start()
	if got := w.post(textBody("106540352242922", "34600000001", "after")); got != http.StatusOK {
		t.Errorf("a webhook afterwards is answered %d", got)
	}
	eventually(t, "the CRM hears of both", time.Minute, func() bool { return len(crm.texts()) == 2 })
}

// as returns the address with another user.
func as(address *url.URL, user *url.Userinfo) string {
	changed := *address
	changed.User = user
	return changed.String()
}
