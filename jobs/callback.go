package jobs

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"recado/domain"
	"recado/metrics"
)

const (
	callbacksAtOnce = domain.CallbacksAtOnce // calls of one endpoint in flight
	claimLimit      = 256                    // deliveries claimed at once, of one chat each as a rule

	callbackPace = 10 * time.Millisecond // as inboxPace
)

// callback delivers the events of an endpoint: chats in parallel, the events of
// one chat one after another. An event that fails holds up its own chat only.
func (t *turn) callback(ctx context.Context, id domain.EndpointID) error {
	endpoint, err := t.cfg.Store.Endpoint(ctx, id)
	if err != nil {
		return err
	}
	if !endpoint.ReadyAt().IsZero() { // a hint of a new event must not cause a call before its time
		if due, err := t.cfg.Store.HasWork(ctx, t.lane); err != nil || !due {
			return err
		}
	}
	c := newCaller(t, endpoint)
	return pump[[]domain.Delivery, []domain.Try]{
		claim:  c.claimIfDue,
		do:     c.deliver,
		record: c.record,
		width:  func() int { return c.claimWidth(ctx) },
		wake:   t.wake,
		pace:   callbackPace,
	}.run(ctx)
}

// A caller delivers to one endpoint during one turn. Only deliver runs on other
// goroutines. It works on runs of deliveries: of one chat each, one event in a
// call; or of many chats for an endpoint that takes batches, all in a call.
type caller struct {
	turn  *turn
	batch bool // the endpoint takes batches
	chats chatRuns
	slots chan struct{} // holds one value for each run that is being called
	gate  *callGate
	size  atomic.Int64 // events that one call carries at most; less when the endpoint says 413

	mu       sync.Mutex      // guards endpoint
	endpoint domain.Endpoint // as last recorded
}

func newCaller(t *turn, e domain.Endpoint) *caller {
	c := &caller{
		turn: t, batch: e.Batch, endpoint: e, gate: newCallGate(e.EndpointHealth),
		chats: chatRuns{open: map[domain.ChatID]*chatRun{}, maybeMore: true, size: maxRun},
		slots: make(chan struct{}, callbacksAtOnce),
	}
	c.size.Store(1)
	if c.batch {
		c.chats.mixed, c.chats.size = true, domain.BatchEvents
		c.slots = make(chan struct{}, domain.BatchesAtOnce)
		c.size.Store(domain.BatchEvents)
	}
	return c
}

// claimWidth returns how many runs may be claimed in all. Of runs of one chat it
// claims more than can be called at once, so that call slots stay busy while the
// pump's goroutine claims or records: it claims in bulk and then pauses until half
// is done, so that a claim has few busy chats to pass over. Batches are claimed
// when they can be called, so that they carry what has come until then.
func (c *caller) claimWidth(ctx context.Context) int {
	open, probing := c.gate.open()
	switch claimed := len(c.chats.open); {
	case !open || c.turn.over(ctx):
		return 0
	case probing:
		return 1
	case c.batch:
		return domain.BatchesAtOnce
	case claimed > claimLimit/2:
		return 0
	default:
		return claimed + claimLimit // each delivery may belong to a chat of its own
	}
}

// claimIfDue claims up to n runs, unless nothing can be due: a claim usually takes
// everything, and then there is nothing to find until a hint comes.
func (c *caller) claimIfDue(ctx context.Context, n int, woken bool) ([][]domain.Delivery, error) {
	if !woken && !c.chats.maybeMore {
		return nil, nil
	}
	c.chats.maybeMore = false
	return c.claim(ctx, n)
}

// claim fetches until it has enough runs to fill the call slots: a full fetch may
// hold a few chats with many deliveries, and others wait behind them.
func (c *caller) claim(ctx context.Context, n int) (runs [][]domain.Delivery, err error) {
	if _, probing := c.gate.open(); probing {
		probe, err := c.turn.cfg.Store.Probe(ctx, c.endpoint.ID)
		return c.chats.start(probe, n), err
	}
	for full := true; full && len(runs) < min(n, cap(c.slots)); {
		deliveries, err := c.turn.cfg.Store.DueDeliveries(ctx, c.endpoint.ID, c.chats.busy(), claimLimit)
		if err != nil {
			return runs, err
		}
		runs = append(runs, c.chats.start(deliveries, n-len(runs))...)
		full = len(deliveries) == claimLimit
		c.chats.maybeMore = c.chats.maybeMore || full
	}
	return runs, nil
}

// deliver calls the endpoint with the events of a run, one call after another. If
// one fails, it skips those of its chat, which wait behind it. While calls wait for
// one another the runs take turns, one call each.
func (c *caller) deliver(ctx context.Context, run []domain.Delivery, report func([]domain.Try)) {
	c.slots <- struct{}{}
	defer func() { <-c.slots }()
	for first := true; len(run) > 0; first = false {
		if !first && c.gate.spaced() {
			<-c.slots
			c.slots <- struct{}{}
		}
		if c.turn.over(ctx) || !c.gate.enter(ctx) {
			report(skipped(run))
			return
		}
		next := run[:domain.BatchSize(run, int(c.size.Load()))]
		tries := c.call(ctx, next)
		if len(next) > 1 && tries[0].TooLarge {
			c.gate.leave(nil)
			c.size.Store(int64(len(next)+1) / 2) // the same events again, in two calls
			continue
		}
		c.gate.leave(tries)
		later, waiting := behind(tries, run[len(next):])
		report(append(tries, skipped(waiting)...))
		run = later
	}
}

// behind takes the deliveries out of a run whose chats wait: one of the tries in
// the chat failed.
func behind(tries []domain.Try, run []domain.Delivery) (others, waiting []domain.Delivery) {
	for _, d := range run {
		if slices.ContainsFunc(tries, func(t domain.Try) bool { return !t.OK && t.Delivery.Chat == d.Chat }) {
			waiting = append(waiting, d)
		} else {
			others = append(others, d)
		}
	}
	return others, waiting
}

func skipped(deliveries []domain.Delivery) (tries []domain.Try) {
	for _, d := range deliveries {
		tries = append(tries, domain.Try{Delivery: d, Skipped: true})
	}
	return tries
}

// call calls the endpoint once. If the call panicked, it failed.
func (c *caller) call(ctx context.Context, deliveries []domain.Delivery) (tries []domain.Try) {
	c.turn.contain("a delivery", func() {
		endpoint := c.current()
		endpoint.Batch = c.batch
		tries = c.turn.cfg.Deliver(context.WithoutCancel(ctx), endpoint, deliveries)
	})
	if tries == nil {
		for _, d := range deliveries {
			tries = append(tries, domain.Try{Delivery: d, Error: "the delivery panicked"})
		}
	}
	return tries
}

func (c *caller) current() domain.Endpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.endpoint
}

// record stores the tries of calls and frees the chats whose runs are finished.
func (c *caller) record(ctx context.Context, calls [][]domain.Try) error {
	tries := slices.Concat(calls...)
	after, deliveries, err := c.turn.cfg.Store.Record(ctx, c.endpoint.ID, tries)
	switch {
	case errors.Is(err, domain.ErrNotFound): // the endpoint ended, and with it its deliveries: there is nothing to record
		after, deliveries = c.endpoint, nil
		after.Status = domain.EndpointDisabled
	case err != nil:
		return err
	}
	for i, try := range tries {
		c.chats.recorded(try)
		if !try.Skipped && deliveries != nil {
			c.turn.contain("counting a callback", func() { c.turn.countCallback(try, deliveries[i]) })
		}
	}
	before := c.replace(after)
	if after.Status != before.Status {
		c.turn.cfg.Log.Warn("endpoint status changed", "endpoint", after.ID, "status", after.Status)
	}
	if !before.FailingSince.IsZero() && after.FailingSince.IsZero() {
		c.chats.maybeMore = true // what waited is due
	}
	afresh := after.URL != before.URL || after.Secret != before.Secret
	c.gate.recorded(after.EndpointHealth, len(c.chats.open) == 0, afresh)
	if after.Batch != c.batch {
		c.gate.close() // the next turn makes the other kind of calls
	}
	return nil
}

// replace takes over the endpoint as it was recorded, and returns it as it was.
func (c *caller) replace(after domain.Endpoint) (before domain.Endpoint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, c.endpoint = c.endpoint, after
	return before
}

// countCallback counts a recorded try, and logs one that failed.
func (w *Worker) countCallback(try domain.Try, after domain.Delivery) {
	if after.State == domain.DeliveryDelivered {
		w.cfg.Metrics.Callback(metrics.CallbackDelivered)
		w.cfg.Metrics.CallbackDelay(time.Since(after.Created))
		return
	}
	outcome := metrics.CallbackRetried
	switch {
	case after.State == domain.DeliveryParked:
		outcome = metrics.CallbackParked
	case try.Throttled:
		outcome = metrics.CallbackThrottled
	}
	w.cfg.Metrics.Callback(outcome)
	w.cfg.Log.Info("callback failed", "endpoint", after.Endpoint, "chat", after.Chat, "event", after.Event,
		"attempt", after.Attempts, "outcome", outcome, "err", try.Error, "ms", try.Took.Milliseconds())
}
