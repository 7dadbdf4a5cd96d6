package jobs

import (
	"context"
	"time"

	"recado/domain"
	"recado/metrics"
)

const (
	sweepEvery = time.Second
	sweepFirst = 250 * time.Millisecond // while a process is new: lanes of one that died get free
	newFor     = 3 * time.Second
	gaugeEvery = 5  // sweeps; and companies are told what is not paid
	trimEvery  = 60 // sweeps
	overdueMax = 500

	// Orphans that an answer missed by a moment are young; once in a while all
	// are looked at.
	orphansYoung = time.Minute
	orphansAll   = 24 * time.Hour
)

// sweep finds what hints missed, until the context ends. Every worker sweeps:
// it does no harm twice.
func (w *Worker) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepFirst)
	defer tick.Stop()
	grown := time.After(newFor)
	for n := 0; ; n++ {
		w.try(ctx, "lanes", w.hintDue)
		recent := orphansYoung
		if n%trimEvery == 0 {
			recent = orphansAll
		}
		w.try(ctx, "deadlines", func(ctx context.Context) error { return w.meetDeadlines(ctx, recent) })
		if n%gaugeEvery == 0 {
			w.try(ctx, "gauges", w.gauge)
			w.try(ctx, "unpaid", w.cfg.Store.NotifyUnpaid)
		}
		if n%trimEvery == 0 {
			w.try(ctx, "trim", w.trim)
		}
		select {
		case <-ctx.Done():
			return
		case <-grown:
			tick.Reset(sweepEvery)
		case <-tick.C:
		}
	}
}

// try runs one duty of the sweep. What fails is tried again at the next.
func (w *Worker) try(ctx context.Context, name string, do func(context.Context) error) {
	bounded, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := do(bounded); err != nil && ctx.Err() == nil {
		w.cfg.Log.Error("sweep", "duty", name, "err", err)
	}
}

// hintDue hints the lanes that have work and no living owner.
func (w *Worker) hintDue(ctx context.Context) error {
	lanes, err := w.cfg.Store.DueLanes(ctx)
	if err != nil || len(lanes) == 0 {
		return err
	}
	w.cfg.Hints.forget()
	for _, l := range lanes {
		w.cfg.Hints.Hint(l)
	}
	return nil
}

// meetDeadlines ends waits for evidence and joins orphans to their messages.
func (w *Worker) meetDeadlines(ctx context.Context, recent time.Duration) error {
	updates, err := w.cfg.Store.Deadlines(ctx, recent, overdueMax)
	if err != nil || len(updates) == 0 {
		return err
	}
	results, err := w.store(ctx, updates)
	for _, r := range results {
		if r.Outcome == domain.Applied && r.Message.Status == domain.Failed {
			w.countSend(r, metrics.SendFailed)
		}
	}
	return err
}

func (w *Worker) gauge(ctx context.Context) error {
	g, err := w.cfg.Store.Gauges(ctx)
	if err == nil {
		w.cfg.Metrics.SetGauges(g)
	}
	return err
}

func (w *Worker) trim(ctx context.Context) error {
	for {
		more, err := w.cfg.Store.Trim(ctx)
		if err != nil || !more {
			return err
		}
	}
}
