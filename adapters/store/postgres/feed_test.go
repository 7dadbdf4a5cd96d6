package postgres

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/domain"
)

// A reader must not pass over an event whose transaction is still open, whatever
// commits beside it.
func TestTheFeedWaitsForTransactionsThatCommitLate(t *testing.T) {
	f := openFeed(t)
	early, late := f.begin(t), f.begin(t)
	f.write(t, early, "early", "chat_1")
	f.write(t, late, "late", "chat_2")
	f.commit(t, late)
	f.reads(t) // nothing: early may commit yet
	f.commit(t, early)
	f.reads(t, "early", "late")
	f.write(t, f.conn, "next", "chat_1")
	f.reads(t, "next")
}

// A transaction that waited for a chat's lock has the lower number and writes the
// later event.
func TestTheFeedKeepsTheOrderOfAChatAgainstTheNumbersOfTransactions(t *testing.T) {
	f := openFeed(t)
	for round := range 3 {
		waiting, first := f.begin(t), f.begin(t)
		name := func(what string) string { return fmt.Sprint(what, round) }
		run(t, waiting, "SELECT pg_current_xact_id()") // its number is the lower one
		f.write(t, first, name("first"), "chat_1")
		f.commit(t, first)
		f.write(t, waiting, name("second"), "chat_1")
		f.write(t, f.conn, name("other"), "chat_2")
		f.reads(t)
		f.commit(t, waiting)
		f.reads(t, name("first"), name("second"), name("other"))
	}
}

// After a dump was restored into a cluster whose transactions have lower numbers,
// what is new is behind what was stored, and behind the places that readers had.
func TestTheFeedGoesOnAfterARestore(t *testing.T) {
	f := openFeed(t)
	f.write(t, f.conn, "before", "chat_1")
	f.reads(t, "before")
	before := f.place
	const ahead = 1_000_000 // transactions of the cluster that was dumped
	run(t, f.conn, fmt.Sprintf("UPDATE events SET stamp = stamp + %d", ahead))
	before.Stamp += ahead + 500 // the reader had more than what was dumped
	for range 2 {               // the second start finds nothing to repair
		restarted, err := Open(t.Context(), f.url, testVault(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(restarted.Close)
	}
	f.place = before
	f.write(t, f.conn, "after", "chat_1")
	f.reads(t, "after")
	f.place = domain.FeedPlace{}
	f.reads(t, "before", "after")
}

// A feedLab is a reader of a feed, beside transactions that the test holds open.
type feedLab struct {
	url   string
	store *Store
	conn  *pgx.Conn // each statement is a transaction
	place domain.FeedPlace
}

func openFeed(t *testing.T) *feedLab {
	t.Helper()
	f := &feedLab{url: newDatabases(t).create(t)}
	var err error
	if f.store, err = Open(t.Context(), f.url, testVault(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.store.Close)
	f.conn = f.begin(t)
	run(t, f.conn, "COMMIT; INSERT INTO companies VALUES ('acme', 'ACME', 'UTC')")
	return f
}

// begin opens a transaction.
func (f *feedLab) begin(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), f.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	run(t, conn, "BEGIN")
	return conn
}

func (*feedLab) write(t *testing.T, conn *pgx.Conn, body, chat string) {
	t.Helper()
	run(t, conn, fmt.Sprintf("INSERT INTO events (id, company_id, chat_id, seq, type, at, body) VALUES ('evt_0%[1]s', 'acme', '%[2]s', 1, 'message.created', now_ms(), '%[1]s')", body, chat))
}

func (*feedLab) commit(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	run(t, conn, "COMMIT")
}

// reads checks which events follow the place, and goes on behind them. Transactions
// of the cluster's own may hold up the feed for a moment.
func (f *feedLab) reads(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for deadline := time.Now().Add(10 * time.Second); ; <-time.After(time.Millisecond) {
		page, err := f.store.Events(t.Context(), "acme", domain.EventQuery{After: f.place, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			got = append(got, string(e.Body))
		}
		f.place = page.Next
		if slices.Equal(got, want) {
			return
		}
		if len(got) > len(want) || time.Now().After(deadline) {
			t.Fatalf("the feed has %v, want %v", got, want)
		}
	}
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
}
