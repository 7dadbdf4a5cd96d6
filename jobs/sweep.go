package jobs

import (
	"cmp"
	"context"
	"sync"
	"time"
)

const (
	gaugeEvery  = 10 * time.Second // Prometheus asks each 15 s or so
	unpaidEvery = 5 * time.Second
	queuesEvery = 2 * time.Second // the longer, the more rows that are done are read in a busy queue
	clockEvery  = 5 * time.Second
	watchEvery  = 5 * time.Second
	trimEvery   = time.Minute
	filesEvery  = 10 * time.Second

	filesLimit = 100 // files that one step erases

	gaugeRest = 20 // counting a great backlog takes long
	namesRest = 20 // a million chats of an earlier version are an hour's work beside all other
)

// A duty is one thing that a sweep does. It runs by itself, so that neither the
// failure nor the delay of one hides another.
type duty struct {
	name  string
	every time.Duration
	// do does one bounded step. If there is more to do, the next step follows after the
	// rest.
	do func(context.Context) (more bool, err error)
	// rest is how many times as long as a step took passes at least until the next.
	rest time.Duration
	most time.Duration // bounds a step; zero: storeTimeout
}

// duties lists what a sweep does, each in its time.
func (w *Worker) duties() []duty {
	return []duty{
		{name: "gauges", every: gaugeEvery, do: w.setGauges, rest: gaugeRest},
		{name: "clock", every: clockEvery, do: w.repairClock},
		{name: "queues", every: queuesEvery, do: func(ctx context.Context) (bool, error) { return false, w.cfg.Store.AdvanceQueues(ctx) }},
		{name: "unpaid", every: unpaidEvery, do: func(ctx context.Context) (bool, error) { return false, w.cfg.Store.NotifyUnpaid(ctx) }},
		{name: "watch", every: watchEvery, do: w.watch, most: watchMost},
		{name: "trim", every: trimEvery, do: w.cfg.Store.Trim, rest: 1},
		{name: "files", every: filesEvery, do: w.eraseFiles, rest: 1},
		{name: "names", every: trimEvery, do: w.cfg.Store.IndexNames, rest: namesRest},
	}
}

// sweep finds what hints missed, until the context ends. Every worker sweeps; to
// sweep twice does no harm.
func (w *Worker) sweep(ctx context.Context) {
	w.cfg.Metrics.Swept() // so that a sweep that never works has an age
	var wg sync.WaitGroup
	wg.Go(func() { w.sweepDue(ctx) })
	for _, d := range w.duties() {
		wg.Go(func() { w.repeat(ctx, d) })
	}
	wg.Wait()
}

// repeat does a duty again and again.
func (w *Worker) repeat(ctx context.Context, d duty) {
	for next := time.Now(); ctx.Err() == nil; {
		began := time.Now()
		more := w.step(ctx, d)
		now := time.Now()
		rested := now.Add(d.rest * now.Sub(began))
		if next = later(next.Add(d.every), rested); more {
			next = rested
		}
		pause(ctx, nil, time.Until(next))
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// step does a step of a duty. If it fails, it is tried again in its time.
func (w *Worker) step(ctx context.Context, d duty) (more bool) {
	bounded, cancel := context.WithTimeout(ctx, cmp.Or(d.most, storeTimeout))
	defer cancel()
	err := guard(func() error {
		var err error
		more, err = d.do(bounded)
		return err
	})
	if err != nil && ctx.Err() == nil {
		w.cfg.Log.Error("a duty of the sweep failed", "duty", d.name, "err", err)
	}
	return more && err == nil
}

// repairClock frees what waits for a time that a step of the clock put off.
func (w *Worker) repairClock(ctx context.Context) (more bool, err error) {
	step, err := w.cfg.Store.RepairClock(ctx)
	if step > 0 {
		w.cfg.Log.Warn("the database's clock was set back; what waits was moved with it", "by", step)
	}
	return false, err
}

func (w *Worker) setGauges(ctx context.Context) (more bool, err error) {
	g, err := w.cfg.Store.Gauges(ctx)
	if err == nil {
		w.cfg.Metrics.SetGauges(g)
	}
	if ahead, known := w.cfg.ClockSkew(); known {
		w.cfg.Metrics.ClockSkew(ahead)
	}
	return false, err
}
