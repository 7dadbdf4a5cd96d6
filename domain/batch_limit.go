package domain

import (
	"errors"
	"sync"
)

// A BatchLimit is how many pieces a store is asked to take at once: half as many after
// it did not finish in its time, so that a slow database makes progress, and slowly more
// again. The zero value asks for the most that is useful, which the caller gives each time.
type BatchLimit struct {
	mu      sync.Mutex
	missing int // from the most
}

// Of returns the limit.
func (l *BatchLimit) Of(most int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return most - l.missing
}

// Learn takes note of how the store took that many pieces.
func (l *BatchLimit) Learn(most, size int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch limit := most - l.missing; {
	case errors.Is(err, ErrTimeout):
		l.missing = most - max(1, min(limit, size)/2)
	case err == nil && size > limit/2:
		l.missing = max(0, l.missing-max(1, limit/8))
	}
}
