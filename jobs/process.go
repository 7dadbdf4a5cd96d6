package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"recado/domain"
)

const (
	beatEvery = 500 * time.Millisecond
	deadAfter = 2 * time.Second // by the store's rule; here by our own clock
)

// A process is this one among the processes that share the lanes. A process
// that stalled and was declared dead finishes what it had begun, and joins as a
// new one before it takes work.
type process struct {
	leases domain.Leases
	log    *slog.Logger

	mu   sync.Mutex
	id   domain.ProcessID
	beat time.Time // when the last beat that the store took was sent
}

// name returns the process as the store knows it; false: it may be dead there.
func (p *process) name() (domain.ProcessID, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.id, p.id != "" && time.Since(p.beat) < deadAfter
}

// is reports whether id still names this process.
func (p *process) is(id domain.ProcessID) bool {
	now, alive := p.name()
	return alive && now == id
}

// run keeps the process alive until the context ends, then leaves.
func (p *process) run(ctx context.Context) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		if err := p.stayAlive(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("heartbeat", "err", err)
		}
		select {
		case <-ctx.Done():
			p.leave()
			return
		case <-tick.C:
		}
	}
}

func (p *process) stayAlive(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, deadAfter)
	defer cancel()
	sent := time.Now()
	id, _ := p.name()
	if id != "" {
		ok, err := p.leases.Beat(ctx, id)
		if err != nil {
			return err
		}
		if !ok {
			p.log.Warn("this process was declared dead, it joins again", "process", id)
			id = ""
		}
	}
	if id == "" {
		var err error
		if id, err = p.leases.Join(ctx); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.id, p.beat = id, sent
	return nil
}

// leave frees the lanes at once.
func (p *process) leave() {
	id, _ := p.name()
	if id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), deadAfter)
	defer cancel()
	if err := p.leases.Leave(ctx, id); err != nil {
		p.log.Warn("leave", "process", id, "err", err)
	}
}
