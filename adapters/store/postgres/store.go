package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"recado/adapters/store/groupcommit"
	"recado/adapters/store/shared"
	"recado/adapters/vault"
	"recado/domain"
)

// Store implements domain.Store.
type Store struct {
	shared.Queries
	groupcommit.Committer
	pool  *pgxpool.Pool
	vital *pgxpool.Pool // for what must not wait for the rest: webhooks and heartbeats

	opened atomic.Bool // both pools are there

	healths  healths
	floorsAt atomic.Pointer[time.Time] // when floors were last checked from below

	dues    *groupcommit.Batcher[due, []domain.Delivery]
	records *groupcommit.Batcher[record, domain.TriesRecord]
}

var _ domain.Store = (*Store)(nil)

// Open connects to the database of the URL, whose migrations are applied. The
// vault seals credentials. No error shows the URL's password.
func Open(ctx context.Context, url string, v *vault.Vault) (*Store, error) {
	cfg, err := poolConfig(url)
	if err != nil {
		return nil, err
	}
	if err := checkPooler(ctx, cfg.ConnConfig); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	s := &Store{}
	followPrimary(cfg.ConnConfig, s.leave)
	few := cfg.Copy()
	few.MaxConns = 4
	s.Committer = groupcommit.New(s.insert, s.apply)
	s.dues = &groupcommit.Batcher[due, []domain.Delivery]{
		Do: s.due, Size: func(due) int { return 1 }, MaxSize: 16, FlushAt: 8, Concurrency: 2, Timeout: 10 * time.Second,
	}
	s.records = &groupcommit.Batcher[record, domain.TriesRecord]{
		Do: s.record, Size: func(r record) int { return len(r.tries) }, MaxSize: 500, FlushAt: 64, Concurrency: 2, Timeout: 10 * time.Second,
	}
	if s.pool, err = pgxpool.NewWithConfig(ctx, cfg); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if s.vital, err = pgxpool.NewWithConfig(ctx, few); err != nil {
		s.pool.Close()
		return nil, fmt.Errorf("database: %w", err)
	}
	s.opened.Store(true)
	s.Queries = shared.NewQueries(db{s.pool}, db{s.vital}, s.stepwise, dialect, v)
	if err := s.check(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("database: %w", err)
	}
	return s, nil
}

// Close ends all connections, when their work is done.
func (s *Store) Close() {
	s.pool.Close()
	s.vital.Close()
}

// Pools implements domain.Store.
func (s *Store) Pools() []domain.Pool {
	return []domain.Pool{poolOf("main", s.pool.Stat()), poolOf("vital", s.vital.Stat())}
}

func poolOf(name string, s *pgxpool.Stat) domain.Pool {
	return domain.Pool{
		Name: name, Busy: int(s.AcquiredConns()), Idle: int(s.IdleConns()), Max: int(s.MaxConns()),
		Waits: s.EmptyAcquireCount(), Waited: s.EmptyAcquireWaitTime(),
	}
}

// tries is how often a transaction is done again because of others.
const tries = 8

// again repeats a transaction that lost against others: a deadlock, a
// serialization failure, a key that somebody else took first.
func again(ctx context.Context, do func() error) error {
	for i := 1; ; i++ {
		err := do()
		if i == tries || !lost(err) {
			return classify(err)
		}
		select {
		case <-ctx.Done():
			return unavailable(ctx.Err())
		case <-time.After(time.Duration(i*i) * time.Millisecond):
		}
	}
}

// lost reports whether doing the same once more may succeed.
func lost(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "40P01", "40001", "23505": // deadlock, serialization, unique
			return true
		}
	}
	return errors.Is(err, domain.ErrAgain)
}

// classify tells bad data from a database that is away, by the classes of
// SQLSTATE. Errors of the domain pass.
func classify(err error) error {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) { // the server's answer is in it
		return noConnection(connect)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "57014", "25P04": // the statement or the transaction took longer than the server lets it
			return fmt.Errorf("%w: %w: %w", domain.ErrUnavailable, domain.ErrTimeout, err)
		case "42P01", "42703", "42501": // no such table, no such column, no right to it
			return fmt.Errorf("%w: the schema is not this version's, `recado migrate` makes it so: %w", domain.ErrUnavailable, err)
		}
		switch pg.Code[:2] {
		case "21", "22", "23", "54": // a row twice, data exception, constraint, too large for an index
			return &domain.DataError{Err: err}
		case "42": // a fault of this program
			return err
		}
		return fmt.Errorf("%w: %w", domain.ErrUnavailable, err)
	}
	return unavailable(err)
}

// unavailable marks errors of the connection.
func unavailable(err error) error {
	var network net.Error
	var connect *pgconn.ConnectError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &connect):
		return noConnection(connect)
	case errors.As(err, &network), pgconn.Timeout(err), pgconn.SafeToRetry(err),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), isClosed(err):
		return fmt.Errorf("%w: %w", domain.ErrUnavailable, err)
	}
	return err
}
