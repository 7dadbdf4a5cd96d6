package main

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/waba/wabatest"
	"recado/domain"
)

var long = flag.Bool("long", false, "the long form of some tests, which takes minutes")

// crowd is how many messages one webhook holds; 33,000 fill the 4 MiB that it may have.
func crowd() int {
	if *long {
		return 33_000
	}
	return 8_000
}

// While the embedded store applies one webhook with thousands of messages, the process
// stays alive in the eyes of the store, and other hooks are served.
func TestACrowdInOneWebhookHoldsUpNobodyElse(t *testing.T) {
	crm := newCRM(t)
	w := newWorld(t, "embedded")
	w.declare("http://127.0.0.1:1", crm.url)
	other := "other-0" // a hook of another lane
	for i := 1; domain.InboxLane(domain.HookID(other)) == domain.InboxLane("meta"); i++ {
		other = fmt.Sprint("other-", i)
	}
	file := filepath.Join(t.TempDir(), "other.yaml")
	text := fmt.Sprintf(`
hooks:
  - {id: %s, kind: waba, app_secret: %q, verify_token: %q}
companies:
  - id: zeta
    name: Zeta
    time_zone: Europe/Madrid
    subscriptions: [{id: zeta-waba, kind: waba, tariff: inicial, paid_until: 2099-01-01, outgoing_dialog_limit: 2, waba_dialogs: 50}]
    connections: [{id: waba-9, kind: waba, hook: %s, phone_number_id: "900", access_token: a-token-of-zeta}]
`, other, appSecret, verifyToken, other)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.run("apply", "-f", file); err != nil {
		t.Fatal(err)
	}
	w.start()
	var texts []string
	for i := range crowd() {
		texts = append(texts, fmt.Sprint("m", i))
	}
	if status := w.post(textBody("106540352242922", "79990000001", texts...)); status != http.StatusOK {
		t.Fatalf("answered %d", status)
	}
	var slowest time.Duration
	for i, busy := 0, true; busy || i < 3; i++ {
		began := time.Now()
		body := textBody("900", "79990000002", fmt.Sprint("other", i))
		if status := w.postSigned("/webhooks/waba/"+other, wabatest.Sign(appSecret, body), body); status != http.StatusOK {
			t.Fatalf("the other hook is answered %d", status)
		}
		eventually(t, "the CRM hears of the other hook", 20*time.Second, func() bool { return len(crm.heard("zeta", i)) > 0 })
		slowest = max(slowest, time.Since(began))
		busy = len(pages[struct{ ID string }](w, anaKey, "/v1/chats?")) == 0 || w.inbound(anaKey) < crowd()
	}
	t.Logf("the slowest message of the other hook took %v", slowest)
	if slowest > 3*time.Second {
		t.Errorf("a message of the other hook took %v", slowest)
	}
	log, err := os.ReadFile(w.log.Name())
	if err != nil {
		t.Fatal(err)
	}
	for _, sign := range []string{"declared dead", "sending a heartbeat failed"} {
		if strings.Contains(string(log), sign) {
			t.Errorf("the log says %q", sign)
		}
	}
}

// inbound returns how many messages came in the first chat.
func (w *world) inbound(key string) int {
	w.t.Helper()
	chats := pages[struct {
		Inbound int `json:"inbound_seq"`
	}](w, key, "/v1/chats?")
	return chats[0].Inbound
}
