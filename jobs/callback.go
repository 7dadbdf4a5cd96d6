package jobs

import (
	"context"
	"sync"
	"time"

	"recado/domain"
	"recado/metrics"
)

const (
	callbacksAtOnce = 16  // calls of one endpoint under way
	claimMost       = 256 // deliveries claimed at once
	claimAhead      = 16  // for each chat, while the endpoint is on trial
	runLength       = 32  // deliveries of one chat in a row

	callbackPace = 10 * time.Millisecond // as inboxPace
)

// callback delivers the events of an endpoint: chats side by side, the events
// of one chat one after another. An event that fails holds up its chat only.
func (t *turn) callback(ctx context.Context, id domain.EndpointID) error {
	endpoint, err := t.cfg.Store.Endpoint(ctx, id)
	if err != nil {
		return err
	}
	if endpoint.Status == domain.EndpointPaused { // a hint of a new event is no time for a probe
		if due, err := t.cfg.Store.HasWork(ctx, t.lane); err != nil || !due {
			return err
		}
	}
	c := &calls{
		turn: t, endpoint: endpoint, status: endpoint.Status, busy: map[domain.ChatID]*run{}, width: callbacksAtOnce,
		probed: endpoint.Status == domain.EndpointOK, // if it is paused in this turn, the probe comes later
		slots:  make(chan struct{}, callbacksAtOnce), foreseen: endpoint, left: true,
	}
	if endpoint.Status != domain.EndpointOK {
		c.width = 1 // a probe, and if it is taken a slow start
	}
	return pump[[]domain.Delivery, domain.Try]{
		claim:  c.claimNews,
		do:     c.deliver,
		record: c.record,
		width:  func() int { return c.allowed(ctx) },
		nudge:  t.nudge,
		pace:   callbackPace,
	}.run(ctx)
}

// calls is the state of one turn of an endpoint. All but deliver runs in the
// pump's own goroutine, which claims and records while calls are under way: so
// that none of them waits for it, there are more chats claimed than called.
type calls struct {
	*turn
	endpoint domain.Endpoint // as it was when the turn began
	status   domain.EndpointStatus
	width    int
	probed   bool // this turn probes no more
	busy     map[domain.ChatID]*run
	left     bool          // there may be more that is due, of which nobody tells
	slots    chan struct{} // holds one for each call under way

	mu       sync.Mutex      // guards following
	foreseen domain.Endpoint // as it will be when what came of the calls is recorded
	shut     bool            // it will not be ok any more: what is ahead waits
}

// A run is deliveries of a chat that are claimed.
type run struct {
	open       int  // not recorded yet
	passedOver bool // a claim left out what else the chat has
}

// allowed tells how many chats may be claimed. Many are claimed at once, so that
// a claim has few to pass over.
func (c *calls) allowed(ctx context.Context) int {
	switch {
	case c.over(ctx), c.status == domain.EndpointDisabled:
		return 0
	case c.status == domain.EndpointPaused && c.probed:
		return 0
	case c.width < callbacksAtOnce:
		return c.width
	case len(c.busy) > claimMost/2:
		return 0
	}
	return len(c.busy) + claimMost // each delivery may be of a chat of its own
}

// claimNews claims if there may be something: mostly a claim takes all that is
// due, and there is nothing to look for until somebody tells.
func (c *calls) claimNews(ctx context.Context, n int, news bool) ([][]domain.Delivery, error) {
	if !news && !c.left {
		return nil, nil
	}
	c.left = false
	return c.claim(ctx, n)
}

// claim takes what is due, in runs, one for each chat.
func (c *calls) claim(ctx context.Context, n int) ([][]domain.Delivery, error) {
	limit := min(n*claimAhead, claimMost)
	if c.status == domain.EndpointPaused {
		limit, c.probed = 1, true
	}
	busy := make([]domain.ChatID, 0, len(c.busy))
	for chat, r := range c.busy {
		busy = append(busy, chat)
		r.passedOver = true
	}
	deliveries, err := c.cfg.Store.DueDeliveries(ctx, c.endpoint.ID, busy, limit)
	if err != nil {
		return nil, err
	}
	var runs [][]domain.Delivery
	place := map[domain.ChatID]int{}
	for _, d := range deliveries {
		i, ok := place[d.Chat]
		if !ok {
			if len(runs) == n {
				c.left = true
				continue // it stays due
			}
			i = len(runs)
			place[d.Chat] = i
			runs = append(runs, nil)
		}
		if len(runs[i]) == runLength {
			c.left = true
			continue
		}
		runs[i] = append(runs[i], d)
	}
	c.left = c.left || len(deliveries) == limit
	for chat, i := range place {
		c.busy[chat] = &run{open: len(runs[i])}
	}
	if len(deliveries) == limit && len(runs) < min(n, callbacksAtOnce) { // a few chats have much to tell, others wait behind them
		more, err := c.claim(ctx, n-len(runs))
		return append(runs, more...), err
	}
	return runs, nil
}

// deliver calls the endpoint with one event after another. Behind one that
// fails the others of its chat wait.
func (c *calls) deliver(ctx context.Context, run []domain.Delivery, report func(domain.Try)) {
	c.slots <- struct{}{}
	defer func() { <-c.slots }()
	held := false
	for _, d := range run {
		if held || c.over(ctx) || c.isShut() {
			report(domain.Try{Delivery: d, Skipped: true})
			continue
		}
		try := c.cfg.Deliver(context.WithoutCancel(ctx), c.endpoint, d)
		held = !try.OK
		c.foresee(try)
		report(try)
	}
}

// foresee tells what the record of a try will say, before the next call.
func (c *calls) foresee(try domain.Try) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.foreseen.Status
	c.foreseen, _ = domain.AfterTry(c.foreseen, try, time.Now())
	if before == domain.EndpointOK && c.foreseen.Status != before {
		c.shut = true
	}
}

func (c *calls) isShut() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.shut
}

// record stores what came of the calls, and frees the chats whose runs are over.
func (c *calls) record(ctx context.Context, tries []domain.Try) error {
	after, recorded, err := c.cfg.Store.Record(ctx, c.endpoint.ID, tries)
	if err != nil {
		return err
	}
	if after.Status == domain.EndpointOK && after.Failures == 0 {
		c.width = min(2*c.width, callbacksAtOnce)
	}
	if after.Status != c.status {
		c.cfg.Log.Warn("endpoint", "endpoint", after.ID, "status", after.Status, "failures", after.Failures)
	}
	c.status = after.Status
	for i, try := range tries {
		r := c.busy[try.Delivery.Chat]
		if r.open--; r.open == 0 {
			delete(c.busy, try.Delivery.Chat)
			c.left = c.left || r.passedOver
		}
		c.left = c.left || !try.OK
		if !try.Skipped {
			c.tell(try, recorded[i])
		}
	}
	if len(c.busy) == 0 { // nothing is under way
		c.mu.Lock()
		defer c.mu.Unlock()
		c.foreseen, c.shut = after, false
	}
	return nil
}

// tell counts a try, and logs one that failed.
func (c *calls) tell(try domain.Try, d domain.Delivery) {
	if d.State == domain.DeliveryDelivered {
		c.cfg.Metrics.Callback(metrics.CallbackDelivered)
		c.cfg.Metrics.CallbackDelay(time.Since(d.Created))
		return
	}
	outcome := metrics.CallbackRetried
	if d.State == domain.DeliveryParked {
		outcome = metrics.CallbackParked
	}
	c.cfg.Metrics.Callback(outcome)
	c.cfg.Log.Info("callback failed", "endpoint", d.Endpoint, "chat", d.Chat, "event", d.Event,
		"attempt", d.Attempts, "outcome", outcome, "err", try.Error, "ms", try.Took.Milliseconds())
}
