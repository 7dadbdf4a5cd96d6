package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/adapters/messenger/waba/wabatest"
)

const (
	botSecret    = "a-secret-of-the-bot"
	sentinelPeer = "34699999999"
)

// An installation is the company acme with a number and a bot, as the cases
// want it.
type installation struct {
	*world
	messenger *fakeMessenger
	crm       *recorder
}

func newInstallation(t *testing.T, on string) *installation {
	t.Helper()
	i := &installation{world: newWorld(t, on), messenger: newFakeMessenger(t), crm: newRecorder(t)}
	file := filepath.Join(t.TempDir(), "recado.yaml")
	text := fmt.Sprintf(`
hooks:
  - {id: acme-meta, kind: waba, app_secret: %q, verify_token: %q}
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions:
      - {id: acme-waba, kind: waba, tariff: estandar, paid_until: 2099-01-01, waba_dialogs: 100}
      - {id: acme-telegram-bot, kind: telegram_bot, tariff: estandar, paid_until: 2099-01-01}
    connections:
      - {id: waba-1, kind: waba, hook: acme-meta, phone_number_id: "106540352242922", access_token: a-token, history: true, base_url: %q}
      - {id: bot-1, kind: telegram_bot, token: "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", secret_token: %q, base_url: %q}
    employees: [{id: ana, name: Ana Administradora, role: administrator, api_key: %q}]
    endpoints: [{id: crm, url: %q, secret: %q, events: ["*"]}]
`, appSecret, verifyToken, i.messenger.url, botSecret, i.messenger.url, anaKey, i.crm.url, crmSecret)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"migrate"}, {"apply", "-f", file}} {
		if _, err := i.run(args...); err != nil {
			t.Fatalf("recado %s: %v", args[0], err)
		}
	}
	i.start()
	return i
}

// step plays a step and waits for what became of it.
func (i *installation) step(s step) {
	i.t.Helper()
	switch {
	case s.WABA != nil:
		i.webhook("/webhooks/waba/acme-meta", wabatest.SignatureHeader, wabatest.Sign(appSecret, s.WABA), s.WABA)
	case s.Bot != nil:
		i.webhook("/webhooks/telegram_bot/bot-1", tokenHeader, botSecret, s.Bot)
	case s.Send != nil:
		if s.Answer != nil {
			i.messenger.answer(s.Answer.Status, s.Answer.Body)
		}
		id, _ := i.view(http.MethodPost, "/v1/messages", s.Send)["id"].(string)
		eventually(i.t, "the message leaves", 20*time.Second, func() bool {
			return i.view(http.MethodGet, "/v1/messages/"+id, nil)["status"] != "queued"
		})
	case s.Block != "":
		for _, c := range pages[map[string]any](i.world, anaKey, "/v1/chats?limit=200") {
			if id, _ := c["id"].(string); c["peer_id"] == s.Block {
				i.view(http.MethodPost, "/v1/chats/"+id+"/block", nil)
				return
			}
		}
		i.t.Fatalf("there is no chat with %s to block", s.Block)
	default:
		i.t.Fatalf("a step that is none: %+v", s)
	}
}

// webhook posts an update and waits until it was applied, or ignored.
func (i *installation) webhook(path, header, proof string, body []byte) {
	i.t.Helper()
	before := total(i.outcomes())
	if status := i.postWith(path, header, proof, body); status != http.StatusOK {
		i.t.Fatalf("the webhook is answered %d", status)
	}
	eventually(i.t, "the update is applied", 20*time.Second, func() bool { return total(i.outcomes()) > before })
}

// sentinel lets a stranger write, and waits until the CRM hears it: what the
// case did before was told by then, or waits for its check.
func (i *installation) sentinel() {
	i.t.Helper()
	i.step(step{WABA: textBody("106540352242922", sentinelPeer, "end")})
	eventually(i.t, "the CRM hears the end", 20*time.Second, func() bool { return i.crm.heard(sentinelPeer) })
}

var updates = regexp.MustCompile(`^recado_updates_total\{kind="(\w+)",outcome="(\w+)"\} (\d+)\n$`)

// outcomes counts what became of updates.
func (i *installation) outcomes() map[string]int {
	counts := map[string]int{}
	for line := range strings.Lines(i.metrics()) {
		if !strings.HasPrefix(line, "recado_updates_total{") {
			continue
		}
		if found := updates.FindStringSubmatch(line); found != nil {
			counts[found[1]+"/"+found[2]], _ = strconv.Atoi(found[3])
		}
	}
	return counts
}

func total(counts map[string]int) int {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum
}

// parked ends the program and lists what was put aside.
func (i *installation) parked() []string {
	i.kill()
	out, err := i.run("parked", "list")
	if err != nil {
		i.t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(out) {
		if strings.Contains(strings.Fields(line + " -")[0], ":") {
			lines = append(lines, line)
		}
	}
	return lines
}

// A fakeMessenger plays Meta and Telegram: it answers as the case says, else
// takes what comes.
type fakeMessenger struct {
	url string

	mu      sync.Mutex
	answers []messengerAnswer
	sent    []map[string]any
}

type messengerAnswer struct {
	status int
	body   []byte
}

func newFakeMessenger(t *testing.T) *fakeMessenger {
	f := &fakeMessenger{}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	f.url = server.URL
	return f
}

func (f *fakeMessenger) answer(status int, body []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers = append(f.answers, messengerAnswer{status, body})
}

func (f *fakeMessenger) sentBodies() []map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]map[string]any(nil), f.sent...)
}

// ServeHTTP takes a message, or another call of a messenger's API.
func (f *fakeMessenger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body) // a GET has none
	method := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	w.Header().Set("Content-Type", "application/json")
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Method != http.MethodPost || body["status"] == "read" || method != "messages" && !strings.HasPrefix(method, "send") {
		_, _ = io.WriteString(w, `{"ok":true,"result":true,"success":true,"id":"4711"}`)
		return
	}
	f.sent = append(f.sent, body)
	if len(f.answers) == 0 {
		w.WriteHeader(http.StatusInternalServerError) // the case did not foresee it
		return
	}
	a := f.answers[0]
	f.answers = f.answers[1:]
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// A recorder is a CRM that takes whatever it is told.
type recorder struct {
	url string

	mu     sync.Mutex
	bodies []string
}

func newRecorder(t *testing.T) *recorder {
	r := &recorder{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
		body, _ := io.ReadAll(request.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies = append(r.bodies, string(body))
	}))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	r.url = server.URL
	return r
}

// text is all that was told but of the sentinel.
func (r *recorder) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, body := range r.bodies {
		if !strings.Contains(body, sentinelPeer) {
			b.WriteString(body)
		}
	}
	return b.String()
}

func (r *recorder) heard(word string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, body := range r.bodies {
		if strings.Contains(body, word) {
			return true
		}
	}
	return false
}
