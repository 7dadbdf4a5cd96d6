package main

import (
	"context"
	"os"
	"time"
)

const (
	rowSpooled    = "acknowledged from the spool"
	rowSpooledP99 = "the same: p99 of the acknowledgement"
	rowUnspooled  = "moved from the spool to the database afterwards"
)

// spooled measures an ingress with a spool while the database takes no webhooks.
func (b *bench) spooled(ctx context.Context) (err error) {
	t, err := b.newSite(ctx, singleEvents)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	if t.spool, err = os.MkdirTemp("", "bench-spool-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(t.spool) }()
	if err := t.serve(ctx, "ingress"); err != nil {
		return err
	}
	hooks, warm, n := t.crowd.messages(min(b.plan.burst, 20_000)), b.plan.burst/10, b.plan.burst
	if _, err := webhooks(t.public, hooks, warm).run(ctx); err != nil {
		return t.withLog(err)
	}
	if _, err := t.db.Exec(ctx, "BEGIN; LOCK TABLE inbox"); err != nil {
		return err
	}
	run, err := webhooks(t.public, hooks, n).run(ctx)
	if err != nil {
		return t.withLog(err)
	}
	const group = "While the database takes nothing"
	b.table.add(group, rowSpooled, perSecond, run.perSecond())
	b.table.add(group, rowSpooledP99, "ms", quantile(run.waited(), 0.99))
	if _, err := t.db.Exec(ctx, "COMMIT"); err != nil {
		return err
	}
	began := time.Now()
	err = until(ctx, "the inbox has all webhooks", func() (all bool, err error) {
		err = t.db.QueryRow(ctx, "SELECT count(*) >= $1 FROM inbox", warm+n).Scan(&all)
		return all, err
	})
	b.table.add(group, rowUnspooled, perSecond, rate(n, time.Since(began)))
	return t.withLog(err)
}
