// Package feed wakes those who wait for events of a company: the calls of the REST
// API that poll or stream, and the chat page.
package feed

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"recado/domain"
)

const (
	// Poll is the time from one look at the store to the next.
	Poll = 200 * time.Millisecond

	// Heartbeat is how often a stream without events shows its reader that it is alive.
	Heartbeat = 15 * time.Second

	// MaxReaders is how many readers of one company may wait or stream at once.
	MaxReaders = 200

	restAfterError = 2 * time.Second
	lookTimeout    = 15 * time.Second
)

// ErrTooManyReaders is returned by Join beyond MaxReaders.
var ErrTooManyReaders = errors.New("too many readers")

// A Store is the part of domain.Feed that is looked at while anybody waits.
type Store interface {
	HaveEvents(ctx context.Context, after map[domain.CompanyID]domain.FeedPlace) ([]domain.CompanyID, error)
}

// A Feed wakes those who wait for events. While anybody waits, one goroutine looks
// at the store for all of them.
type Feed struct {
	store Store
	log   *slog.Logger
	stop  <-chan struct{} // closed when the server stops

	mu      sync.Mutex // guards the fields below
	readers map[domain.CompanyID]int
	waiting map[domain.CompanyID]map[*waiter]bool
	looking bool // the goroutine runs
}

// A waiter waits for an event after a place.
type waiter struct {
	after domain.FeedPlace
	woken chan struct{} // closed when there is one
}

// New returns a Feed over the store. When stop is closed, nobody waits any longer.
func New(store Store, log *slog.Logger, stop <-chan struct{}) *Feed {
	return &Feed{
		store: store, log: log, stop: stop,
		readers: map[domain.CompanyID]int{}, waiting: map[domain.CompanyID]map[*waiter]bool{},
	}
}

// Join takes a place among the readers of a company, until leave is called.
func (f *Feed) Join(company domain.CompanyID) (leave func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers[company] >= MaxReaders {
		return nil, ErrTooManyReaders
	}
	f.readers[company]++
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.readers[company]--; f.readers[company] == 0 {
			delete(f.readers, company)
		}
	}, nil
}

// Wait returns when the company has an event after the place, after d, when the
// context ends, or when the server stops.
func (f *Feed) Wait(ctx context.Context, company domain.CompanyID, after domain.FeedPlace, d time.Duration) {
	w := &waiter{after, make(chan struct{})}
	f.add(company, w)
	defer f.remove(company, w)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-w.woken:
	case <-timer.C:
	case <-ctx.Done():
	case <-f.stop:
	}
}

func (f *Feed) add(company domain.CompanyID, w *waiter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waiting[company] == nil {
		f.waiting[company] = map[*waiter]bool{}
	}
	f.waiting[company][w] = true
	if !f.looking {
		f.looking = true
		go f.look()
	}
}

func (f *Feed) remove(company domain.CompanyID, w *waiter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if delete(f.waiting[company], w); len(f.waiting[company]) == 0 {
		delete(f.waiting, company)
	}
}

// look looks at the store while anybody waits.
func (f *Feed) look() {
	for after := f.places(); after != nil; after = f.places() {
		ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
		news, err := f.store.HaveEvents(ctx, after)
		cancel()
		rest := Poll
		if err != nil {
			f.log.Warn("looking for events failed", "err", err)
			rest = restAfterError
		}
		f.wake(news)
		time.Sleep(rest)
	}
}

// places returns, for each company, the lowest place after which anybody waits. Nobody
// waits: nil, and the goroutine that asked must end.
func (f *Feed) places() map[domain.CompanyID]domain.FeedPlace {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.waiting) == 0 {
		f.looking = false
		return nil
	}
	after := map[domain.CompanyID]domain.FeedPlace{}
	for company, waiters := range f.waiting {
		for w := range waiters {
			if lowest, found := after[company]; !found || w.after.Before(lowest) {
				after[company] = w.after
			}
		}
	}
	return after
}

// wake wakes everybody who waits for events of the companies.
func (f *Feed) wake(companies []domain.CompanyID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, company := range companies {
		for w := range f.waiting[company] {
			close(w.woken)
		}
		delete(f.waiting, company)
	}
}

// Waiting returns how many readers wait now.
func (f *Feed) Waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, waiters := range f.waiting {
		n += len(waiters)
	}
	return n
}
