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

// patience is how long a transaction holds up others before they go past it.
const maxHold = 100 * time.Millisecond

// A Gatherer carries out in one transaction what is asked for while another
// runs: a transaction costs nearly the same for many as for one, and side by
// side they are in each other's way. Who comes alone waits for nobody.
type Batcher[Q, A any] struct {
	// Do answers all of what is asked, or none. When it is told why not, and the
	// reason is not domain.ErrUnavailable, each is asked alone, so that the guilty
	// one fails alone.
	Do func(ctx context.Context, asked []Q) ([]A, error)

	Size        func(Q) int   // in any unit
	MaxSize     int           // of that unit in one transaction, which holds one question at least
	FlushAt     int           // of that unit: as much waits neither for those that run nor for Pace
	MinInterval time.Duration // from the beginning of a transaction to the next
	Concurrency int           // transactions at once
	Timeout     time.Duration // a transaction is given up

	mu      sync.Mutex // guards following
	waiting []*request[Q, A]
	size    int // of what waits
	busy    int // transactions
	begun   time.Time
	alarm   *time.Timer
}

// A question waits to be answered.
type request[Q, A any] struct {
	asked Q
	done  chan struct{} // closed when what follows is set

	answer A
	err    error
}

// Ask returns when the answer is committed, or is known not to be, or nothing is
// known. What has been asked is not taken back when ctx ends.
func (g *Batcher[Q, A]) Submit(ctx context.Context, asked Q) (A, error) {
	q := &request[Q, A]{asked: asked, done: make(chan struct{})}
	if err := ctx.Err(); err != nil {
		return q.answer, fmt.Errorf("%w: %w", domain.ErrUnavailable, err)
	}
	g.mu.Lock()
	g.waiting = append(g.waiting, q)
	g.size += g.Size(asked)
	g.look()
	g.mu.Unlock()
	<-q.done
	return q.answer, q.err
}

// look begins a transaction, now or when it is time; for who holds mu.
func (g *Batcher[Q, A]) look() {
	for len(g.waiting) > 0 && g.busy < g.Concurrency {
		hold := g.MinInterval
		if g.busy > 0 {
			hold = maxHold
		}
		if hold -= time.Since(g.begun); hold > 0 && g.size < g.FlushAt {
			if g.alarm == nil {
				g.alarm = time.AfterFunc(hold, func() { g.change(0) })
			}
			g.alarm.Reset(hold)
			return
		}
		g.busy, g.begun = g.busy+1, time.Now()
		go g.run(g.take())
	}
}

// change looks again, after some transactions have begun or ended.
func (g *Batcher[Q, A]) change(busy int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy += busy
	g.look()
}

func (g *Batcher[Q, A]) run(batch []*request[Q, A]) {
	g.together(batch)
	for _, q := range batch {
		close(q.done)
	}
	g.change(-1)
}

// take returns those who wait longest.
func (g *Batcher[Q, A]) take() []*request[Q, A] {
	n, size := 0, 0
	for n < len(g.waiting) {
		more := size + g.Size(g.waiting[n].asked)
		if n > 0 && more > g.MaxSize {
			break
		}
		n, size = n+1, more
	}
	batch := g.waiting[:n:n]
	g.waiting, g.size = g.waiting[n:], g.size-size
	if len(g.waiting) == 0 {
		g.waiting = nil
	}
	return batch
}

func (g *Batcher[Q, A]) together(batch []*request[Q, A]) {
	asked := make([]Q, len(batch))
	for i, q := range batch {
		asked[i] = q.asked
	}
	answers, err := g.do(asked)
	if err != nil && len(batch) > 1 && !errors.Is(err, domain.ErrUnavailable) {
		for i := range batch {
			g.together(batch[i : i+1])
		}
		return
	}
	for i, q := range batch {
		if q.err = err; err == nil {
			q.answer = answers[i]
		}
	}
}

// do makes an error of a panic, which here would end the program.
func (g *Batcher[Q, A]) do(asked []Q) (answers []A, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), g.Timeout)
	defer cancel()
	return g.Do(ctx, asked)
}
