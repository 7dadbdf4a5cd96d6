package jobs

import (
	"context"
	"time"

	"recado/domain"
	"recado/metrics"
)

const (
	sweepEvery        = time.Second
	startupSweepEvery = 250 * time.Millisecond // at first, while the leases of a crashed predecessor expire
	startupTime       = 3 * time.Second

	gaugeEvery = 5  // sweeps; also events about unpaid connections
	trimEvery  = 60 // sweeps; also a look at every orphan

	deadlineLimit = 500 // deadlines met in one sweep

	// Most orphans wait only a moment for their message. Older ones are looked at
	// now and then.
	youngOrphan = time.Minute
	anyOrphan   = domain.OrphanRetention
)

// sweep finds what hints missed, until the context ends. Every worker sweeps; to
// sweep twice does no harm.
func (w *Worker) sweep(ctx context.Context) {
	tick := time.NewTicker(startupSweepEvery)
	defer tick.Stop()
	startupOver := time.After(startupTime)
	for n := 0; ; n++ {
		w.sweepOnce(ctx, n)
		select {
		case <-ctx.Done():
			return
		case <-startupOver:
			tick.Reset(sweepEvery)
		case <-tick.C:
		}
	}
}

// sweepOnce does the duties of the n-th sweep.
func (w *Worker) sweepOnce(ctx context.Context, n int) {
	gauge, trim := n%gaugeEvery == 0, n%trimEvery == 0
	orphans := youngOrphan
	if trim {
		orphans = anyOrphan
	}
	w.duty(ctx, "lanes", w.hintDueLanes)
	w.duty(ctx, "deadlines", func(ctx context.Context) error { return w.meetDeadlines(ctx, orphans) })
	if gauge {
		w.duty(ctx, "clock", w.repairClock)
		w.duty(ctx, "gauges", w.setGauges)
		w.duty(ctx, "unpaid", w.cfg.Store.NotifyUnpaid)
	}
	if trim {
		w.duty(ctx, "trim", w.trim)
	}
}

// duty does one duty of the sweep. If it fails, the next sweep tries it again.
func (w *Worker) duty(ctx context.Context, name string, do func(context.Context) error) {
	bounded, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := guard(func() error { return do(bounded) }); err != nil && ctx.Err() == nil {
		w.cfg.Log.Error("a duty of the sweep failed", "duty", name, "err", err)
	}
}

// hintDueLanes hints the lanes that have work and no living owner.
func (w *Worker) hintDueLanes(ctx context.Context) error {
	lanes, err := w.cfg.Store.DueLanes(ctx)
	if err != nil || len(lanes) == 0 {
		return err
	}
	w.cfg.Hints.renewClient()
	for _, l := range lanes {
		w.cfg.Hints.Hint(l)
	}
	return nil
}

// meetDeadlines fails messages whose evidence did not come in time, and joins
// orphans up to that age to their messages.
func (w *Worker) meetDeadlines(ctx context.Context, orphans time.Duration) error {
	updates, err := w.cfg.Store.Deadlines(ctx, orphans, deadlineLimit)
	if err != nil || len(updates) == 0 {
		return err
	}
	results, err := w.store(ctx, updates)
	for _, r := range results {
		if r.Outcome == domain.Applied && r.Message.Status == domain.Failed {
			w.contain("counting a send", func() { w.countSend(r, metrics.SendFailed) })
		}
	}
	return err
}

// repairClock frees what waits for a time that a step of the clock put off.
func (w *Worker) repairClock(ctx context.Context) error {
	step, err := w.cfg.Store.RepairClock(ctx)
	if step > 0 {
		w.cfg.Log.Warn("the database's clock was set back; what waits was moved with it", "by", step)
	}
	return err
}

func (w *Worker) setGauges(ctx context.Context) error {
	g, err := w.cfg.Store.Gauges(ctx)
	if err == nil {
		w.cfg.Metrics.SetGauges(g)
	}
	return err
}

// trim deletes what is older than its retention.
func (w *Worker) trim(ctx context.Context) error {
	for {
		more, err := w.cfg.Store.Trim(ctx)
		if err != nil || !more {
			return err
		}
	}
}
