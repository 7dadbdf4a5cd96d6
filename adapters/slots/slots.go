// Package slots bounds what is in flight, so that one owner leaves room for the others.
package slots

import "sync"

// Slots are places for what is in flight. Take may be called concurrently.
type Slots[K comparable] struct {
	total, each int

	mu    sync.Mutex // guards the fields below
	taken int
	of    map[K]int
}

// New returns slots of which all owners have total, and each of them no more than each.
func New[K comparable](total, each int) *Slots[K] {
	return &Slots[K]{total: total, each: each, of: map[K]int{}}
}

// Take takes a slot, unless all are taken or the owner has its share. Release gives it
// back, and is called once.
func (s *Slots[K]) Take(owner K) (release func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == s.total || s.of[owner] == s.each {
		return nil, false
	}
	s.taken++
	s.of[owner]++
	return func() { s.release(owner) }, true
}

func (s *Slots[K]) release(owner K) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if s.of[owner]--; s.of[owner] == 0 {
		delete(s.of, owner)
	}
}
