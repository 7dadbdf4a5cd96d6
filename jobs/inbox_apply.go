package jobs

import (
	"context"
	"time"

	"recado/domain"
	"recado/metrics"
)

// apply stores portions of webhooks of an inbox lane. Updates that the store cannot
// take are parked. What it cannot even park is discarded, so that the lane goes on.
func (w *Worker) apply(ctx context.Context, lane int, list []portion) error {
	s := splitter{limit: &w.limit}
	s.store = func(list []portion) error { return w.applyWhole(ctx, lane, list) }
	s.reject = func(p portion, why *domain.DataError) error {
		switch {
		case len(p.updates) == 1:
			return s.apply([]portion{w.park(p, why)})
		case len(p.parked) == 1:
			return s.apply([]portion{w.discard(p, why)})
		}
		return why
	}
	return s.apply(list)
}

// applyWhole stores portions or none of them, and counts what became of them.
func (w *Worker) applyWhole(ctx context.Context, lane int, list []portion) error {
	b := joined(lane, list)
	receipt, err := w.cfg.Store.Apply(ctx, b)
	if err != nil {
		return err
	}
	w.hintEndpoints(receipt)
	w.hintConnections(receipt)
	w.contain("counting updates", func() {
		for i, r := range receipt.Results {
			w.cfg.Metrics.Update(b.Updates[i].Kind, r.Outcome)
			w.countFound(b.Updates[i], r.Outcome)
			w.observe(r)
		}
		for _, item := range b.Parked {
			w.cfg.Metrics.Update(item.Kind, domain.Parked)
		}
		results := receipt.Results
		for _, p := range list {
			var first domain.MessageID
			if len(p.updates) > 0 {
				first, results = results[0].Message.ID, results[len(p.updates):]
			}
			w.countApplied(p, first)
		}
	})
	return nil
}

// park returns the portion with its one update parked instead of applied.
func (w *Worker) park(p portion, why error) portion {
	u := p.updates[0]
	p.updates = nil
	w.cfg.Log.Error("update parked", "hook", u.Hook, "err", why)
	if u.Item == nil {
		return p
	}
	item := domain.ParkedItem{Hook: u.Hook, Kind: u.Kind, Account: u.Account, Error: why.Error()}
	w.contain("reading an update again", func() { item.Body = u.Item() })
	p.parked = []domain.ParkedItem{item}
	return p
}

// discard returns the portion without its one item, which is lost.
func (w *Worker) discard(p portion, why error) portion {
	item := p.parked[0]
	p.parked = nil
	w.cfg.Log.Error("item discarded: it can neither be stored nor parked", "hook", item.Hook, "kind", item.Kind,
		"bytes", len(item.Body), "err", why)
	w.cfg.Metrics.Update(item.Kind, domain.Discarded)
	return p
}

// hintEndpoints hints the endpoints that have new events.
func (w *Worker) hintEndpoints(r domain.Receipt) {
	for _, e := range r.Endpoints {
		w.cfg.Hints.Hint(domain.CallbackLane(e))
	}
}

// hintConnections hints the lanes that have presses to acknowledge, or files to fetch.
func (w *Worker) hintConnections(r domain.Receipt) {
	for _, result := range r.Results {
		if result.Pressed {
			w.cfg.Hints.Hint(domain.SendLane(result.Chat.Connection))
		}
		if result.Fetches {
			w.cfg.Hints.Hint(domain.MediaLane(result.Chat.Connection))
		}
	}
}

// countFound counts a message that a look at the messenger found.
func (w *Worker) countFound(u domain.Update, o domain.Outcome) {
	switch {
	case !u.Found:
	case o == domain.Applied:
		w.cfg.Metrics.Lookback(u.Kind, metrics.LookbackNew)
	default:
		w.cfg.Metrics.Lookback(u.Kind, metrics.LookbackKnown)
	}
}

// countApplied counts a webhook that is applied, whose first message may be empty, and
// the updates that concerned nobody.
func (w *Worker) countApplied(p portion, first domain.MessageID) {
	if p.hook == nil {
		return
	}
	w.cfg.Metrics.Applied(p.hook.Kind, time.Since(p.hook.Received), first)
	for range p.ignored {
		w.cfg.Metrics.Update(p.hook.Kind, domain.Ignored)
	}
}
