package jobs

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"recado/domain"
	"recado/metrics"
)

const (
	sweepEvery        = time.Second
	startupSweepEvery = 250 * time.Millisecond // at first, while the leases of a crashed predecessor expire
	startupTime       = 3 * time.Second
	needsTimeout      = 2 * time.Second

	deadlineLimit = 500  // updates of one step
	orphanLimit   = 2000 // orphans that one step looks at
)

// A dueDuty is done as soon as the sweep finds that there may be something to do.
type dueDuty struct {
	duty
	needed  func(domain.SweepNeeds) bool
	running atomic.Bool
}

// An orphanPlace is where the next look at the orphans begins.
type orphanPlace struct{ atomic.Value }

func (p *orphanPlace) get() domain.OrphanPlace {
	place, _ := p.Load().(domain.OrphanPlace)
	return place
}

// dueDuties lists what a sweep does when it is due.
func (w *Worker) dueDuties(orphans *orphanPlace) []*dueDuty {
	return []*dueDuty{
		{duty: duty{name: "lanes", do: w.hintDueLanes}, needed: func(n domain.SweepNeeds) bool { return n.Lanes }},
		{duty: duty{name: "evidence", do: func(ctx context.Context) (bool, error) {
			updates, err := w.cfg.Store.OverdueEvidence(ctx, deadlineLimit)
			return len(updates) == deadlineLimit, w.meet(ctx, updates, err)
		}, rest: 1}, needed: func(n domain.SweepNeeds) bool { return n.Evidence }},
		{duty: duty{name: "prices", do: func(ctx context.Context) (bool, error) {
			updates, err := w.cfg.Store.OverduePrices(ctx, deadlineLimit)
			return len(updates) == deadlineLimit, w.meet(ctx, updates, err)
		}, rest: 1}, needed: func(n domain.SweepNeeds) bool { return n.Prices }},
		{duty: duty{name: "orphans", do: func(ctx context.Context) (bool, error) {
			updates, next, err := w.cfg.Store.JoinableOrphans(ctx, orphans.get(), orphanLimit)
			if err = w.meet(ctx, updates, err); err == nil {
				orphans.Store(next)
			}
			return false, err
		}}, needed: func(n domain.SweepNeeds) bool { return n.Orphans }},
	}
}

// sweepDue looks each second what is due, and does it. A duty that takes longer does
// not delay the others.
func (w *Worker) sweepDue(ctx context.Context) {
	var orphans orphanPlace
	var running sync.WaitGroup
	defer running.Wait()
	duties, startup := w.dueDuties(&orphans), time.Now().Add(startupTime)
	for next := time.Now(); ctx.Err() == nil; {
		began := time.Now()
		needs := w.sweepNeeds(ctx, orphans.get())
		for _, d := range duties {
			if d.needed(needs) && d.running.CompareAndSwap(false, true) {
				running.Go(func() {
					defer d.running.Store(false)
					w.finish(ctx, d.duty)
				})
			}
		}
		every := sweepEvery
		if began.Before(startup) {
			every = startupSweepEvery
		}
		next = later(next.Add(every), time.Now())
		pause(ctx, nil, time.Until(next))
	}
}

// allNeeds lets every duty look for itself.
var allNeeds = domain.SweepNeeds{Lanes: true, Evidence: true, Prices: true, Orphans: true}

// sweepNeeds looks what is due. If the look fails, each duty looks for itself, so that
// what hinders one does not hide the others.
func (w *Worker) sweepNeeds(ctx context.Context, orphans domain.OrphanPlace) domain.SweepNeeds {
	needs := allNeeds
	w.step(ctx, duty{name: "look", do: func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, needsTimeout)
		defer cancel()
		found, err := w.cfg.Store.SweepNeeds(ctx, orphans)
		if err == nil {
			needs = found
			w.cfg.Metrics.Swept()
		}
		return false, err
	}})
	return needs
}

// finish does a duty until there is no more to do.
func (w *Worker) finish(ctx context.Context, d duty) {
	for more := true; more && ctx.Err() == nil; {
		began := time.Now()
		if more = w.step(ctx, d); more {
			pause(ctx, nil, d.rest*time.Since(began))
		}
	}
}

// hintDueLanes hints the lanes that have work and no living owner.
func (w *Worker) hintDueLanes(ctx context.Context) (more bool, err error) {
	lanes, err := w.cfg.Store.DueLanes(ctx)
	if err != nil {
		return false, err
	}
	if len(lanes) == 0 {
		return false, nil
	}
	w.cfg.Hints.renewClient()
	for _, l := range lanes {
		w.cfg.Hints.Hint(l)
	}
	return false, nil
}

// meet stores updates that are due by time.
func (w *Worker) meet(ctx context.Context, updates []domain.Update, err error) error {
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
