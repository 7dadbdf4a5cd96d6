package waha

import (
	"sync"
	"time"

	"recado/domain"
)

// A recent remembers what WAHA took in the last minutes. One process at a time sends
// over a connection, so that nobody else needs to know.
type recent struct {
	mu     sync.Mutex
	since  time.Time
	last   map[domain.ProviderID]bool // since then
	before map[domain.ProviderID]bool // of the time before
}

// recentFor is how long it remembers at least: longer than a file may take to be sent.
const recentFor = 2 * time.Minute

func (r *recent) add(id domain.ProviderID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.since) > recentFor {
		r.since, r.before, r.last = now, r.last, map[domain.ProviderID]bool{}
	}
	r.last[id] = true
}

func (r *recent) has(id domain.ProviderID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last[id] || r.before[id]
}
