package jobs

import (
	"context"
	"time"

	"recado/domain"
)

const (
	inboxSlice   = time.Second      // then other processes get their turn
	turnLength   = 30 * time.Minute // at most, for the same reason
	storeTimeout = 10 * time.Second // of one call of the store

	// linger is how long a drainer with nothing to do keeps his lane: what comes
	// meanwhile needs no hint, no lease and no second look.
	linger = 200 * time.Millisecond

	// inboxPace is from one small batch of a lane to the next, at least: what comes
	// meanwhile goes together, for nearly the price of one. The first does not wait.
	inboxPace = 15 * time.Millisecond
	fullBatch = 64 // behind as many there are more
)

// drain works on a lane: take it, work, give it back, look again. It looks in a
// new snapshot after it gave the lane back, so no row falls between; therefore
// a hint for a lane that this process works on only nudges who works there.
func (w *Worker) drain(ctx context.Context, l domain.Lane) {
	worked, err := w.turn(ctx, l)
	if err == nil && worked {
		var due bool
		if due, err = w.cfg.Store.HasWork(ctx, l); due {
			w.cfg.Hints.Hint(l)
		}
	}
	if err != nil && ctx.Err() == nil {
		w.cfg.Log.Error("lane", "lane", l, "err", err) // the sweep comes back to it
	}
}

// turn owns a lane and works until nothing is due. False: somebody else has the
// lane, and there was no nudge meanwhile, whose work he may have missed.
func (w *Worker) turn(ctx context.Context, l domain.Lane) (worked bool, err error) {
	id, alive := w.process.name()
	if !alive {
		return false, nil
	}
	nudge, ok := w.begin(l)
	if !ok {
		return false, nil
	}
	defer func() { worked = w.end(l) || worked }()
	taken, err := w.cfg.Store.Take(ctx, l, id)
	if err != nil || !taken {
		return false, err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
		defer cancel()
		if err := w.cfg.Store.Release(ctx, l, id); err != nil {
			w.cfg.Log.Error("release", "lane", l, "err", err)
		}
	}()
	t := &turn{Worker: w, owner: id, lane: l, nudge: nudge, until: time.Now().Add(turnLength)}
	switch l.Kind() {
	case domain.LaneInbox:
		err = t.inbox(ctx)
	case domain.LaneSend:
		err = t.send(ctx, domain.ConnectionID(l.Owner()))
	case domain.LaneCallback:
		err = t.callback(ctx, domain.EndpointID(l.Owner()))
	}
	return true, err
}

// A turn is a time in which this process owns a lane.
type turn struct {
	*Worker
	owner domain.ProcessID
	lane  domain.Lane
	nudge <-chan struct{}
	until time.Time
}

// more waits for a nudge; false: none came while he lingered.
func more(ctx context.Context, nudge <-chan struct{}) bool { return pause(ctx, nudge, linger) }

// pause waits for a nudge, or as long as it may; nil: nothing nudges.
func pause(ctx context.Context, nudge <-chan struct{}, most time.Duration) (nudged bool) {
	if most <= 0 {
		return false
	}
	enough := time.NewTimer(most)
	defer enough.Stop()
	select {
	case <-nudge:
		return true
	case <-enough.C:
		return false
	case <-ctx.Done():
		return false
	}
}

// over reports whether no new work may be begun: the program stops, the process
// was declared dead, or the turn is long enough.
func (t *turn) over(ctx context.Context) bool {
	return ctx.Err() != nil || !t.process.is(t.owner) || time.Now().After(t.until)
}

// begin makes the caller this process's one drainer of a lane. If there is one
// already, he is nudged.
func (w *Worker) begin(l domain.Lane) (<-chan struct{}, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.nudged(l) {
		return nil, false
	}
	nudge := make(chan struct{}, 1)
	w.mine[l] = nudge
	return nudge, true
}

// nudge tells the drainer that this process has for a lane, if it has one: he
// looks again before he ends.
func (w *Worker) nudge(l domain.Lane) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.nudged(l)
}

// nudged is nudge for who holds mu.
func (w *Worker) nudged(l domain.Lane) bool {
	nudge, taken := w.mine[l]
	if taken {
		select {
		case nudge <- struct{}{}:
		default:
		}
	}
	return taken
}

// end gives a lane up within the process; true: a nudge was not looked at.
func (w *Worker) end(l domain.Lane) (nudged bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	nudged = len(w.mine[l]) > 0
	delete(w.mine, l)
	return nudged
}
