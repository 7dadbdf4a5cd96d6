package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"recado/domain"
	"recado/metrics"
)

const (
	callbacksAtOnce = domain.CallbacksAtOnce // calls of one endpoint in flight
	claimLimit      = 256                    // deliveries claimed at once
	claimPerChat    = 16                     // deliveries claimed per allowed chat while the endpoint is probed or ramps up

	callbackPace = 10 * time.Millisecond // as inboxPace
)

// callback delivers the events of an endpoint: chats in parallel, the events of
// one chat one after another. An event that fails holds up its own chat only.
func (t *turn) callback(ctx context.Context, id domain.EndpointID) error {
	endpoint, err := t.cfg.Store.Endpoint(ctx, id)
	if err != nil {
		return err
	}
	if endpoint.Status == domain.EndpointPaused { // a hint of a new event must not trigger a probe before it is due
		if due, err := t.cfg.Store.HasWork(ctx, t.lane); err != nil || !due {
			return err
		}
	}
	c := &caller{
		turn:     t,
		endpoint: endpoint,
		chats:    chatRuns{open: map[domain.ChatID]*chatRun{}, maybeMore: true},
		slots:    make(chan struct{}, callbacksAtOnce),
		status:   endpoint.Status,
		run:      domain.StartEndpointRun(endpoint, callbacksAtOnce),
	}
	return pump[[]domain.Delivery, domain.Try]{
		claim:  c.claimIfDue,
		do:     c.deliver,
		record: c.record,
		width:  func() int { return c.claimWidth(ctx) },
		wake:   t.wake,
		pace:   callbackPace,
	}.run(ctx)
}

// A caller delivers to one endpoint during one turn. Only deliver runs on other
// goroutines. We claim more chats than we can call at once, so that call slots
// stay busy while the pump's goroutine claims or records.
type caller struct {
	turn     *turn
	endpoint domain.Endpoint // as it was when the turn began
	chats    chatRuns
	slots    chan struct{} // holds one value for each call in flight
	status   domain.EndpointStatus

	mu  sync.Mutex // guards run
	run domain.EndpointRun
}

// claimWidth returns how many chats may be claimed in all. It claims in bulk and
// then pauses until half is done, so that a claim has few busy chats to pass over.
func (c *caller) claimWidth(ctx context.Context) int {
	c.mu.Lock()
	calls := c.run.Width()
	c.mu.Unlock()
	switch claimed := len(c.chats.open); {
	case c.turn.over(ctx):
		return 0
	case calls < callbacksAtOnce:
		return calls
	case claimed > claimLimit/2:
		return 0
	default:
		return claimed + claimLimit // each delivery may belong to a chat of its own
	}
}

// claimIfDue claims runs of up to n chats, unless nothing can be due: a claim
// usually takes everything, and then there is nothing to find until a hint comes.
func (c *caller) claimIfDue(ctx context.Context, n int, woken bool) ([][]domain.Delivery, error) {
	if !woken && !c.chats.maybeMore {
		return nil, nil
	}
	c.chats.maybeMore = false
	return c.claim(ctx, n)
}

// claim fetches until it has enough chats to fill the call slots: a full fetch
// may hold a few chats with many deliveries, and others wait behind them.
func (c *caller) claim(ctx context.Context, n int) (runs [][]domain.Delivery, err error) {
	c.mu.Lock()
	probe := c.run.StartProbe()
	c.mu.Unlock()
	for full := true; full && len(runs) < min(n, callbacksAtOnce); {
		wanted := n - len(runs)
		limit := min(wanted*claimPerChat, claimLimit)
		if probe {
			limit = 1
		}
		deliveries, err := c.turn.cfg.Store.DueDeliveries(ctx, c.endpoint.ID, c.chats.busy(), limit)
		if err != nil {
			return runs, err
		}
		runs = append(runs, c.chats.start(deliveries, wanted)...)
		full = len(deliveries) == limit
		c.chats.maybeMore = c.chats.maybeMore || full
	}
	return runs, nil
}

// deliver calls the endpoint with the events of one chat, one after another. If
// one fails, it skips the rest, which wait behind it.
func (c *caller) deliver(ctx context.Context, run []domain.Delivery, report func(domain.Try)) {
	c.slots <- struct{}{}
	defer func() { <-c.slots }()
	failed := false
	for _, d := range run {
		if failed || c.turn.over(ctx) || c.failing() {
			report(domain.Try{Delivery: d, Skipped: true})
			continue
		}
		try := c.call(ctx, d)
		failed = !try.OK
		report(try)
	}
}

// call calls the endpoint. A call that panicked failed.
func (c *caller) call(ctx context.Context, d domain.Delivery) domain.Try {
	try := domain.Try{Delivery: d, Error: "the delivery panicked"}
	c.turn.contain("a delivery", func() { try = c.turn.cfg.Deliver(context.WithoutCancel(ctx), c.endpoint, d) })
	c.turn.contain("counting a delivery", func() { c.tried(try) })
	return try
}

func (c *caller) failing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.run.Failing()
}

func (c *caller) tried(try domain.Try) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run.Tried(try, time.Now())
}

// record stores the tries and frees the chats whose runs are finished.
func (c *caller) record(ctx context.Context, tries []domain.Try) error {
	after, deliveries, err := c.turn.cfg.Store.Record(ctx, c.endpoint.ID, tries)
	switch {
	case errors.Is(err, domain.ErrNotFound): // the endpoint ended, and with it its deliveries: there is nothing to record
		after, deliveries = c.endpoint, nil
		after.Status = domain.EndpointDisabled
	case err != nil:
		return err
	}
	if after.Status != c.status {
		c.turn.cfg.Log.Warn("endpoint status changed", "endpoint", after.ID, "status", after.Status, "failures", after.Failures)
	}
	c.status = after.Status
	for i, try := range tries {
		c.chats.recorded(try)
		if !try.Skipped && deliveries != nil {
			c.turn.contain("counting a callback", func() { c.turn.countCallback(try, deliveries[i]) })
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run.Recorded(after, len(c.chats.open) == 0)
	return nil
}

// countCallback counts a recorded try, and logs one that failed.
func (w *Worker) countCallback(try domain.Try, after domain.Delivery) {
	if after.State == domain.DeliveryDelivered {
		w.cfg.Metrics.Callback(metrics.CallbackDelivered)
		w.cfg.Metrics.CallbackDelay(time.Since(after.Created))
		return
	}
	outcome := metrics.CallbackRetried
	if after.State == domain.DeliveryParked {
		outcome = metrics.CallbackParked
	}
	w.cfg.Metrics.Callback(outcome)
	w.cfg.Log.Info("callback failed", "endpoint", after.Endpoint, "chat", after.Chat, "event", after.Event,
		"attempt", after.Attempts, "outcome", outcome, "err", try.Error, "ms", try.Took.Milliseconds())
}
