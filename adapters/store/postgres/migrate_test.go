package postgres

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// A dump reads every table in one transaction, for as long as it takes. A table that is to
// be altered meanwhile can be read all the time, but for a moment.
func TestAMigrationBesideAnOpenTransactionStopsNobody(t *testing.T) {
	q := newQueues(t)
	commit := q.hold(`SELECT FROM endpoints`)
	waits := make(chan string, 100)
	m := migrator{
		files:    fstest.MapFS{"90000_spare.sql": {Data: []byte("-- +goose Up\nALTER TABLE endpoints ADD COLUMN spare bigint;\n")}},
		lockWait: 300 * time.Millisecond, lockRest: 300 * time.Millisecond,
		waits: func(why error) { waits <- why.Error() },
	}
	applied := make(chan []string)
	go func() {
		names, err := m.migrate(t.Context(), q.url)
		if err != nil {
			t.Error(err)
		}
		applied <- names
	}()
	read := func() (took time.Duration) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		began := time.Now()
		if _, err := q.EndpointIDs(ctx); err != nil {
			t.Error(err)
		}
		return time.Since(began)
	}
	for range 2 {
		for stopped := false; !stopped; { // until the migration waits
			err := q.pool.QueryRow(t.Context(), `
SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database d ON d.oid = database AND datname = current_database() WHERE relation = 'endpoints'::regclass AND NOT granted)`).Scan(&stopped)
			if err != nil {
				t.Fatal(err)
			}
		}
		if took := read(); took > 2*time.Second {
			t.Errorf("endpoints could not be read for %s", took)
		}
		if why := <-waits; !strings.Contains(why, "90000_spare.sql") || !strings.Contains(why, "longest open is that of process") {
			t.Errorf("what it says is %q", why)
		}
	}
	commit()
	for {
		select {
		case <-waits: // it began before the transaction ended
		case names := <-applied:
			if !slices.Equal(names, []string{"90000_spare.sql"}) {
				t.Errorf("applied %v", names)
			}
			return
		}
	}
}

func TestAMigrationThatWaitsEndsWithItsContext(t *testing.T) {
	q := newQueues(t)
	q.hold(`SELECT FROM endpoints`)
	ctx, cancel := context.WithCancel(t.Context())
	m := migrator{
		files: fstest.MapFS{
			"90000_empty.sql": {Data: []byte("-- +goose Up\n")},
			"90001_spare.sql": {Data: []byte("-- +goose Up\nALTER TABLE endpoints ADD COLUMN spare bigint;\n")},
		},
		lockWait: time.Millisecond, lockRest: time.Hour,
		waits: func(error) { cancel() },
	}
	names, err := m.migrate(ctx, q.url)
	if err == nil || !strings.Contains(err.Error(), "90001_spare.sql waits for a lock") || !slices.Equal(names, []string{"90000_empty.sql"}) {
		t.Errorf("applied %v, and the error is %v", names, err)
	}
}
