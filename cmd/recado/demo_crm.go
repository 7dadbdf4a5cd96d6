package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"recado/domain"
)

// A demoStage is a place for a handler that is made later.
type demoStage struct{ handler atomic.Pointer[http.Handler] }

func (s *demoStage) play(h http.Handler) { s.handler.Store(&h) }

// ServeHTTP answers 503 until there is somebody to play.
func (s *demoStage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := s.handler.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

// A demoCRM is a CRM as its developers would write it: it verifies the
// signature, knows an event that comes again by its id, and answers clients.
type demoCRM struct {
	show     *demoScreen
	verifier *standardwebhooks.Webhook
	answer   func(company string, e demoEvent)

	mu    sync.Mutex
	seen  map[string]bool   // events by their ids
	names map[string]string // peers by their chats
}

// A demoEvent is what the CRM reads of an event.
type demoEvent struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Connection struct {
		ID string `json:"id"`
	} `json:"connection"`
	Chat struct {
		ID         string `json:"id"`
		Peer       string `json:"peer_id"`
		Seq        int64  `json:"seq"`
		Unanswered int64  `json:"unanswered"`
	} `json:"chat"`
	Data struct {
		Message struct {
			Direction string `json:"direction"`
			Text      string `json:"text"`
		} `json:"message"`
		Contact struct {
			Name string `json:"name"`
		} `json:"contact"`
		Status  string               `json:"status"`
		Failure domain.PublicFailure `json:"failure"`
		Used    int64                `json:"used"`
		Limit   int64                `json:"limit"`
		Level   any                  `json:"level"` // of limit.dialogs a number, of waba.balance a word
		Left    int64                `json:"available"`
		Cause   domain.Cause         `json:"cause"`
	} `json:"data"`
}

func newDemoCRM(show *demoScreen) *demoCRM {
	verifier, err := standardwebhooks.NewWebhook(demoCRMSecret)
	if err != nil {
		panic(err) // a constant
	}
	return &demoCRM{show: show, verifier: verifier, seen: map[string]bool{}, names: map[string]string{}}
}

// ServeHTTP takes an event.
func (c *demoCRM) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "not whole", http.StatusBadRequest)
		return
	}
	company := strings.Trim(r.URL.Path, "/")
	if err := c.verifier.Verify(body, r.Header); err != nil {
		c.show.line("CRM", "✗ %s: %v", company, err)
		http.Error(w, "not signed", http.StatusUnauthorized)
		return
	}
	var e demoEvent
	if err := json.Unmarshal(body, &e); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	again := c.seen[e.ID]
	c.seen[e.ID] = true
	verified := len(c.seen)
	if e.Data.Contact.Name != "" {
		c.names[e.Chat.ID] = e.Data.Contact.Name
	}
	who := c.names[e.Chat.ID]
	c.mu.Unlock()
	if who == "" {
		who = e.Chat.Peer
	}
	switch {
	case again:
		c.show.line("CRM", "✓ %s hears %s a second time and knows it by its id", company, e.Type)
		return
	case e.loud():
		number := ""
		if e.Chat.Seq > 0 {
			number = fmt.Sprint("#", e.Chat.Seq)
		}
		c.show.line("CRM", "✓ %s", strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s %s", company, number, who, e.Type, e.say())), " "))
	}
	if verified%callbacksALine == 0 {
		c.show.line("CRM", "✓ %d callbacks so far, every signature holds", verified)
	}
	if e.Type == "message.created" && e.Data.Message.Direction == "inbound" {
		go c.answer(company, e)
	}
}

// callbacksALine is how many callbacks are summed up in a line: what follows
// from another is not shown by itself.
const callbacksALine = 25

// loud reports whether an event gets a line of its own.
func (e demoEvent) loud() bool {
	switch e.Type {
	case "message.created":
		return e.Data.Message.Direction == "inbound"
	case "message.status":
		return e.Data.Status == "read"
	case "chat.unanswered":
		return false
	}
	return true
}

// say tells the data of an event in a few words.
func (e demoEvent) say() string {
	switch e.Type {
	case "message.created":
		return fmt.Sprintf("(%s, %d unanswered)", e.Data.Message.Direction, e.Chat.Unanswered)
	case "message.status":
		return e.Data.Status
	case "message.failed":
		f := e.Data.Failure
		return strings.TrimSpace(fmt.Sprintf("«%s» — %s %s: %s. %s", f.Text, f.Cause.Source, f.Cause.Code, f.Cause.Title, f.Hint))
	case "chat.unanswered":
		return fmt.Sprintf("now %d", e.Chat.Unanswered)
	case "limit.dialogs":
		return fmt.Sprintf("%d of %d outgoing dialogs (%v %%)", e.Data.Used, e.Data.Limit, e.Data.Level)
	case "waba.balance":
		return fmt.Sprintf("%v: %d paid WABA dialogs left", e.Data.Level, e.Data.Left)
	case "connection.status":
		return strings.TrimSpace(fmt.Sprintf("%s is %s %s", e.Connection.ID, e.Data.Status, e.Data.Cause.Title))
	}
	return ""
}
