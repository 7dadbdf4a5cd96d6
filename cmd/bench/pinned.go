package main

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	rowUnpinned = "carried before it begins"
	rowPinned   = "carried when it was open for a while"
	rowUnpinAll = "carried some time after its end"
)

// pinned measures what is carried while a transaction of somebody else stays open, as of
// pg_dump or of a person at a console: PostgreSQL removes nothing of what is updated and
// deleted meanwhile.
func (b *bench) pinned(ctx context.Context) error {
	t, err := b.warmSite(ctx, singleEvents)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	if err := b.carryBeside(ctx, t, rowUnpinned, 0); err != nil {
		return err
	}
	other, err := pgx.Connect(ctx, t.database)
	if err != nil {
		return err
	}
	defer func() { _ = other.Close(ctx) }()
	snapshot, err := other.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead})
	if err != nil {
		return err
	}
	if _, err := snapshot.Exec(ctx, "SELECT FROM inbox LIMIT 1"); err != nil {
		return err
	}
	if err := b.carryBeside(ctx, t, rowPinned, b.plan.pinned); err != nil {
		return err
	}
	if err := snapshot.Rollback(ctx); err != nil {
		return err
	}
	if err := pause(ctx, b.plan.rest); err != nil {
		return err
	}
	return b.carryBeside(ctx, t, rowUnpinAll, 0)
}

// carryBeside carries messages for at least d, and measures the last of them.
func (b *bench) carryBeside(ctx context.Context, t *site, row string, d time.Duration) error {
	n := b.plan.carried
	for began := time.Now(); ; {
		run, err := t.carry(ctx, webhooks(t.public, t.crowd.messages(n), n), ofMessage)
		if err != nil {
			return err
		}
		if time.Since(began) >= d {
			b.table.add("A transaction of somebody else", row, perSecond, run.carried())
			return nil
		}
	}
}
