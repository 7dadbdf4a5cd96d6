package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A CRM that hiccups, one that limits the rate and one that moves: cases B01, B02
// and B08. Each ends with everything delivered, near the ideal time.
func TestAHealthyEndpointIsNeverTakenForABrokenOne(t *testing.T) {
	t.Parallel()
	fast, slow, within := 80, 20, 30*time.Second
	if *long {
		fast, slow, within = 200, 60, 60*time.Second
	}
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			t.Run("B01: 502 for two seconds while 40 clients write", func(t *testing.T) { hiccup(t, on) })
			t.Run("B02: 10 a second, else 429", func(t *testing.T) {
				limited(t, on, fast, within, limiter(10, http.StatusTooManyRequests))
			})
			t.Run("B02: 2 a second, else 503", func(t *testing.T) {
				limited(t, on, slow, within, limiter(2, http.StatusServiceUnavailable))
			})
			t.Run("B08: the address is put right", func(t *testing.T) { moved(t, on) })
		})
	}
}

func hiccup(t *testing.T, on string) {
	t.Parallel()
	w, crm := newWorld(t, on), newCRM(t)
	w.declare("http://127.0.0.1:1", crm.url)
	w.start()
	back := time.Now().Add(2 * time.Second)
	crm.onEvent(func(event) int {
		if time.Now().Before(back) {
			return http.StatusBadGateway
		}
		return http.StatusOK
	})
	clientsWrite(w, 40)
	eventually(t, "the CRM hears of every client", 30*time.Second, func() bool { return len(crm.heard("acme", 0)) == 40 })
}

// limited lets so many clients write to a company whose CRM limits the rate.
func limited(t *testing.T, on string, clients int, within time.Duration, limit func(http.Handler) http.Handler) {
	t.Parallel()
	w, crm := newWorld(t, on), newCRM(t)
	front := httptest.NewServer(limit(http.HandlerFunc(crm.hear)))
	t.Cleanup(front.Close)
	t.Cleanup(front.CloseClientConnections)
	w.declare("http://127.0.0.1:1", front.URL)
	w.start()
	clientsWrite(w, clients)
	eventually(t, "the CRM hears of every client", within, func() bool { return len(crm.heard("acme", 0)) == clients })
}

// limiter takes n calls in each second, and refuses the rest with that status.
func limiter(n int, status int) func(http.Handler) http.Handler {
	var mu sync.Mutex
	var second int64
	taken := 0
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			if now := time.Now().Unix(); now != second {
				second, taken = now, 0
			}
			taken++
			over := taken > n
			mu.Unlock()
			if over {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(status)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// moved puts the address of the endpoint right after three failed tries: the next
// would come 15 s later.
func moved(t *testing.T, on string) {
	t.Parallel()
	w, crm := newWorld(t, on), newCRM(t)
	var tries atomic.Int64
	wrong := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tries.Add(1)
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(wrong.Close)
	t.Cleanup(wrong.CloseClientConnections)
	w.declare("http://127.0.0.1:1", wrong.URL)
	w.start()
	clientsWrite(w, 3)
	eventually(t, "each event was tried three times", 30*time.Second, func() bool { return tries.Load() == 9 })
	if on == "embedded" { // which one process at a time can open
		w.kill()
	}
	w.declare("http://127.0.0.1:1", crm.url)
	if on == "embedded" {
		w.start()
	}
	eventually(t, "the CRM hears of every client", 10*time.Second, func() bool { return len(crm.heard("acme", 0)) == 3 })
}

// An endpoint that says 410 is left alone; what waits for it is listed, and comes once
// a person enables it.
func TestADisabledEndpointIsEnabledAndGetsWhatWaits(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w, crm := newWorld(t, on), newCRM(t)
			w.declare("http://127.0.0.1:1", crm.url)
			w.start()
			crm.onEvent(func(event) int { return http.StatusGone })
			clientsWrite(w, 1)
			var shown struct{ Status string }
			eventually(t, "the endpoint is disabled", 10*time.Second, func() bool {
				status, err := w.call(anaKey, "GET", "/v1/endpoints/crm", nil, &shown)
				return err == nil && status == http.StatusOK && shown.Status == "disabled"
			})
			clientsWrite(w, 4) // the first among them again
			crm.onEvent(func(event) int { return http.StatusOK })
			var log struct{ Data []struct{ Type string } }
			eventually(t, "the log lists what waits", 10*time.Second, func() bool {
				_, err := w.call(anaKey, "GET", "/v1/endpoints/crm/deliveries?state=due&type=message.created", nil, &log)
				return err == nil && len(log.Data) == 4
			})
			if n := len(crm.heard("acme", 0)); n > 0 {
				t.Errorf("it takes %d events while it is disabled", n)
			}
			if status, err := w.call(anaKey, "POST", "/v1/endpoints/crm/enable", nil, nil); err != nil || status != http.StatusOK {
				t.Fatalf("it is enabled: %d, %v", status, err)
			}
			eventually(t, "it gets what waited", 10*time.Second, func() bool { return len(crm.heard("acme", 0)) == 4 })
		})
	}
}

// clientsWrite lets each client write once, at the same moment.
func clientsWrite(w *world, n int) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			body := textBody("106540352242922", fmt.Sprintf("34600%06d", i), fmt.Sprint("hello-", i))
			if status := w.post(body); status != http.StatusOK {
				w.t.Errorf("webhook answered with %d", status)
			}
		})
	}
	all.Wait()
}
