package jobs

import (
	"context"
	"slices"

	"recado/domain"
	"recado/metrics"
)

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
	defer c.turn.cfg.Metrics.Busy(metrics.CallbackSlots)()
	c.turn.contain("a delivery", func() {
		endpoint := c.current()
		endpoint.Batch = c.batch
		tries = c.turn.cfg.Deliver(context.WithoutCancel(ctx), endpoint, deliveries)
	})
	if tries != nil {
		return tries
	}
	t := domain.Try{Error: "the delivery panicked"}
	if c.batch {
		t.Batch = domain.BatchID(deliveries)
	}
	for _, t.Delivery = range deliveries {
		tries = append(tries, t)
	}
	return tries
}

func (c *caller) current() domain.Endpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.endpoint
}
