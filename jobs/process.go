package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"recado/domain"
)

// A process is this one among the processes that share the lanes. If it stalled
// and was declared dead, it finishes what it had begun, and joins under a new id
// before it takes work.
type process struct {
	leases domain.Leases
	log    *slog.Logger

	mu       sync.Mutex
	joinedAs domain.ProcessID // empty: it has not joined
	lastBeat time.Time        // when it sent the last heartbeat that the store took
}

// id returns the id under which the process joined. Alive is false if the store
// may have declared it dead.
func (p *process) id() (id domain.ProcessID, alive bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.joinedAs, p.joinedAs != "" && time.Since(p.lastBeat) < domain.DeadAfter
}

// alive reports whether the process is alive under that id.
func (p *process) alive(as domain.ProcessID) bool {
	id, alive := p.id()
	return alive && id == as
}

// run sends heartbeats until the context ends, then leaves.
func (p *process) run(ctx context.Context) {
	tick := time.NewTicker(domain.HeartbeatEvery)
	defer tick.Stop()
	for {
		if err := guard(func() error { return p.heartbeat(ctx) }); err != nil && ctx.Err() == nil {
			p.log.Error("sending a heartbeat failed", "err", err)
		}
		select {
		case <-ctx.Done():
			p.leave()
			return
		case <-tick.C:
		}
	}
}

// heartbeat keeps the process alive, or joins if it is not.
func (p *process) heartbeat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, domain.DeadAfter)
	defer cancel()
	sent := time.Now()
	id, _ := p.id()
	if id != "" {
		ok, err := p.leases.Beat(ctx, id)
		if err != nil {
			return err
		}
		if !ok {
			p.log.Warn("this process was declared dead and joins again", "process", id)
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
	p.joinedAs, p.lastBeat = id, sent
	return nil
}

// leave releases every lane of the process at once, instead of by timeout.
func (p *process) leave() {
	id, _ := p.id()
	if id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), domain.DeadAfter)
	defer cancel()
	if err := p.leases.Leave(ctx, id); err != nil {
		p.log.Warn("signing off failed; the lanes are released by timeout", "process", id, "err", err)
	}
}
