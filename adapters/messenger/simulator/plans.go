package simulator

import (
	"context"
	"sync"
	"time"
)

// maxPlans bounds the answers that clients will write.
const maxPlans = 10_000

// Plans hold what clients will do by themselves.
type plans struct {
	wake  chan struct{}
	mu    sync.Mutex // guards queue
	queue agenda[func()]
}

func (p *plans) full() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queue.len() >= maxPlans
}

func (p *plans) add(at time.Time, do func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue.add(at, do)
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run does what is due, one thing at a time, until ctx ends.
func (p *plans) run(ctx context.Context) {
	for ctx.Err() == nil {
		p.mu.Lock()
		do, due, wait := p.queue.next(time.Now())
		p.mu.Unlock()
		if due {
			do()
			continue
		}
		pause(ctx, wait, p.wake)
	}
}
