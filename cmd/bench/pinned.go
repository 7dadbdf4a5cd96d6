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

// A foreigner is somebody else who works in the database of a site.
type foreigner struct {
	row   string
	many  int // at once
	work  func(ctx context.Context, database string) error
	after string // a row some time after its end; empty: none
}

var foreigners = []foreigner{
	{row: rowAlone},
	{rowPinned, 1, openTransaction, rowUnpinned},
	{rowReaders, 4, readSlowly, ""},
	{rowDumped, 1, dumpRepeatedly, ""},
}

// pinned measures what is carried while another client's transactions stay open, such as
// those of pg_dump or of a person at a console: until they end, PostgreSQL removes nothing
// that is updated or deleted. Each row has a site of its own, since the tables grow. Many
// people write, as they do where so much is carried: each version of a chat stays and is read.
func (b *bench) pinned(ctx context.Context) error {
	for _, f := range foreigners {
		if err := b.carryBeside(ctx, f); err != nil {
			return fmt.Errorf("%s: %w", f.row, err)
		}
	}
	return nil
}

func (b *bench) carryBeside(ctx context.Context, f foreigner) error {
	t, err := b.newSite(ctx, singleEvents)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	t.crowd.chats = b.plan.many
	if err := t.serve(ctx, allRoles); err != nil {
		return err
	}
	end := f.begin(ctx, t.database)
	err = b.carryFor(ctx, t, f.row, b.plan.pinned)
	if err = errors.Join(err, end()); err != nil || f.after == "" {
		return err
	}
	if err := pause(ctx, b.plan.rest); err != nil {
		return err
	}
	return b.carryFor(ctx, t, f.after, 0)
}

// begin begins the work, which goes on until end is called.
func (f foreigner) begin(ctx context.Context, database string) (end func() error) {
	ctx, stop := context.WithCancel(ctx)
	var waits []func() error
	for range f.many {
		waits = append(waits, inBackground(func() error {
			if err := f.work(ctx, database); ctx.Err() == nil {
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

// carryFor carries messages for at least d, of other people each time, and measures what
// is carried in the second half of it.
func (b *bench) carryFor(ctx context.Context, t *site, row string, d time.Duration) error {
	n := b.plan.carried
	carried, took := 0, time.Duration(0)
	for began := time.Now(); took == 0 || time.Since(began) < d; {
		half := time.Since(began) >= d/2
		run, err := t.carry(ctx, webhooks(t.public, t.crowd.messages(n), n), ofMessage)
		if err != nil {
			return err
		}
		t.crowd.first += n / t.crowd.companies
		if half {
			carried, took = carried+n, took+run.end.Sub(run.begun)
		}
	}
	b.table.add(groupOthers, row, perSecond, rate(carried, took))
	return nil
}

// openTransaction begins a transaction that has seen the database, and leaves it alone.
func openTransaction(ctx context.Context, database string) error {
	return inTransaction(ctx, database, "SELECT FROM inbox LIMIT 1", func(*pgx.Conn) error {
		<-ctx.Done()
		return ctx.Err()
	})
}

// readSlowly reads all messages, 1,000 rows a tenth of a second, again and again.
func readSlowly(ctx context.Context, database string) error {
	const cursor = "DECLARE reader SCROLL CURSOR FOR SELECT * FROM messages"
	return inTransaction(ctx, database, cursor, func(conn *pgx.Conn) error {
		for {
			tag, err := conn.Exec(ctx, "FETCH 1000 FROM reader")
			if err == nil && tag.RowsAffected() == 0 {
				_, err = conn.Exec(ctx, "MOVE ABSOLUTE 0 FROM reader")
			}
			if err := cmp.Or(err, pause(ctx, 100*time.Millisecond)); err != nil {
				return err
			}
		}
	})
}

// inTransaction begins a transaction with a statement, and does something in it.
func inTransaction(ctx context.Context, database, first string, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ; "+first); err != nil {
		return err
	}
	return do(conn)
}

// dumpRepeatedly dumps the database, one dump after another.
func dumpRepeatedly(ctx context.Context, database string) error {
	program := filepath.Join(os.Getenv("TEST_POSTGRES_BIN"), "pg_dump") // that of the server, or of the PATH
	for {
		out, err := exec.CommandContext(ctx, program, "--format=custom", "--no-sync", "--file=/dev/null", database).CombinedOutput() // #nosec G204 G702 -- the developer's own server
		if err != nil {
			return fmt.Errorf("pg_dump: %w: %s", err, out)
		}
	}
}
