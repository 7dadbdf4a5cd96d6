package main

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"
)

// waitTimeout is how long bench waits for anything before it gives up.
const waitTimeout = 2 * time.Minute

// A crm accepts every callback at once and records when each first arrived.
type crm struct {
	*responder
	expected atomic.Pointer[expectation]
}

// An expectation is a set of numbered callbacks that should arrive.
type expectation struct {
	number func(body []byte) int // of a callback; -1: not one of these
	begun  time.Time
	came   []atomic.Int64 // when each arrived, since begun; 0: not yet
	left   atomic.Int64
	first  atomic.Int64 // since begun
	once   sync.Once
	all    chan struct{}
}

func newCRM() (*crm, error) {
	c := &crm{}
	var err error
	c.responder, err = newResponder(func(body, buffer []byte) []byte {
		if e := c.expected.Load(); e != nil {
			for event := range eventsOf(body) {
				e.take(event)
			}
		}
		return buffer
	})
	return c, err
}

// eventsOf yields the events of a callback: of a batch, or its only one.
func eventsOf(body []byte) iter.Seq[[]byte] {
	rest, batch := bytes.CutPrefix(body, []byte(`{"events":[`))
	return func(yield func([]byte) bool) {
		for batch {
			event, next, more := bytes.Cut(rest, []byte(`},{"id":"evt_`))
			if !more || !yield(event) {
				break
			}
			rest = next
		}
		yield(rest)
	}
}

// expect starts to record n callbacks.
func (c *crm) expect(n int, number func([]byte) int) *expectation {
	e := &expectation{number: number, begun: time.Now(), came: make([]atomic.Int64, n), all: make(chan struct{})}
	e.left.Store(int64(n))
	c.expected.Store(e)
	return e
}

func (e *expectation) take(body []byte) {
	now := max(1, int64(time.Since(e.begun)))
	i := e.number(body)
	if i < 0 || i >= len(e.came) || !e.came[i].CompareAndSwap(0, now) {
		return
	}
	e.once.Do(func() { e.first.Store(now) })
	if e.left.Add(-1) == 0 {
		close(e.all)
	}
}

// wait waits until all arrived.
func (e *expectation) wait(ctx context.Context) error {
	select {
	case <-e.all:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(waitTimeout):
		return fmt.Errorf("%d of %d callbacks did not come", e.left.Load(), len(e.came))
	}
}

// since returns when each arrived, since a moment.
func (e *expectation) since(moment time.Time) []time.Duration {
	at := make([]time.Duration, len(e.came))
	for i := range e.came {
		at[i] = time.Duration(e.came[i].Load()) + e.begun.Sub(moment)
	}
	return at
}

// ended returns when the last one arrived.
func (e *expectation) ended() time.Time {
	var last int64
	for i := range e.came {
		last = max(last, e.came[i].Load())
	}
	return e.begun.Add(time.Duration(last))
}

// The numbers of callbacks: of an inbound message, of a status.

func ofMessage(body []byte) int {
	if !bytes.Contains(body, []byte(`"message.created"`)) {
		return -1
	}
	return ofProviderID(body)
}

func ofStatus(word string) func(body []byte) int {
	mark := []byte(`"status":"` + word + `"`)
	return func(body []byte) int {
		if !bytes.Contains(body, mark) {
			return -1
		}
		return ofProviderID(body)
	}
}

func ofProviderID(body []byte) int {
	_, id, found := bytes.Cut(body, []byte(`"provider_id":"wamid.`))
	if !found {
		return -1
	}
	return numberAfter(id, ".")
}
