package wahaplay

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"recado/adapters/messenger/simulator"
)

// A session is what WAHA knows of an account. Calls of its API come at any time.
type session struct {
	name   string
	phone  string
	engine string // GOWS or NOWEB: they write _data in different ways

	deafFor time.Duration // after the message of a peer who deafens it

	mu      sync.Mutex // guards the fields below
	events  int
	down    time.Time            // until then the QR code waits to be scanned
	locked  time.Time            // until then WhatsApp lets the account write to nobody new
	deaf    time.Time            // until then no webhook tells what happens
	hidden  map[string]time.Time // when a hidden number was first seen
	stored  []message            // oldest first
	byID    map[string]message   // by the bare id
	files   map[string]time.Time // until when the file of a message is served
	webhook map[string]any       // the configuration that was put; nil: none
}

// maxStored bounds the messages that WAHA remembers.
const maxStored = 10_000

// knownAfter is how long after it was first seen WAHA knows whose hidden number it is.
const knownAfter = 20 * time.Second

func newSession(name string, deafFor time.Duration, dice *rand.Rand) *session {
	return &session{
		name: name, deafFor: deafFor, phone: fmt.Sprintf("3491%07d", dice.IntN(1e7)), engine: []string{"GOWS", "NOWEB"}[dice.IntN(2)],
		hidden: map[string]time.Time{}, byID: map[string]message{}, files: map[string]time.Time{},
	}
}

func sessionOf(a *simulator.Account) *session { return a.Own.(*session) }

// status is how the session fares.
func (s *session) status() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().Before(s.down) {
		return "SCAN_QR_CODE"
	}
	return "WORKING"
}

// fall makes the session ask for its QR code until the time.
func (s *session) fall(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = until
}

// timelock is how long WhatsApp lets the account write to nobody new.
const timelock = time.Minute / simulator.Hurry

// lock begins it, and unlocks returns when it ends.
func (s *session) lock(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.locked = now.Add(timelock)
}

func (s *session) unlocks() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.locked
}

// deafFor is how long a session sends no webhooks, unless the Player says otherwise.
const deafFor = 2 * time.Minute / simulator.Hurry

// deafen makes the session tell nothing for a while.
func (s *session) deafen(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deaf = now.Add(s.deafFor)
}

// isDeaf reports whether the session tells nothing of what happens at the moment.
func (s *session) isDeaf(at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return at.Before(s.deaf)
}

// keep remembers a message.
func (s *session) keep(m message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.stored) >= maxStored {
		delete(s.byID, s.stored[0].bare)
		delete(s.files, s.stored[0].bare)
		s.stored = slices.Delete(s.stored, 0, 1)
	}
	s.stored = append(s.stored, m)
	s.byID[m.bare] = m
}

// message returns the message with the bare id.
func (s *session) message(id string) (message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.byID[id]
	return m.asOf(time.Now()), ok
}

// since lists up to limit messages of the chat from the moment on, behind the first
// offset; "all" is every chat.
func (s *session) since(chat string, from float64, offset, limit int) []message {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []message{}
	for _, m := range s.stored {
		if m.Timestamp < from || chat != "all" && chat != m.chat {
			continue
		}
		if offset--; offset < 0 && len(list) < limit {
			list = append(list, m.asOf(time.Now()))
		}
	}
	return list
}

// see notes that a hidden number was shown, and reports whether WAHA knows whose it is.
func (s *session) see(lid string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first, seen := s.hidden[lid]
	if !seen {
		s.hidden[lid] = now
		return false
	}
	return now.Sub(first) >= knownAfter
}
