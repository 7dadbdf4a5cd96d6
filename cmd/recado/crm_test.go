package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// A fakeCRM receives callbacks: it verifies their signatures and stores their events
// by company.
type fakeCRM struct {
	url      string
	verifier *standardwebhooks.Webhook

	mu      sync.Mutex
	events  map[string][]event // by company, in the order in which they came
	seen    map[string]bool    // ids
	count   int                // of events that it took, repeats included
	batches []int              // the number of events of each
	forged  int
	meet    func(event) int // the status to answer; nil: 200. In a batch, others than 200 are named as failed
}

// An event is the part of a callback that the CRM reads.
type event struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Company    string `json:"company_id"`
	Connection struct{ ID, Kind string }
	Chat       struct {
		ID         string `json:"id"`
		Peer       string `json:"peer_id"`
		Seq        int64  `json:"seq"`
		Unanswered int64  `json:"unanswered"`
	}
	Data struct {
		Message struct {
			ID         string `json:"id"`
			ProviderID string `json:"provider_id"`
			Type       string `json:"type"`
			Text       string `json:"text"`
			Direction  string `json:"direction"`
		}
		Media struct {
			ID         string `json:"id"`
			ProviderID string `json:"provider_id"`
		}
		MessageID string `json:"message_id"`
		Status    string `json:"status"`
		Failure   struct{ Code, Text, Hint string }
		Cause     struct{ Code string } // of connection.status
		Level     any                   // of limit.dialogs and waba.balance
		Limit     int64
		Available int64
	}
}

func newCRM(t *testing.T) *fakeCRM {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(crmSecret)
	if err != nil {
		t.Fatal(err)
	}
	c := &fakeCRM{verifier: verifier, events: map[string][]event{}, seen: map[string]bool{}}
	server := httptest.NewServer(http.HandlerFunc(c.hear))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	c.url = server.URL
	return c
}

func (c *fakeCRM) hear(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the program was killed
	}
	events, batch := eventsOf(body)
	named := strings.HasPrefix(r.Header.Get("webhook-id"), "batch_")
	if !batch {
		named = len(events) == 1 && r.Header.Get("webhook-id") == events[0].ID
	}
	if c.verifier.Verify(body, r.Header) != nil || !named {
		c.mu.Lock()
		c.forged++
		c.mu.Unlock()
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	statuses := c.meetAll(events)
	if !batch {
		w.WriteHeader(statuses[0])
	}
	company := strings.Trim(r.URL.Path, "/")
	c.mu.Lock()
	defer c.mu.Unlock()
	answer := struct {
		Failed []string `json:"failed"`
	}{[]string{}}
	held := map[string]bool{} // chats with an event that failed
	for i, e := range events {
		if held[e.Chat.ID] = held[e.Chat.ID] || statuses[i] != http.StatusOK; held[e.Chat.ID] {
			answer.Failed = append(answer.Failed, e.ID)
			continue
		}
		c.count++
		if !c.seen[e.ID] {
			c.seen[e.ID] = true
			c.events[company] = append(c.events[company], e)
		}
	}
	if batch {
		c.batches = append(c.batches, len(events))
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// eventsOf returns the events of a callback, and whether it is a batch.
func eventsOf(body []byte) (events []event, batch bool) {
	var b struct{ Events []event }
	if json.Unmarshal(body, &b) == nil && b.Events != nil {
		return b.Events, true
	}
	var e event
	if json.Unmarshal(body, &e) != nil {
		return nil, false
	}
	return []event{e}, false
}

// meetAll returns the status of each event.
func (c *fakeCRM) meetAll(events []event) []int {
	c.mu.Lock()
	meet := c.meet
	c.mu.Unlock()
	statuses := slices.Repeat([]int{http.StatusOK}, len(events))
	for i, e := range events {
		if meet != nil {
			statuses[i] = meet(e)
		}
	}
	return statuses
}

// onEvent sets a function that is called before an event is stored and returns the
// status of the answer.
func (c *fakeCRM) onEvent(meet func(event) int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.meet = meet
}

// heard returns the events of a company from the n-th on, without repeats, in the
// order of their first arrivals.
func (c *fakeCRM) heard(company string, n int) []event {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]event(nil), c.events[company][n:]...)
}
