package groupcommit

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"recado/domain"
)

// maxHold is how long requests wait for a running transaction before a second
// one starts beside it, so that one that hangs does not delay the others.
const maxHold = 100 * time.Millisecond

// A Batcher executes concurrent requests in one transaction. A transaction costs
// nearly the same for many requests as for one, and transactions that run side
// by side slow each other down. A request that comes alone does not wait.
type Batcher[Q, A any] struct {
	// Do answers all of the requests, in their order, or none. If it fails, and not
	// with domain.ErrUnavailable, each request is tried alone, so that only the
	// faulty one fails.
	Do func(ctx context.Context, requests []Q) ([]A, error)

	Size        func(Q) int   // of a request, in any unit
	MaxSize     int           // of one transaction, which holds one request at least; less after one that took too long
	FlushAt     int           // this much waiting starts the next transaction at once, ignoring MinInterval
	MinInterval time.Duration // from the start of a transaction to the start of the next
	Concurrency int           // transactions at once
	Timeout     time.Duration // of one transaction

	mu        sync.Mutex // guards the fields below
	waiting   []*request[Q, A]
	size      int // of waiting
	running   int // transactions
	limit     domain.BatchLimit
	lastStart time.Time
	timer     *time.Timer
}

// A request waits for its answer.
type request[Q, A any] struct {
	input Q
	done  chan struct{} // closed once the fields below are set

	answer A
	err    error
}

// Submit returns when the request is committed or has failed. A request that was
// submitted is not withdrawn when ctx ends.
func (b *Batcher[Q, A]) Submit(ctx context.Context, input Q) (A, error) {
	r := &request[Q, A]{input: input, done: make(chan struct{})}
	if err := ctx.Err(); err != nil {
		return r.answer, fmt.Errorf("%w: %w", domain.ErrUnavailable, err)
	}
	b.mu.Lock()
	b.waiting = append(b.waiting, r)
	b.size += b.Size(input)
	b.startDue()
	b.mu.Unlock()
	<-r.done
	return r.answer, r.err
}

// startDue starts the transactions that are due, or sets the timer for the next.
// The caller holds mu.
func (b *Batcher[Q, A]) startDue() {
	for len(b.waiting) > 0 && b.running < b.Concurrency {
		hold := b.MinInterval
		if b.running > 0 {
			hold = maxHold
		}
		if hold -= time.Since(b.lastStart); hold > 0 && b.size < b.FlushAt {
			if b.timer == nil {
				b.timer = time.AfterFunc(hold, func() { b.addRunning(0) })
			}
			b.timer.Reset(hold)
			return
		}
		b.running, b.lastStart = b.running+1, time.Now()
		go b.run(b.take())
	}
}

// addRunning changes the number of running transactions by n and starts what is
// due.
func (b *Batcher[Q, A]) addRunning(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running += n
	b.startDue()
}

func (b *Batcher[Q, A]) run(batch []*request[Q, A]) {
	b.execute(batch)
	for _, r := range batch {
		close(r.done)
	}
	b.addRunning(-1)
}

// take removes the oldest requests, up to MaxSize, from those that wait.
func (b *Batcher[Q, A]) take() []*request[Q, A] {
	n, size, most := 0, 0, b.limit.Of(b.MaxSize)
	for n < len(b.waiting) {
		more := size + b.Size(b.waiting[n].input)
		if n > 0 && more > most {
			break
		}
		n, size = n+1, more
	}
	batch := b.waiting[:n:n]
	b.waiting, b.size = b.waiting[n:], b.size-size
	if len(b.waiting) == 0 {
		b.waiting = nil
	}
	return batch
}

// execute sets the answers of a batch.
func (b *Batcher[Q, A]) execute(batch []*request[Q, A]) {
	inputs, size := make([]Q, len(batch)), 0
	for i, r := range batch {
		inputs[i] = r.input
		size += b.Size(r.input)
	}
	answers, err := b.do(inputs)
	b.limit.Learn(b.MaxSize, size, err)
	if err != nil && len(batch) > 1 && !errors.Is(err, domain.ErrUnavailable) {
		for i := range batch {
			b.execute(batch[i : i+1])
		}
		return
	}
	for i, r := range batch {
		if r.err = err; err == nil {
			r.answer = answers[i]
		}
	}
}

// do calls Do. A panic becomes bad data: on this goroutine it would end the
// program, and nobody knows of a transaction in which it would not come again.
func (b *Batcher[Q, A]) do(inputs []Q) (answers []A, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &domain.DataError{Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack())}
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), b.Timeout)
	defer cancel()
	answers, err = b.Do(ctx, inputs)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w: %w: %w", domain.ErrUnavailable, domain.ErrTimeout, err)
	}
	return answers, err
}
