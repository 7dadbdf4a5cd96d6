package api

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"recado/domain"
)

const (
	appliesAtOnce = 4 // so that one which waits for a chat's lock does not hold up all
	applyMost     = 64
	applyTimeout  = 10 * time.Second
)

// A gatherer applies together the commands that come while others are applied:
// a transaction costs nearly the same for one as for many. A command that comes
// alone waits for nobody.
type gatherer struct {
	chats domain.Chats

	mu      sync.Mutex
	waiting []*command
	busy    int // goroutines that apply
}

// A command waits to be applied.
type command struct {
	update domain.Update
	done   chan struct{} // closed when what follows is set

	result    domain.Result
	endpoints []domain.EndpointID // those that have events to get, of its batch
	err       error
}

// apply returns when the command is applied, or is known not to be, or nothing
// is known.
func (g *gatherer) apply(u domain.Update) (domain.Result, []domain.EndpointID, error) {
	c := &command{update: u, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, c)
	if g.busy < appliesAtOnce {
		g.busy++
		go g.run()
	}
	g.mu.Unlock()
	<-c.done
	return c.result, c.endpoints, c.err
}

// run applies until nothing waits.
func (g *gatherer) run() {
	for batch := g.next(); batch != nil; batch = g.next() {
		g.together(batch)
		for _, c := range batch {
			close(c.done)
		}
	}
}

func (g *gatherer) next() []*command {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), applyMost)
	if n == 0 {
		g.busy, g.waiting = g.busy-1, nil
		return nil
	}
	batch := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	return batch
}

// together applies a batch. If it cannot be stored for what is in it, each is
// applied alone, so that the guilty one fails alone.
func (g *gatherer) together(batch []*command) {
	var updates []domain.Update
	for _, c := range batch {
		updates = append(updates, c.update)
	}
	receipt, err := g.store(updates)
	var bad *domain.DataError
	if errors.As(err, &bad) && len(batch) > 1 {
		for i := range batch {
			g.together(batch[i : i+1])
		}
		return
	}
	for i, c := range batch {
		if c.err = err; err == nil {
			c.result, c.endpoints = receipt.Results[i], receipt.Endpoints
		}
	}
}

// store makes an error of a panic, which here would end the program.
func (g *gatherer) store(updates []domain.Update) (r domain.Receipt, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), applyTimeout)
	defer cancel()
	return g.chats.Apply(ctx, domain.Batch{Updates: updates})
}
