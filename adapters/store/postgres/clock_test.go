package postgres

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/adapters/vault"
)

// The clock is set back while a transaction stores a file by the clock of before. The
// repair waits for it, so that the file does not wait until the step has passed.
func TestAStepOfTheClockIsRepairedAfterThoseWhoReadTheClockBeforeIt(t *testing.T) {
	v, err := vault.New(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	databases, ctx := newDatabases(t), t.Context()
	for name, touch := range map[string]string{
		"it takes webhooks": `DELETE FROM inbox WHERE id = 0`,
		"it locks chats":    `SELECT id FROM chats WHERE id = '' FOR UPDATE`,
	} {
		t.Run(name, func(t *testing.T) {
			url := databases.create(t)
			s, err := Open(ctx, url, v)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			late, err := pgx.Connect(ctx, url)
			if err != nil {
				t.Fatal(err)
			}
			defer late.Close(ctx)
			exec(t, url, `INSERT INTO processes (id, beat_at) VALUES ('proc', now_ms() + 3600000)`) // by the clock of before
			if _, err := late.Exec(ctx, `BEGIN; `+touch); err != nil {
				t.Fatal(err)
			}
			step := s.repairsWhenItMay(ctx, t)
			const store = `INSERT INTO media VALUES ('med', 'acme', 'c', 'msg', 'waiting', '', '', '', '', 0, 0, '', false, '', 0, now_ms() + 3600000, 0, 0)`
			if _, err := late.Exec(ctx, store+`; COMMIT`); err != nil {
				t.Fatal(err)
			}
			if by := <-step; by.Round(time.Minute) != time.Hour {
				t.Errorf("a step of an hour is taken for one of %v", by)
			}
			var soon bool // the step is known to within the age of the last heartbeat
			if err := s.pool.QueryRow(ctx, `SELECT next_at < now_ms() + 60000 FROM media`).Scan(&soon); err != nil || !soon {
				t.Errorf("the file is due soon: %t, %v", soon, err)
			}
		})
	}
}

// repairsWhenItMay begins to repair the clock, and returns when that waits for a lock.
func (s *Store) repairsWhenItMay(ctx context.Context, t *testing.T) (step chan time.Duration) {
	t.Helper()
	step = make(chan time.Duration, 1)
	go func() {
		by, err := s.RepairClock(ctx)
		if err != nil {
			t.Error(err)
		}
		step <- by
	}()
	for waits := false; !waits; {
		if len(step) > 0 {
			t.Fatal("the repair did not wait")
		}
		err := s.pool.QueryRow(ctx, `SELECT count(*) > 0 FROM pg_locks JOIN pg_database d ON d.oid = database WHERE NOT granted AND datname = current_database()`).Scan(&waits)
		if err != nil {
			t.Fatal(err)
		}
	}
	return step
}
