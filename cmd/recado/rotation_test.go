package main

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// A CRM that still has the old secret verifies every event while the secret rotates
// and the program is killed in the middle of that: nothing is lost, whichever of the
// two endpoints, of before or after, the kill left.
func TestAKillAmidARotationLosesNothing(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, crm := newWorld(t, on), newCRM(t)
			w.declare("http://127.0.0.1:1", newCRM(t).url)
			w.start()
			deals := map[string]any{"id": "deals", "url": crm.url + "/deals", "events": []string{"message.created"}, "secret": crmSecret}
			if status, err := w.call(anaKey, "POST", "/v1/endpoints", deals, nil); err != nil || status != http.StatusCreated {
				t.Fatalf("created: %d, %v", status, err)
			}
			clientsWrite(w, 20)
			const rounds = 3
			for range rounds {
				var rotating sync.WaitGroup
				rotating.Go(func() {
					_, _ = w.call(anaKey, "POST", "/v1/endpoints/deals/rotate-secret", map[string]any{"secret": newerSecret}, nil)
				}) // the kill may cut it off
				w.kill()
				rotating.Wait()
				w.start()
			}
			var state struct {
				Status string
				Until  *time.Time `json:"previous_until"`
			}
			rotate := map[string]any{"secret": newerSecret, "overlap_seconds": 600}
			if status, err := w.call(anaKey, "POST", "/v1/endpoints/deals/rotate-secret", rotate, &state); err != nil || status != http.StatusOK || state.Until == nil {
				t.Errorf("rotated: %d %+v, %v", status, state, err)
			}
			eventually(t, "the CRM hears of every client", 20*time.Second, func() bool { return len(crm.heard("deals", 0)) == 20 })
			crm.mu.Lock()
			defer crm.mu.Unlock()
			if crm.forged > 0 {
				t.Errorf("%d events were signed by neither secret that the CRM may have", crm.forged)
			}
		})
	}
}

const newerSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
