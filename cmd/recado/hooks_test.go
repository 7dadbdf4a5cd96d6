package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A botAPI is Telegram as far as webhooks are concerned.
type botAPI struct {
	mu     sync.Mutex
	url    string
	secret string
	kinds  []string
}

// ServeHTTP takes setWebhook and answers getWebhookInfo.
func (b *botAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var result any = true
	switch {
	case strings.Contains(r.URL.Path, "revoked"):
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"ok":false,"error_code":401,"description":"Unauthorized"}`)
		return
	case strings.HasSuffix(r.URL.Path, "/setWebhook"):
		var asked struct {
			URL    string
			Secret string   `json:"secret_token"`
			Kinds  []string `json:"allowed_updates"`
		}
		_ = json.NewDecoder(r.Body).Decode(&asked)
		b.url, b.secret, b.kinds = asked.URL, asked.Secret, asked.Kinds
	default:
		result = map[string]any{
			"url": b.url, "pending_update_count": 3, "allowed_updates": b.kinds[:min(len(b.kinds), 2)],
			"last_error_date": 1767348000, "last_error_message": "Connection timed out",
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": result})
}

// `recado hooks` shows where webhooks go, and sets it to the public URL.
func TestHooks(t *testing.T) {
	t.Parallel()
	telegram := &botAPI{}
	api := httptest.NewServer(telegram)
	defer api.Close()
	w := newWorld(t, "embedded")
	const bots = `
hooks:
  - {id: meta, kind: waba, app_secret: %[1]q, verify_token: v}
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions:
      - {id: acme-bots, kind: telegram_bot, tariff: estandar, paid_until: 2099-01-01}
      - {id: acme-waba, kind: waba, tariff: estandar, paid_until: 2099-01-01, waba_dialogs: 1}
    connections:
      - {id: bot-1, kind: telegram_bot, token: "1:a", secret_token: %[1]q, base_url: %[2]q}
      - {id: bot-2, kind: telegram_bot, token: "2:revoked", secret_token: %[1]q, base_url: %[2]q}
      - {id: waba-1, kind: waba, hook: meta, phone_number_id: "106540352242922", access_token: a-token}
`
	for _, args := range [][]string{{"migrate"}, {"apply", "-f", written(t, fmt.Sprintf(bots, botSecret, api.URL))}} {
		if _, err := w.run(args...); err != nil {
			t.Fatalf("recado %s: %v", args[0], err)
		}
	}
	const failing = "; 3 waiting; last error 2026-01-02T10:00:00Z: Connection timed out"
	const recado = "https://recado.example/webhooks/telegram_bot/bot-1"
	steps := []struct {
		name   string
		public string
		args   []string
		want   string
		fails  string // what the error says; empty: nothing
	}{
		{"nothing is set", "", []string{"bot-1"}, "bot-1: no webhook is set" + failing, ""},
		{"without a public URL nothing can be set", "", []string{"--set", "bot-1"}, "", "RECADO_PUBLIC_URL is not set: it says where the messengers reach this installation"},
		{"it is set", "https://recado.example", []string{"--set", "bot-1"}, "bot-1: " + recado + failing + "; edited_message message", ""},
		{"all that can be asked; one fails, and the other is shown", "", nil, "bot-1: " + recado + failing + "; edited_message message", "connection bot-2: getWebhookInfo: Unauthorized"},
		{"the public URL is another", "https://moved.example", []string{"bot-1"}, "bot-1: " + recado + "; not https://moved.example/webhooks/telegram_bot/bot-1" + failing + "; edited_message message", ""},
		{"a messenger that is not asked", "", []string{"waba-1"}, "", "connection waba-1: the webhooks of waba are set in the messenger's own pages"},
		{"no such connection", "", []string{"bot-9"}, "", "connection bot-9: there is no such connection"},
	}
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			w.env["RECADO_PUBLIC_URL"] = step.public
			out, err := w.run(append([]string{"hooks"}, step.args...)...)
			if diff := cmp.Diff(step.want, strings.TrimSpace(out)); diff != "" {
				t.Errorf("it shows (-want +got):\n%s", diff)
			}
			if said := fmt.Sprint(err); (err != nil || step.fails != "") && said != step.fails {
				t.Errorf("the error is %q, want %q", said, step.fails)
			}
		})
	}
	if telegram.secret != botSecret {
		t.Errorf("the secret of the webhook is %q", telegram.secret)
	}
}
