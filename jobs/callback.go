package jobs

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"recado/domain"
)

const (
	callbacksAtOnce = domain.CallbacksAtOnce // calls of one endpoint in flight
	claimLimit      = 256                    // deliveries claimed at once, unless in batches

	callbackPace = 10 * time.Millisecond // as inboxPace
)

// callback delivers the new events of an endpoint.
func (t *turn) callback(ctx context.Context, id domain.EndpointID) error {
	return t.deliver(ctx, id, t.cfg.Store, t.cfg.Log)
}

// deliver delivers what the queue holds for an endpoint: chats in parallel, the events of
// one chat one after another. An event that fails holds up its own chat only.
func (t *turn) deliver(ctx context.Context, id domain.EndpointID, queue domain.Callbacks, log *slog.Logger) error {
	endpoint, err := queue.Endpoint(ctx, id)
	if err != nil {
		return err
	}
	if !endpoint.ReadyAt().IsZero() { // a hint of a new event must not cause a call before its time
		if due, err := t.cfg.Store.HasWork(ctx, t.lane); err != nil || !due {
			return err
		}
	}
	c := newCaller(t, endpoint, queue, log)
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
	queue domain.Callbacks // of new events, or of a replay
	log   *slog.Logger
	batch bool // the endpoint takes batches
	chats chatRuns
	slots chan struct{} // holds one value for each run that is being called
	gate  *callGate
	size  atomic.Int64 // events that one call carries at most; less when the endpoint says 413

	mu       sync.Mutex      // guards endpoint
	endpoint domain.Endpoint // as last recorded
}

func newCaller(t *turn, e domain.Endpoint, queue domain.Callbacks, log *slog.Logger) *caller {
	c := &caller{
		turn: t, queue: queue, log: log, batch: e.Batch, endpoint: e, gate: newCallGate(e.EndpointHealth),
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
		probe, err := c.queue.Probe(ctx, c.endpoint.ID)
		return c.chats.start(probe, n), err
	}
	for full := true; full && len(runs) < min(n, cap(c.slots)); {
		limit := claimLimit
		if c.batch {
			limit = (n - len(runs)) * domain.BatchEvents
		}
		deliveries, err := c.queue.DueDeliveries(ctx, c.endpoint.ID, c.chats.busy(), limit)
		if err != nil {
			return runs, err
		}
		runs = append(runs, c.chats.start(deliveries, n-len(runs))...)
		full = len(deliveries) == limit
		c.chats.maybeMore = c.chats.maybeMore || full
	}
	return runs, nil
}
