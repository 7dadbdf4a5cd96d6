package demo

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// A crm is a CRM as its developers would write it: it verifies the signature of
// a callback, ignores an event that it has seen, and replies to clients.
type crm struct {
	show     *screen
	verifier *standardwebhooks.Webhook
	reply    func(company string, e event)

	mu    sync.Mutex
	seen  map[string]bool   // ids of events
	names map[string]string // of peers, by the ids of their chats
}

func newCRM(show *screen) *crm {
	verifier, err := standardwebhooks.NewWebhook(crmSecret)
	if err != nil {
		panic(err) // a constant
	}
	return &crm{show: show, verifier: verifier, seen: map[string]bool{}, names: map[string]string{}}
}

// ServeHTTP receives an event.
func (c *crm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "incomplete body", http.StatusBadRequest)
		return
	}
	company := strings.Trim(r.URL.Path, "/")
	if err := c.verifier.Verify(body, r.Header); err != nil {
		c.show.line("CRM", "✗ %s: %v", company, err)
		http.Error(w, "invalid signature", http.StatusUnauthorized)
		return
	}
	var e event
	if err := json.Unmarshal(body, &e); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	repeated, events, peer := c.record(e)
	if repeated {
		c.show.line("CRM", "✓ %s: %s came a second time, recognized by its id", company, e.Type)
		return
	}
	if e.notable() {
		c.show.line("CRM", "✓ %s", words(company, e.number(), peer, e.Type, e.summary()))
	}
	if events%summaryEvery == 0 {
		c.show.line("CRM", "✓ %d callbacks so far, every signature valid", events)
	}
	if e.inbound() {
		go c.reply(company, e)
	}
}

// summaryEvery is the number of callbacks after which a line says how many there
// were: only the notable ones have lines of their own.
const summaryEvery = 25

// record notes an event. It reports whether it came before, how many events came
// so far, and who the peer of its chat is.
func (c *crm) record(e event) (repeated bool, events int, peer string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	repeated = c.seen[e.ID]
	c.seen[e.ID] = true
	if e.Data.Contact.Name != "" {
		c.names[e.Chat.ID] = e.Data.Contact.Name
	}
	return repeated, len(c.seen), cmp.Or(c.names[e.Chat.ID], e.Chat.Peer)
}
