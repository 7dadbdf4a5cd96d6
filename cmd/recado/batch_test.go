package main

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// A CRM that takes batches is down while its clients write. When it comes back it
// gets everything in few calls, in the order of each chat, and first refuses one
// event.
func TestACRMThatTakesBatches(t *testing.T) {
	const clients, each = 30, 10
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, crm := newWorld(t, on), newCRM(t)
			w.batch = true
			w.declare("http://127.0.0.1:1", crm.url)
			var mu sync.Mutex
			down, refused := true, ""
			crm.onEvent(func(e event) int {
				mu.Lock()
				defer mu.Unlock()
				if !down && refused == "" && e.Chat.Seq == 5 {
					refused = e.ID
					return http.StatusUnprocessableEntity
				}
				if down {
					return http.StatusBadGateway
				}
				return http.StatusOK
			})
			w.start()
			for n := range each {
				var texts []string
				for i := range clients {
					texts = append(texts, fmt.Sprintf("%d-%d", i, n))
				}
				for i, text := range texts {
					if status := w.post(textBody("106540352242922", fmt.Sprintf("34600%06d", i), text)); status != http.StatusOK {
						t.Fatalf("webhook answered with %d", status)
					}
				}
			}
			mu.Lock()
			down = false
			mu.Unlock()
			eventually(t, "the CRM has every event", 30*time.Second, func() bool { return len(crm.heard("acme", 0)) == clients*each })
			s := &tally{created: map[string]int{}, statuses: map[string]string{}, next: map[string]int64{}}
			s.listen(crm)
			crm.mu.Lock()
			defer crm.mu.Unlock()
			if len(s.created) != clients*each || len(s.gaps) > 0 || crm.forged > 0 {
				t.Errorf("%d messages told, gaps before %v, %d forged", len(s.created), s.gaps, crm.forged)
			}
			if refused == "" || !crm.seen[refused] {
				t.Errorf("the event %q was refused, and did not come again", refused)
			}
			if most := slices.Max(crm.batches); most < 10 || most > 100 {
				t.Errorf("the largest batch has %d events", most)
			}
			t.Logf("%d events in %d batches, the largest of %d", len(crm.seen), len(crm.batches), slices.Max(crm.batches))
		})
	}
}
