package jobs

import (
	"context"
	"time"

	"recado/domain"
)

const (
	maxTurn      = 30 * time.Minute // of a lane; then another process may have it
	maxInboxTurn = time.Second      // of an inbox lane, for the same reason
	storeTimeout = 10 * time.Second // of one call of the store

	// idleWait is how long a drainer with nothing to do keeps its lane. Work that
	// comes within it needs no job, no lease and no second look.
	idleWait = 200 * time.Millisecond

	// inboxPace is the shortest time from one small batch of a lane to the next.
	// Webhooks that come within it are applied together, at nearly the price of
	// one. The first batch does not wait.
	inboxPace = 15 * time.Millisecond
	fullBatch = 64 // at least this many rows mean that more are waiting, so do not pause
)

// drain takes a lane, works until nothing is due, and releases it. After the
// release it looks once more, in a new snapshot, so that no row falls between;
// for that reason a hint of a lane that this process drains only wakes its drainer.
func (w *Worker) drain(ctx context.Context, l domain.Lane) {
	look, err := w.takeTurn(ctx, l)
	if err == nil && look {
		var due bool
		if due, err = w.cfg.Store.HasWork(ctx, l); due {
			w.cfg.Hints.Hint(l)
		}
	}
	if err != nil && ctx.Err() == nil {
		w.cfg.Log.Error("draining a lane failed", "lane", l, "err", err) // the sweep comes back to it
	}
}

// takeTurn takes the lane and works until nothing is due. It returns false if
// nobody needs to look at the store again: another process has the lane, and no
// hint came for it in the meantime.
func (w *Worker) takeTurn(ctx context.Context, l domain.Lane) (look bool, err error) {
	id, alive := w.process.id()
	if !alive {
		return false, nil
	}
	wake, ok := w.drainers.start(l)
	if !ok {
		return false, nil
	}
	defer func() { look = w.drainers.end(l) || look }()
	taken, err := w.cfg.Store.Take(ctx, l, id)
	if err != nil || !taken {
		return false, err
	}
	defer w.release(ctx, l, id)
	t := &turn{Worker: w, owner: id, lane: l, wake: wake, until: time.Now().Add(maxTurn)}
	if handle, known := handlers[l.Kind()]; known {
		err = guard(func() error { return handle(ctx, t) })
	}
	return true, err
}

// handlers has a line for every row of domain.Lanes: what works on such a lane.
var handlers = map[domain.LaneKind]func(context.Context, *turn) error{
	domain.LaneInbox:    func(ctx context.Context, t *turn) error { return t.inbox(ctx) },
	domain.LaneSend:     func(ctx context.Context, t *turn) error { return t.send(ctx, domain.ConnectionID(t.lane.Owner())) },
	domain.LaneReplay:   func(ctx context.Context, t *turn) error { return t.replay(ctx, domain.EndpointID(t.lane.Owner())) },
	domain.LaneMedia:    func(ctx context.Context, t *turn) error { return t.media(ctx, domain.ConnectionID(t.lane.Owner())) },
	domain.LaneCallback: func(ctx context.Context, t *turn) error { return t.callback(ctx, domain.EndpointID(t.lane.Owner())) },
}

// release gives the lane back, also when the program stops.
func (w *Worker) release(ctx context.Context, l domain.Lane, id domain.ProcessID) {
	if err := w.cfg.Store.Release(context.WithoutCancel(ctx), l, id); err != nil {
		w.cfg.Log.Error("releasing a lease failed", "lane", l, "err", err)
	}
}

// A turn is the time in which this process owns a lane.
type turn struct {
	*Worker
	owner domain.ProcessID // this process, when it took the lane
	lane  domain.Lane
	wake  <-chan struct{} // fires when a hint comes for the lane
	until time.Time
}

// over reports whether the turn must begin no more work: the program stops, this
// process was declared dead, or the turn has been long enough.
func (t *turn) over(ctx context.Context) bool {
	return ctx.Err() != nil || !t.process.alive(t.owner) || time.Now().After(t.until)
}

// pause waits until wake fires or d has passed, and reports whether it was woken.
// A nil channel never fires.
func pause(ctx context.Context, wake <-chan struct{}, d time.Duration) (woken bool) {
	if d <= 0 {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-wake:
		return true
	case <-timer.C:
		return false
	case <-ctx.Done():
		return false
	}
}
