package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	groupOthers = "Beside transactions of somebody else"
	rowAlone    = "carried with none"
	rowPinned   = "carried with one open all the time"
	rowUnpinned = "carried some time after its end"
	rowReaders  = "carried with four that read slowly, REPEATABLE READ"
	rowDumped   = "carried with pg_dump again and again"
)

// pinned measures what is carried while transactions of somebody else stay open, as of
// pg_dump or of a person at a console: PostgreSQL removes nothing of what is updated and
// deleted meanwhile. Each row has a site of its own, for the tables grow.
func (b *bench) pinned(ctx context.Context) error {
	for _, other := range []struct {
		row   string
		begin func(ctx context.Context, database string) (end func() error, err error)
		after string // a row some time after the end; empty: none
	}{
		{rowAlone, func(context.Context, string) (func() error, error) { return func() error { return nil }, nil }, ""},
		{rowPinned, openTransaction, rowUnpinned},
		{rowReaders, readSlowly, ""},
		{rowDumped, dumpRepeatedly, ""},
	} {
		err := func() error {
			t, err := b.warmSite(ctx, singleEvents)
			if err != nil {
				return err
			}
			defer t.close(ctx)
			end, err := other.begin(ctx, t.database)
			if err != nil {
				return err
			}
			err = b.carryFor(ctx, t, other.row, b.plan.pinned)
			if failed := end(); err == nil {
				err = failed
			}
			if err != nil || other.after == "" {
				return err
			}
			if err := pause(ctx, b.plan.rest); err != nil {
				return err
			}
			return b.carryFor(ctx, t, other.after, 0)
		}()
		if err != nil {
			return fmt.Errorf("%s: %w", other.row, err)
		}
	}
	return nil
}

// carryFor carries messages for at least d, and measures the last of them.
func (b *bench) carryFor(ctx context.Context, t *site, row string, d time.Duration) error {
	n := b.plan.carried
	for began := time.Now(); ; {
		run, err := t.carry(ctx, webhooks(t.public, t.crowd.messages(n), n), ofMessage)
		if err != nil {
			return err
		}
		if time.Since(began) >= d {
			b.table.add(groupOthers, row, perSecond, run.carried())
			return nil
		}
	}
}

// openTransaction begins a transaction that has seen the database, and leaves it alone.
func openTransaction(ctx context.Context, database string) (end func() error, err error) {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM inbox LIMIT 1")
	return func() error { return conn.Close(ctx) }, err
}

// readSlowly begins four transactions that each read all messages, 1,000 rows a tenth
// of a second, again and again.
func readSlowly(ctx context.Context, database string) (end func() error, err error) {
	return repeatedly(ctx, 4, func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, database)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
		_, err = conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ; DECLARE reader SCROLL CURSOR FOR SELECT * FROM messages")
		for err == nil {
			tag, failed := conn.Exec(ctx, "FETCH 1000 FROM reader")
			if tag.RowsAffected() == 0 {
				_, failed = conn.Exec(ctx, "MOVE ABSOLUTE 0 FROM reader")
			}
			err = cmp.Or(failed, pause(ctx, 100*time.Millisecond))
		}
		return err
	}), nil
}

// dumpRepeatedly dumps the database, one dump after another.
func dumpRepeatedly(ctx context.Context, database string) (end func() error, err error) {
	program := filepath.Join(os.Getenv("TEST_POSTGRES_BIN"), "pg_dump") // that of the server, or of the PATH
	return repeatedly(ctx, 1, func(ctx context.Context) error {
		for ctx.Err() == nil {
			if out, err := exec.CommandContext(ctx, program, "--format=custom", "--no-sync", "--file=/dev/null", database).CombinedOutput(); err != nil { // #nosec G204 G702 -- the developer's own server
				return fmt.Errorf("pg_dump: %w: %s", err, out)
			}
		}
		return ctx.Err()
	}), nil
}

// repeatedly runs do n times at once until end is called.
func repeatedly(ctx context.Context, n int, do func(context.Context) error) (end func() error) {
	ctx, stop := context.WithCancel(ctx)
	var waits []func() error
	for range n {
		waits = append(waits, inBackground(func() error {
			if err := do(ctx); ctx.Err() == nil {
				return err
			}
			return nil // it was ended
		}))
	}
	return func() error {
		stop()
		var errs []error
		for _, wait := range waits {
			errs = append(errs, wait())
		}
		return errors.Join(errs...)
	}
}
