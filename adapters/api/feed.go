package api

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"recado/domain"
)

const (
	feedPoll     = 200 * time.Millisecond // from one look at the store to the next
	feedRest     = 2 * time.Second        // after a look that failed
	feedReaders  = 200                    // that wait or stream, of one company
	feedInterval = 15 * time.Second       // of heartbeats
)

var errTooManyReaders = errors.New("too many readers")

// A feed wakes those who wait for events. While anybody waits, one goroutine looks
// at the store for all of them.
type feed struct {
	store interface {
		HaveEvents(ctx context.Context, after map[domain.CompanyID]domain.FeedPlace) ([]domain.CompanyID, error)
	}
	log       *slog.Logger
	stop      <-chan struct{} // closed when the server stops
	heartbeat time.Duration
	recheck   time.Duration

	mu      sync.Mutex // guards the fields below
	readers map[domain.CompanyID]int
	waiting map[domain.CompanyID]map[*feedWaiter]bool
	looking bool // the goroutine runs
}

// A feedWaiter waits for an event after a place.
type feedWaiter struct {
	after domain.FeedPlace
	woken chan struct{} // closed when there is one
}

func newFeed(c Config) *feed {
	return &feed{
		store: c.Store, log: c.Log, stop: c.Stop, heartbeat: feedInterval, recheck: recheckKey,
		readers: map[domain.CompanyID]int{}, waiting: map[domain.CompanyID]map[*feedWaiter]bool{},
	}
}

// join takes a place among the readers of a company, until leave is called.
func (f *feed) join(company domain.CompanyID) (leave func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.readers[company] >= feedReaders {
		return nil, errTooManyReaders
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

// wait returns when the company has an event after the place, after d, when the
// context ends, or when the server stops.
func (f *feed) wait(ctx context.Context, company domain.CompanyID, after domain.FeedPlace, d time.Duration) {
	w := &feedWaiter{after, make(chan struct{})}
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

func (f *feed) add(company domain.CompanyID, w *feedWaiter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.waiting[company] == nil {
		f.waiting[company] = map[*feedWaiter]bool{}
	}
	f.waiting[company][w] = true
	if !f.looking {
		f.looking = true
		go f.look()
	}
}

func (f *feed) remove(company domain.CompanyID, w *feedWaiter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if delete(f.waiting[company], w); len(f.waiting[company]) == 0 {
		delete(f.waiting, company)
	}
}

// look looks at the store while anybody waits.
func (f *feed) look() {
	for after := f.places(); after != nil; after = f.places() {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		news, err := f.store.HaveEvents(ctx, after)
		cancel()
		rest := feedPoll
		if err != nil {
			f.log.Warn("looking for events failed", "err", err)
			rest = feedRest
		}
		f.wake(news)
		time.Sleep(rest)
	}
}

// places returns, for each company, the lowest place after which anybody waits. Nobody
// waits: nil, and the goroutine that asked must end.
func (f *feed) places() map[domain.CompanyID]domain.FeedPlace {
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
func (f *feed) wake(companies []domain.CompanyID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, company := range companies {
		for w := range f.waiting[company] {
			close(w.woken)
		}
		delete(f.waiting, company)
	}
}
