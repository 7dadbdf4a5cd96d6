package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"

	"recado/adapters/store/shared"
	"recado/domain"
)

// maxReaders bounds the connections that read at once.
const maxReaders = 8

// readers are the connections that only read. Each statement sees what was
// committed when it began.
type readers struct {
	db       *sql.DB
	mu       sync.Mutex
	prepared map[string]*sql.Stmt
}

func openReaders(c driver.Connector) *readers {
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(maxReaders)
	db.SetMaxIdleConns(maxReaders)
	return &readers{db: db, prepared: map[string]*sql.Stmt{}}
}

// Pools implements domain.Store.
func (s *Store) Pools() []domain.Pool {
	r := s.read.db.Stats()
	return []domain.Pool{{
		Name: "readers", Busy: r.InUse, Idle: r.Idle, Max: r.MaxOpenConnections, Waits: r.WaitCount, Waited: r.WaitDuration,
	}}
}

// statement prepares a statement once; database/sql does so for each connection.
func (r *readers) statement(ctx context.Context, sql string) (*sql.Stmt, error) {
	r.mu.Lock()
	s := r.prepared[sql]
	r.mu.Unlock()
	if s != nil {
		return s, nil
	}
	s, err := r.db.PrepareContext(ctx, sql)
	if err != nil {
		return nil, unanswered(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if first := r.prepared[sql]; first != nil {
		return first, s.Close()
	}
	r.prepared[sql] = s
	return s, nil
}

func (r *readers) query(ctx context.Context, take func(shared.Row) error, sql string, args ...any) error {
	s, err := r.statement(ctx, sql)
	if err != nil {
		return err
	}
	found, err := s.QueryContext(ctx, bound(args)...)
	return all(found, err, take)
}

// all hands over every row. What take returns is returned as it is.
func all(found *sql.Rows, err error, take func(shared.Row) error) error {
	if err != nil {
		return unanswered(err)
	}
	for found.Next() {
		if err := take(row{found}); err != nil {
			return errors.Join(err, found.Close())
		}
	}
	if err := found.Err(); err != nil {
		return unanswered(err)
	}
	return unanswered(found.Close())
}
