package jobs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"recado/domain"
)

// inbox applies the webhooks of a lane in order, a batch at a time. The
// transaction that applies a batch also deletes its webhooks, so a process that
// is killed leaves nothing half done.
func (t *turn) inbox(ctx context.Context) error {
	number, err := strconv.Atoi(t.lane.Owner())
	if err != nil {
		return err
	}
	for until := time.Now().Add(maxInboxTurn); !t.over(ctx) && time.Now().Before(until); {
		lastLook := time.Now()
		hooks, err := t.cfg.Store.Next(ctx, number)
		switch {
		case err != nil:
			return err
		case len(hooks) == 0 && pause(ctx, t.wake, idleWait):
			continue
		case len(hooks) == 0:
			return nil
		}
		batch, ignored := t.parse(hooks)
		batch.Lane = number
		err = t.apply(ctx, batch)
		if errors.Is(err, domain.ErrTaken) {
			continue // a worker that lost this lane was still applying them
		}
		if err != nil {
			return err
		}
		t.countApplied(hooks, ignored)
		if len(hooks) < fullBatch {
			pause(ctx, nil, inboxPace-time.Since(lastLook))
		}
	}
	return nil
}

// parse reads the webhooks. Items that cannot be read are parked one by one.
// Ignored has the kind of each update that concerns nobody.
func (t *turn) parse(hooks []domain.Webhook) (b domain.Batch, ignored []domain.Kind) {
	for _, h := range hooks {
		b.Inbox = append(b.Inbox, h.ID)
		parsed := parseOne(t.cfg.Connectors[h.Kind], h)
		for _, u := range parsed.Updates {
			u.Hook, u.Kind, u.Received = h.Hook, h.Kind, h.Received
			b.Updates = append(b.Updates, u)
		}
		for _, bad := range parsed.Bad {
			b.Parked = append(b.Parked, domain.ParkedItem{
				Hook: h.Hook, Kind: h.Kind, Account: bad.Account, Body: bad.Item, Error: bad.Error,
			})
		}
		for range parsed.Ignored {
			ignored = append(ignored, h.Kind)
		}
	}
	return b, ignored
}

// parseOne reads one webhook. If the connector panics, or this program no longer
// knows the kind, the whole body becomes one bad item.
func parseOne(c domain.Connector, h domain.Webhook) (parsed domain.Parsed) {
	defer func() {
		if p := recover(); p != nil {
			parsed = domain.Parsed{Bad: []domain.BadItem{{Item: h.Body, Error: fmt.Sprintf("panic in the parser: %v", p)}}}
		}
	}()
	if c == nil {
		return domain.Parsed{Bad: []domain.BadItem{{Item: h.Body, Error: fmt.Sprintf("no connector for %s", h.Kind)}}}
	}
	return c.Parse(h.Body)
}

// apply stores a batch. Updates that the store cannot take are parked.
func (w *Worker) apply(ctx context.Context, b domain.Batch) error {
	store := func(b domain.Batch) error { return w.applyWhole(ctx, b) }
	return halve(b, store, func(b domain.Batch, why *domain.DataError) error { return store(w.park(b, why)) })
}

// applyWhole stores a batch or none of it, and counts what became of it.
func (w *Worker) applyWhole(ctx context.Context, b domain.Batch) error {
	receipt, err := w.cfg.Store.Apply(ctx, b)
	if err != nil {
		return err
	}
	w.hintEndpoints(receipt)
	for i, r := range receipt.Results {
		w.cfg.Metrics.Update(b.Updates[i].Kind, r.Outcome)
	}
	for _, item := range b.Parked {
		w.cfg.Metrics.Update(item.Kind, domain.Parked)
	}
	return nil
}

// park returns the batch with its one update parked instead of applied.
func (w *Worker) park(b domain.Batch, why error) domain.Batch {
	u := b.Updates[0]
	w.cfg.Log.Error("update parked", "hook", u.Hook, "err", why)
	if u.Item != nil {
		b.Parked = append(b.Parked, domain.ParkedItem{Hook: u.Hook, Kind: u.Kind, Account: u.Account, Body: u.Item(), Error: why.Error()})
	}
	b.Updates = nil
	return b
}

// hintEndpoints hints the endpoints that have new events.
func (w *Worker) hintEndpoints(r domain.Receipt) {
	for _, e := range r.Endpoints {
		w.cfg.Hints.Hint(domain.CallbackLane(e))
	}
}

// countApplied counts webhooks that are applied, and the updates that concerned nobody.
func (t *turn) countApplied(hooks []domain.Webhook, ignored []domain.Kind) {
	now := time.Now()
	for _, h := range hooks {
		t.cfg.Metrics.Applied(h.Kind, now.Sub(h.Received))
	}
	for _, kind := range ignored {
		t.cfg.Metrics.Update(kind, domain.Ignored)
	}
}
