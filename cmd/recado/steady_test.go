package main

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// steadily calls do again and again, whether the last call has returned or not, until
// end is called, which waits for all of them.
func steadily(every time.Duration, do func(i int)) (end func()) {
	quit := make(chan struct{})
	var calls sync.WaitGroup
	calls.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for i := 0; ; i++ {
			select {
			case <-quit:
				return
			case <-tick.C:
				calls.Go(func() { do(i) })
			}
		}
	})
	return func() { close(quit); calls.Wait() }
}

// steadyPeer is one of the clients who write: so many that the pace at which one of them
// may be written to holds nothing up.
func steadyPeer(i int) string { return fmt.Sprint(79990000000 + i%500) }

// A steadyWriter sends webhooks of new messages, whatever they are answered.
type steadyWriter struct {
	end func()

	mu    sync.Mutex
	taken map[string]time.Time // texts that were answered 200, and when
	waits []time.Duration      // for those answers
}

func (w *world) writeSteadily(every time.Duration) *steadyWriter {
	s := &steadyWriter{taken: map[string]time.Time{}}
	s.end = steadily(every, func(i int) {
		began, text := time.Now(), fmt.Sprint("message-", i)
		if w.post(textBody("106540352242922", steadyPeer(i), text)) != http.StatusOK {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.taken[text] = time.Now()
		s.waits = append(s.waits, time.Since(began))
	})
	return s
}

// since counts what was taken after a moment.
func (s *steadyWriter) since(at time.Time) (count int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, taken := range s.taken {
		if taken.After(at) {
			count++
		}
	}
	return count
}

// arrives waits until the CRM has heard of all that was taken, of each message once.
func (s *steadyWriter) arrives(t *testing.T, crm *fakeCRM) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	eventually(t, "the CRM hears of all that was taken", time.Minute, func() bool {
		texts := crm.texts()
		for text := range s.taken {
			if texts[text] == 0 {
				return false
			}
		}
		return true
	})
	for text, n := range crm.texts() {
		if n != 1 {
			t.Errorf("the CRM heard %d times of %s", n, text)
		}
	}
}

// A steadySender answers the clients of a steadyWriter by the API.
type steadySender struct {
	end func()

	mu       sync.Mutex
	accepted []string // ids of the messages that were accepted
}

func (w *world) sendSteadily(every time.Duration) *steadySender {
	s := &steadySender{}
	s.end = steadily(every, func(i int) {
		var m struct{ ID string }
		status, err := w.call(anaKey, http.MethodPost, "/v1/messages", map[string]any{
			"connection_id": "waba-1", "peer_id": steadyPeer(i), "type": "text", "text": fmt.Sprint("answer-", i),
		}, &m)
		if err != nil || status != http.StatusAccepted {
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.accepted = append(s.accepted, m.ID)
	})
	return s
}

// arrives waits until the messenger has all that was accepted, each message once.
func (s *steadySender) arrives(t *testing.T, meta *moodyMeta) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	eventually(t, "the messenger has all that was accepted", time.Minute, func() bool {
		for _, id := range s.accepted {
			if meta.count(id) == 0 {
				return false
			}
		}
		return true
	})
	for _, id := range s.accepted {
		if n := meta.count(id); n != 1 {
			t.Errorf("the messenger has %s %d times", id, n)
		}
	}
}
