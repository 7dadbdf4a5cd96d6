package jobs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"recado/domain"
)

// inbox applies the webhooks of a lane in their order, a batch at a time. The
// transaction that applies a batch deletes it: a killed process leaves nothing
// half done.
func (t *turn) inbox(ctx context.Context) error {
	number, err := strconv.Atoi(t.lane.Owner())
	if err != nil {
		return err
	}
	for until := time.Now().Add(maxInboxTurn); !t.over(ctx) && time.Now().Before(until); {
		began := time.Now()
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
			continue // a worker that lost this lane was still at it
		}
		if err != nil {
			return err
		}
		t.counted(hooks, ignored)
		if len(hooks) < fullBatch {
			pause(ctx, nil, inboxPace-time.Since(began))
		}
	}
	return nil
}

// parse reads the webhooks. What cannot be read is parked item by item. Ignored
// has the kind of each update that concerns nobody.
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

// parseOne reads a webhook. A connector that panics, and a kind that this
// program no longer knows, make the whole of it one bad item.
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

// apply stores a batch. If it cannot be stored for what is in it, it is halved
// until the guilty update is alone, and that one is parked.
func (w *Worker) apply(ctx context.Context, b domain.Batch) error {
	receipt, err := w.cfg.Store.Apply(ctx, b)
	var bad *domain.DataError
	switch {
	case err == nil:
		w.hintEndpoints(receipt)
		for i, r := range receipt.Results {
			w.cfg.Metrics.Update(b.Updates[i].Kind, r.Outcome)
		}
		for _, item := range b.Parked {
			w.cfg.Metrics.Update(item.Kind, domain.Parked)
		}
		return nil
	case !errors.As(err, &bad) || len(b.Updates) == 0:
		return err
	case len(b.Updates) == 1:
		return w.park(ctx, b, bad)
	}
	half := len(b.Updates) / 2
	if err := w.apply(ctx, domain.Batch{Updates: b.Updates[:half]}); err != nil {
		return err
	}
	return w.apply(ctx, domain.Batch{Lane: b.Lane, Inbox: b.Inbox, Updates: b.Updates[half:], Parked: b.Parked})
}

// park puts aside the one update of a batch that the store cannot take.
func (w *Worker) park(ctx context.Context, b domain.Batch, why error) error {
	u := b.Updates[0]
	w.cfg.Log.Error("update parked", "hook", u.Hook, "err", why)
	if u.Item != nil {
		b.Parked = append(b.Parked, domain.ParkedItem{Hook: u.Hook, Kind: u.Kind, Account: u.Account, Body: u.Item(), Error: why.Error()})
	}
	b.Updates = nil
	return w.apply(ctx, b)
}

func (w *Worker) hintEndpoints(r domain.Receipt) {
	for _, e := range r.Endpoints {
		w.cfg.Hints.Hint(domain.CallbackLane(e))
	}
}

func (t *turn) counted(hooks []domain.Webhook, ignored []domain.Kind) {
	now := time.Now()
	for _, h := range hooks {
		t.cfg.Metrics.Applied(h.Kind, now.Sub(h.Received))
	}
	for _, kind := range ignored {
		t.cfg.Metrics.Update(kind, domain.Ignored)
	}
}
