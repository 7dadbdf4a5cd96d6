package webhooks

import (
	"context"
	"sync"
	"time"

	"recado/domain"
)

const (
	commitRows    = 1000
	commitBytes   = 8 << 20
	commitTimeout = 5 * time.Second
)

// A committer gathers concurrent webhooks into one INSERT. It has no timer:
// whatever waits when the commit before has ended is the next one, so that a
// single webhook waits for nobody. There is one commit at a time: with two, each
// had half as many webhooks, at twice the price.
type committer struct {
	store func(context.Context, []domain.Webhook) error

	mu      sync.Mutex
	some    sync.Cond // something waits, or closed
	waiting []pending
	closed  bool
	done    sync.WaitGroup
}

type pending struct {
	hook domain.Webhook
	err  chan error
}

func newCommitter(store func(context.Context, []domain.Webhook) error) *committer {
	c := &committer{store: store}
	c.some.L = &c.mu
	c.done.Go(c.run)
	return c
}

// append returns when the webhook is committed, or is known not to be, or
// nothing is known: only nil may be answered with 2xx.
func (c *committer) append(hook domain.Webhook) error {
	p := pending{hook, make(chan error, 1)}
	c.mu.Lock()
	c.waiting = append(c.waiting, p)
	c.mu.Unlock()
	c.some.Signal()
	return <-p.err
}

func (c *committer) run() {
	for batch := c.next(); batch != nil; batch = c.next() {
		hooks := make([]domain.Webhook, len(batch))
		for i, p := range batch {
			hooks[i] = p.hook
		}
		ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
		err := c.store(ctx, hooks)
		cancel()
		for _, p := range batch {
			p.err <- err
		}
	}
}

// next waits for webhooks and takes the oldest; nil when it is closed and empty.
func (c *committer) next() []pending {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.waiting) == 0 && !c.closed {
		c.some.Wait()
	}
	n, size := 0, 0
	for n < len(c.waiting) && n < commitRows && (n == 0 || size+len(c.waiting[n].hook.Body) <= commitBytes) {
		size += len(c.waiting[n].hook.Body)
		n++
	}
	batch := c.waiting[:n:n]
	c.waiting = c.waiting[n:]
	if len(c.waiting) == 0 {
		c.waiting = nil
	}
	if n == 0 {
		return nil
	}
	return batch
}

func (c *committer) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.some.Signal()
	c.done.Wait()
}
