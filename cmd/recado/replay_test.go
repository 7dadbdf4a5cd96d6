package main

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// A replay is what the API shows of one.
type replayView struct {
	ID        string `json:"replay_id"`
	State     string
	Count     int
	Delivered int
	Failed    int
}

// A replay sends every event once more, those of a chat in order, through kills of
// the program, and the events of before come again only if they were in flight.
func TestAReplayGoesOnThroughKills(t *testing.T) {
	t.Parallel()
	const messages, kills = 600, 2
	program := build(t)
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, crm := newWorld(t, on), newCRM(t)
			w.program = program
			w.declare("http://127.0.0.1:1", crm.url)
			w.start()
			writeThroughKills(w, messages, 0)
			eventually(t, "the CRM has every message", 60*time.Second, func() bool { return len(crm.heard("acme", 0)) == messages })
			again := newSecondHearing(crm.heard("acme", 0))
			crm.onEvent(again.hear)
			var r replayView
			eventually(t, "every message is in the feed", 10*time.Second, func() bool {
				if r.ID != "" {
					if _, err := w.call(anaKey, http.MethodDelete, "/v1/endpoints/crm/replays/"+r.ID, nil, nil); err != nil {
						t.Fatal(err)
					}
				}
				status, err := w.call(anaKey, http.MethodPost, "/v1/endpoints/crm/replay", map[string]any{}, &r)
				if err != nil || status != http.StatusAccepted {
					t.Fatalf("the replay is answered %d, %v", status, err)
				}
				return r.Count == messages
			})
			for k := range kills {
				eventually(t, "a part was sent again", 60*time.Second, func() bool { return again.count() > messages*(k+1)/(kills+1) })
				w.kill()
				w.start()
			}
			path := "/v1/endpoints/crm/replays/" + r.ID
			eventually(t, "the replay is done", 60*time.Second, func() bool {
				_, err := w.call(anaKey, http.MethodGet, path, nil, &r)
				return err == nil && r.State == "done"
			})
			if r.Delivered != messages || r.Failed != 0 {
				t.Errorf("it ended as %+v", r)
			}
			again.check(t, messages)
			if crm.forged > 0 {
				t.Errorf("%d callbacks were not signed right", crm.forged)
			}
		})
	}
}

// A secondHearing is what a CRM hears again.
type secondHearing struct {
	known map[string]bool // ids of events that it has

	mu      sync.Mutex
	times   map[string]int
	last    map[string]int64 // seq of each chat
	strange []string
}

func newSecondHearing(events []event) *secondHearing {
	s := &secondHearing{known: map[string]bool{}, times: map[string]int{}, last: map[string]int64{}}
	for _, e := range events {
		s.known[e.ID] = true
	}
	return s
}

func (s *secondHearing) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.times)
}

// hear answers an event. The first times of a chat must come in its order; an event
// that a kill interrupted comes once more.
func (s *secondHearing) hear(e event) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.times[e.ID] == 0
	if s.times[e.ID]++; !s.known[e.ID] || first && e.Chat.Seq <= s.last[e.Chat.ID] {
		s.strange = append(s.strange, fmt.Sprintf("%s with seq %d after %d", e.ID, e.Chat.Seq, s.last[e.Chat.ID]))
	}
	s.last[e.Chat.ID] = max(s.last[e.Chat.ID], e.Chat.Seq)
	return http.StatusOK
}

func (s *secondHearing) check(t *testing.T, events int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	more := 0
	for _, n := range s.times {
		more += n - 1
	}
	if len(s.times) != events || len(s.strange) > 0 {
		t.Errorf("%d of %d events came again, out of order or unknown: %v", len(s.times), events, s.strange)
	}
	t.Logf("%d events came again more than once", more)
}
