package postgres

import (
	"bytes"
	"context"
	"flag"
	"strings"
	"testing"

	"recado/adapters/store/storetest"
	"recado/adapters/vault"
)

var long = flag.Bool("long", false, "weigh on 3,000,000 messages, which takes minutes")

func TestWhatRunsByItselfReadsLittle(t *testing.T) {
	size := storetest.Short
	if *long {
		size = storetest.Long
	}
	databases := newDatabases(t)
	storetest.Weigh(t, size, func(t *testing.T) storetest.Scale {
		s, err := Open(t.Context(), databases.create(t), testVault(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		w := weighed{s}
		if err := w.Execute(t.Context(), noAutovacuum); err != nil {
			t.Fatal(err)
		}
		return w
	})
}

// noAutovacuum keeps reads of a vacuum that comes by itself out of what is counted.
const noAutovacuum = `
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT relname FROM pg_stat_user_tables LOOP
        EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = off)', name);
    END LOOP;
END $$`

// weighed implements storetest.Scale.
type weighed struct{ *Store }

func (s weighed) Execute(ctx context.Context, sql string) error {
	conn, err := s.vital.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SET statement_timeout = 0"); err != nil { // what years bring takes a minute
		return err
	}
	_, err = conn.Exec(ctx, strings.ReplaceAll(sql, storetest.Bytes, "convert_to('{}', 'UTF8')"))
	return err
}

// Count implements storetest.Scale.
func (s weighed) Count(ctx context.Context) error { return s.Execute(ctx, "ANALYZE") }

// Vacuum implements storetest.Scale.
func (s weighed) Vacuum(ctx context.Context) error { return s.Execute(ctx, "VACUUM ANALYZE") }

// Read adds the pages of indexes: entries that only the index itself leaves out are
// counted nowhere else.
func (s weighed) Read(ctx context.Context) (rows int64, err error) {
	for _, c := range append(s.pool.AcquireAllIdle(ctx), s.vital.AcquireAllIdle(ctx)...) {
		_, failed := c.Exec(ctx, "SELECT pg_stat_force_next_flush()")
		c.Release()
		if failed != nil {
			return 0, failed
		}
	}
	err = s.vital.QueryRow(ctx, `SELECT
    (SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables) +
    (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes) +
    (SELECT sum(idx_blks_read + idx_blks_hit) FROM pg_statio_user_indexes)`).Scan(&rows)
	return rows, err
}

func testVault(t testing.TB) *vault.Vault {
	t.Helper()
	v, err := vault.New(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
