package storetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"recado/domain"
)

// A lab is a store that knows two companies and nothing else, with short words
// for what tests do with it. A method that finds an error ends the test.
type lab struct {
	*testing.T
	store domain.Store
}

func newLab(t *testing.T, open func(*testing.T) domain.Store) lab {
	t.Helper()
	l := lab{t, open(t)}
	l.declare(everything())
	return l
}

func (t lab) declare(r domain.Registry) []string {
	t.Helper()
	lines, err := t.store.Declare(t.Context(), r, false)
	t.must(err)
	return lines
}

func (t lab) must(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// apply applies the updates as one batch.
func (t lab) apply(updates ...domain.Update) []domain.Result {
	t.Helper()
	receipt, err := t.store.Apply(t.Context(), domain.Batch{Updates: updates})
	t.must(err)
	if len(receipt.Results) != len(updates) {
		t.Fatalf("%d results for %d updates", len(receipt.Results), len(updates))
	}
	return receipt.Results
}

// applyEach applies updates, each by itself, and returns the last result.
func (t lab) applyEach(updates ...domain.Update) (last domain.Result) {
	t.Helper()
	for _, u := range updates {
		last = t.apply(u)[0]
	}
	return last
}

// gives applies one update and checks its outcome.
func (t lab) gives(want domain.Outcome, u domain.Update) domain.Result {
	t.Helper()
	r := t.applyEach(u)
	if r.Err != nil || r.Outcome != want {
		t.Fatalf("%T gave %q, %v; want %q", u.Fact, r.Outcome, r.Err, want)
	}
	return r
}

// refuses applies one command and checks its refusal.
func (t lab) refuses(want domain.Refusal, u domain.Update) {
	t.Helper()
	if r := t.applyEach(u); !errors.Is(r.Err, want) {
		t.Errorf("%+v gave %q, %v; want %v", u.Fact, r.Outcome, r.Err, want)
	}
}

// message reads a message of acme.
func (t lab) message(id domain.MessageID) domain.Message {
	t.Helper()
	m, err := t.store.Message(t.Context(), acme, id)
	t.must(err)
	return m
}

// messages reads the messages of a chat of acme, newest first.
func (t lab) messages(c domain.ChatID) []domain.Message {
	t.Helper()
	list, err := t.store.Messages(t.Context(), acme, domain.MessageQuery{Chat: c, Limit: 10000})
	t.must(err)
	return list
}

// texts reads the texts of a chat of acme, newest first.
func (t lab) texts(c domain.ChatID) (texts []string) {
	t.Helper()
	for _, m := range t.messages(c) {
		texts = append(texts, m.Text)
	}
	return texts
}

// chats reads the chat list of acme.
func (t lab) chats() []domain.Chat {
	t.Helper()
	list, err := t.store.Chats(t.Context(), acme, domain.ChatQuery{Limit: 10000})
	t.must(err)
	return list
}

// chat reads the only chat of acme with a peer.
func (t lab) chat(p domain.PeerID) domain.Chat {
	t.Helper()
	var found []domain.Chat
	for _, c := range t.chats() {
		if c.Peer == p {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d chats with %s, want one: %v", len(found), p, found)
	}
	return found[0]
}

// checkStored checks that a result is what is stored.
func (t lab) checkStored(r domain.Result) {
	t.Helper()
	if r.Chat.ID != "" {
		c, err := t.store.Chat(t.Context(), acme, r.Chat.ID)
		t.must(err)
		t.same("chat", c, r.Chat)
	}
	if r.Message.ID != "" {
		if r.Message.Status != domain.Queued || r.Message.Taken() {
			r.Message.Attempts, r.Message.Class = 0, 0 // no way out any more
		}
		t.same("message", t.message(r.Message.ID), r.Message)
	}
}

// same compares what is stored with what was meant. A store keeps milliseconds.
func (t lab) same(what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(time.Millisecond)); diff != "" {
		t.Errorf("%s: want (-), got (+)\n%s", what, diff)
	}
}

// A hearing is an event as a CRM hears it.
type hearing struct {
	Type    domain.EventType `json:"type"`
	Company domain.CompanyID `json:"company_id"`
	Chat    struct {
		ID         domain.ChatID `json:"id"`
		Seq        int64         `json:"seq"`
		Unanswered int64         `json:"unanswered"`
	} `json:"chat"`
	Data map[string]any `json:"data"`
}

// heard claims all that is due to an endpoint.
func (t lab) heard(e domain.EndpointID) []hearing {
	t.Helper()
	var list []hearing
	for _, d := range t.claim(e, 100000) {
		var h hearing
		t.must(json.Unmarshal(d.Body, &h))
		if h.Type != d.Type || h.Chat.ID != d.Chat {
			t.Errorf("delivery of %s in chat %q holds %s", d.Type, d.Chat, d.Body)
		}
		list = append(list, h)
	}
	return list
}

func (t lab) claim(e domain.EndpointID, limit int, busy ...domain.ChatID) []domain.Delivery {
	t.Helper()
	list, err := t.store.DueDeliveries(t.Context(), e, busy, limit)
	t.must(err)
	return list
}

// types reads the types of events that are due to an endpoint.
func (t lab) types(e domain.EndpointID) (types []domain.EventType) {
	t.Helper()
	for _, h := range t.heard(e) {
		types = append(types, h.Type)
	}
	return types
}

// insides gives the insides of the store, or skips the test.
func (t lab) insides() Insides {
	t.Helper()
	i, ok := t.store.(Insides)
	if !ok {
		t.Skipf("%T shows nothing of its insides", t.store)
	}
	return i
}

// pass lets time pass.
func (t lab) pass(d time.Duration) {
	t.Helper()
	t.must(t.insides().Forward(t.Context(), d))
}

// stored counts how often a text is stored.
func (t lab) stored(text string) int {
	t.Helper()
	all, err := t.insides().Dump(t.Context())
	t.must(err)
	return bytes.Count(all, []byte(text))
}

// together runs do n times at the same moment and waits for all.
func together(n int, do func(i int)) {
	start := make(chan struct{})
	var ready, done sync.WaitGroup
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			do(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}
