package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"recado/domain"
	"recado/metrics"
)

// record stores the tries of calls and frees the chats whose runs are finished.
func (c *caller) record(ctx context.Context, calls [][]domain.Try) error {
	tries := slices.Concat(calls...)
	after, deliveries, err := c.queue.Record(ctx, c.endpoint.ID, tries)
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
			c.turn.contain("counting a callback", func() { c.count(try, deliveries[i]) })
		}
	}
	before := c.replace(after)
	if after.Status != before.Status {
		c.log.Warn("endpoint status changed", "endpoint", after.ID, "status", after.Status)
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

// count counts a recorded try, and logs one that failed.
func (c *caller) count(try domain.Try, after domain.Delivery) {
	if after.State == domain.DeliveryDelivered {
		c.turn.cfg.Metrics.Callback(metrics.CallbackDelivered)
		c.turn.cfg.Metrics.CallbackDelay(time.Since(after.Created), try.Delivery.Body)
		return
	}
	outcome := metrics.CallbackRetried
	switch {
	case after.State == domain.DeliveryParked:
		outcome = metrics.CallbackParked
	case try.Throttled:
		outcome = metrics.CallbackThrottled
	}
	c.turn.cfg.Metrics.Callback(outcome)
	c.log.Info("callback failed", "endpoint", after.Endpoint, "chat", after.Chat, "event", after.Event,
		"attempt", after.Attempts, "outcome", outcome, "err", try.Error, "ms", try.Took.Milliseconds())
}
