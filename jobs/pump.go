package jobs

import (
	"context"
	"errors"
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
	// again returns when there may be more to claim although nothing wakes the pump;
	// zero: not known. Nil: never known.
	again func() time.Time
	// pace is the shortest time from one look at the store to the next while less
	// than a full batch is in flight, so that small amounts of work are claimed and
	// recorded together. Zero: none.
	pace time.Duration
}

// run works until there has been nothing to claim for a while and every result
// is recorded. It retries a record until it succeeds: a result must not be lost
// while this process lives and its store may come back. After an error, which may
// be a panic, it claims no more; it waits for what is in flight, records that, and
// returns the error.
func (p pump[W, R]) run(ctx context.Context) error {
	var (
		finished = results[R]{ready: make(chan struct{}, 1)}
		inFlight int // pieces whose end was not taken from finished yet
		woken    = true
		failed   error
	)
	recording, cancel := outlive(ctx, stopTimeout)
	defer cancel()
	for {
		lastLook := time.Now()
		batch, ended, err := finished.take()
		inFlight -= ended
		failed = errors.Join(failed, err, p.recordAll(recording, batch))
		width := p.width()
		if n := width - inFlight; n > 0 && failed == nil {
			woken = fired(p.wake) || woken
			var work []W
			failed = guard(func() (err error) { work, err = p.claim(ctx, n, woken); return err })
			woken = false
			inFlight += len(work)
			for _, w := range work {
				go func() {
					finished.end(guard(func() error { p.do(ctx, w, finished.add); return nil }))
				}()
			}
		}
		wait, known := p.untilAgain()
		if inFlight == 0 {
			if failed != nil || width == 0 {
				return failed
			}
			woken = pause(ctx, p.wake, wait)
			if !woken && !known {
				return nil
			}
			continue
		}
		var again <-chan time.Time
		if known && failed == nil && inFlight < width {
			again = time.After(wait)
		}
		select {
		case <-finished.ready:
		case <-p.wake:
			woken = true
		case <-again:
		}
		if inFlight < fullBatch {
			pause(ctx, nil, p.pace-time.Since(lastLook))
		}
	}
}

// untilAgain returns how long nothing can be claimed; if that is not known, how long
// to wait for a hint.
func (p pump[W, R]) untilAgain() (wait time.Duration, known bool) {
	if p.again != nil {
		if at := p.again(); !at.IsZero() {
			return time.Until(at), true
		}
	}
	return idleWait, false
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

// recordAll records results. If that panics it records each of them alone, so that
// one of them is lost and not its neighbours.
func (p pump[W, R]) recordAll(ctx context.Context, batch []R) error {
	if len(batch) == 0 {
		return nil
	}
	err := p.recordWithRetry(ctx, batch)
	var panicked *panicError
	if len(batch) == 1 || !errors.As(err, &panicked) {
		return err
	}
	for i := range batch {
		err = errors.Join(err, p.recordWithRetry(ctx, batch[i:i+1]))
	}
	return err
}

// recordWithRetry records results, with backoff while the store is away. The
// process keeps the lane. When ctx ends it gives up: the attempts stay open, and
// the next owner of the lane judges them.
func (p pump[W, R]) recordWithRetry(ctx context.Context, batch []R) error {
	for backoff := recordRetryFirst; ; backoff = min(2*backoff, recordRetryMax) {
		try, cancel := context.WithTimeout(ctx, storeTimeout)
		err := guard(func() error { return p.record(try, batch) })
		cancel()
		var panicked *panicError
		if err == nil || ctx.Err() != nil || errors.As(err, &panicked) {
			return err
		}
		pause(ctx, nil, backoff)
	}
}

// outlive returns a context that ends d after ctx ends.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return longer, func() { stop(); cancel() }
}

// results gathers what pieces of work report until it is taken.
type results[R any] struct {
	ready chan struct{} // holds one value when there is something to take

	mu    sync.Mutex // guards the fields below
	batch []R
	ended int   // pieces that report nothing more
	err   error // of pieces that panicked
}

func (r *results[R]) add(result R) { r.change(func() { r.batch = append(r.batch, result) }) }

func (r *results[R]) end(err error) {
	r.change(func() { r.ended++; r.err = errors.Join(r.err, err) })
}

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
func (r *results[R]) take() (batch []R, ended int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	batch, ended, err = r.batch, r.ended, r.err
	r.batch, r.ended, r.err = nil, 0, nil
	return batch, ended, err
}
