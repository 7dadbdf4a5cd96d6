package jobs

import (
	"context"
	"sync"
	"time"
)

const (
	recordRetryFirst = 50 * time.Millisecond // doubled after each failure
	recordRetryMax   = 2 * time.Second
)

// A pump keeps up to a width of pieces of a lane's work in flight, and commits
// their results together: while one commit runs, the next batch gathers.
type pump[W, R any] struct {
	// claim commits the start of up to n pieces and returns them. Woken is false
	// if no hint came since the last claim.
	claim func(ctx context.Context, n int, woken bool) ([]W, error)
	// do works on one piece and reports its results, any number of them.
	do func(ctx context.Context, work W, report func(R))
	// record commits results.
	record func(ctx context.Context, results []R) error
	// width returns how many pieces may be in flight now. Zero: begin no more.
	width func() int
	// wake fires when there may be more to claim.
	wake <-chan struct{}
	// pace is the shortest time from one look at the store to the next while less
	// than a full batch is in flight, so that small amounts of work are claimed and
	// recorded together. Zero: none.
	pace time.Duration
}

// run works until there has been nothing to claim for a while and every result
// is recorded. It retries a record until it succeeds: a result must not be lost
// while this process lives and its store may come back. After a claim that
// failed it claims no more, and returns that error when it is done.
func (p pump[W, R]) run(ctx context.Context) error {
	var (
		finished = results[R]{ready: make(chan struct{}, 1)}
		inFlight int // pieces whose end was not taken from finished yet
		woken    = true
		claimErr error
	)
	for {
		lastLook := time.Now()
		batch, ended := finished.take()
		inFlight -= ended
		if len(batch) > 0 {
			if err := p.recordWithRetry(ctx, batch); err != nil {
				return err
			}
		}
		width := p.width()
		if n := width - inFlight; n > 0 && claimErr == nil {
			woken = fired(p.wake) || woken
			var work []W
			work, claimErr = p.claim(ctx, n, woken)
			woken = false
			inFlight += len(work)
			for _, w := range work {
				go func() {
					p.do(ctx, w, finished.add)
					finished.end()
				}()
			}
		}
		if inFlight == 0 {
			if claimErr != nil || width == 0 || !pause(ctx, p.wake, idleWait) {
				return claimErr
			}
			woken = true
			continue
		}
		select {
		case <-finished.ready:
		case <-p.wake:
			woken = true
		}
		if inFlight < fullBatch {
			pause(ctx, nil, p.pace-time.Since(lastLook))
		}
	}
}

// fired takes a value from wake, and reports whether there was one.
func fired(wake <-chan struct{}) bool {
	select {
	case <-wake:
		return true
	default:
		return false
	}
}

// recordWithRetry records results, with backoff while the store is away. The
// process keeps the lane. Once the program stops it gives up after stopTimeout: the
// attempts stay open, and the next owner of the lane judges them.
func (p pump[W, R]) recordWithRetry(ctx context.Context, batch []R) error {
	giveUp := time.Now().Add(stopTimeout)
	for backoff := recordRetryFirst; ; backoff = min(2*backoff, recordRetryMax) {
		try, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
		err := p.record(try, batch)
		cancel()
		if err == nil || ctx.Err() != nil && time.Now().After(giveUp) {
			return err
		}
		if ctx.Err() == nil {
			giveUp = time.Now().Add(stopTimeout)
		}
		<-time.After(backoff)
	}
}

// results gathers what pieces of work report until it is taken.
type results[R any] struct {
	ready chan struct{} // holds one value when there is something to take

	mu    sync.Mutex // guards the fields below
	batch []R
	ended int // pieces that report nothing more
}

func (r *results[R]) add(result R) { r.change(func() { r.batch = append(r.batch, result) }) }

func (r *results[R]) end() { r.change(func() { r.ended++ }) }

func (r *results[R]) change(f func()) {
	r.mu.Lock()
	f()
	r.mu.Unlock()
	select {
	case r.ready <- struct{}{}:
	default:
	}
}

// take returns the results and how many pieces ended, and forgets them. By the
// time a piece counts as ended, all of its results have been returned.
func (r *results[R]) take() (batch []R, ended int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	batch, ended = r.batch, r.ended
	r.batch, r.ended = nil, 0
	return batch, ended
}
