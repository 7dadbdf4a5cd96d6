package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// How an account in PostgreSQL is held. Telegram ends a login whose key two clients use
// at once. So a process that does not hear from the database leaves Telegram after three
// seconds at most, and the next one begins ten seconds after it got the lock.
const (
	lookEvery   = time.Second
	lookTimeout = 2 * time.Second
	Settle      = 10 * time.Second
)

// Hold calls do while this process alone has the account of the connection, and returns
// when do has. The context of do ends when the account may be another's. In SQLite the
// process has every account: it holds the directory.
func (s *Store) Hold(ctx context.Context, connection string, settle time.Duration, do func(context.Context)) error {
	if s.url == "" {
		do(ctx)
		return nil
	}
	lock, err := s.acquire(ctx, connection)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
		defer cancel()
		_ = lock.Close(ctx) // PostgreSQL releases the lock of a connection that is gone
	}()
	held, lose := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		lose(watch(held, lock))
	}()
	defer func() { lose(nil); <-watched }()
	if pause(held, settle) == nil {
		do(held)
	}
	if ctx.Err() == nil && held.Err() != nil {
		return fmt.Errorf("the account is lost: %w", context.Cause(held))
	}
	return nil
}

// acquire waits until the lock of the account is free, and returns the connection that has it.
func (s *Store) acquire(ctx context.Context, connection string) (*pgx.Conn, error) {
	lock, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	for {
		var got bool
		err := within(ctx, func(ctx context.Context) error {
			return lock.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, lockOf("account "+connection)).Scan(&got)
		})
		if err == nil && got {
			return lock, nil
		}
		if err == nil {
			err = pause(ctx, lookEvery)
		}
		if err != nil {
			_ = lock.Close(context.WithoutCancel(ctx)) // it is broken, or nobody waits any more
			return nil, fmt.Errorf("database: %w", err)
		}
	}
}

// watch returns why the connection that has the lock may be gone, or that the context ended.
func watch(ctx context.Context, lock *pgx.Conn) error {
	for {
		if err := pause(ctx, lookEvery); err != nil {
			return err
		}
		if err := within(ctx, lock.Ping); err != nil {
			return err
		}
	}
}

func within(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	return do(ctx)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// lockOf is the number of a lock in PostgreSQL.
func lockOf(name string) int64 {
	sum := sha256.Sum256([]byte("recado-telegram " + name))
	return int64(binary.BigEndian.Uint64(sum[:8])) //nolint:gosec // any bits will do
}
