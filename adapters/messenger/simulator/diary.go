package simulator

import (
	"context"
	"sync"
	"time"
)

// maxPlans bounds the answers that clients have in mind.
const maxPlans = 10_000

// A diary holds what clients will do by themselves.
type diary struct {
	wake  chan struct{}
	mu    sync.Mutex // guards plans
	plans agenda[func()]
}

func (d *diary) full() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.plans.len() >= maxPlans
}

func (d *diary) add(at time.Time, do func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plans.add(at, do)
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// run does what is due, one thing at a time, until ctx ends.
func (d *diary) run(ctx context.Context) {
	for ctx.Err() == nil {
		d.mu.Lock()
		do, due, wait := d.plans.next(time.Now())
		d.mu.Unlock()
		if due {
			do()
			continue
		}
		pause(ctx, wait, d.wake)
	}
}
