// Package store is the database of the gateway: one SQLite file in its data directory,
// which one process holds at a time, or PostgreSQL, of which one process at a time holds
// each account. Both run the same statements.
//
// What is written before what decides which crash loses nothing. An update of Telegram
// and the webhooks that it makes are one transaction; only later the position in
// Telegram's log is stored, so that an update comes again rather than never. A row of a
// send is stored before Telegram is called.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// A Sealer encrypts what nobody may read in a copy of the file.
type Sealer interface {
	Seal(plain []byte, context string) ([]byte, error)
	Open(sealed []byte, context string) ([]byte, error)
}

// A Store is the open database. It is used by many goroutines at once.
type Store struct {
	db   *sql.DB
	url  string   // of PostgreSQL; empty: it is SQLite
	lock *os.File // of SQLite's directory
	seal Sealer
	wake func() // a webhook was added
}

// OnWebhook sets what is called after a webhook was added. Call it before anything is added.
func (s *Store) OnWebhook(wake func()) { s.wake = wake }

// A Tx is a transaction about one account.
type Tx struct {
	*sql.Tx
	ctx        context.Context
	connection string
	added      bool
}

// A transaction that takes longer is given up: the database does not answer.
const updateTimeout = 30 * time.Second

// Update runs a transaction about the account of a connection. Those of one account run
// one after the other, so that the numbers of its webhooks are in their order.
func (s *Store) Update(ctx context.Context, connection string, do func(*Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, updateTimeout)
	defer cancel()
	inner, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer inner.Rollback() //nolint:errcheck // after the commit it does nothing
	tx := &Tx{Tx: inner, ctx: ctx, connection: connection}
	if s.url != "" {
		if _, err := inner.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, lockOf("update "+connection)); err != nil {
			return fmt.Errorf("database: %w", err)
		}
	}
	if err := do(tx); err != nil {
		return err
	}
	if err := inner.Commit(); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if tx.added {
		s.wake()
	}
	return nil
}

func (t *Tx) exec(query string, args ...any) error {
	_, err := t.changed(query, args...)
	return err
}

// changed reports whether the statement changed a row.
func (t *Tx) changed(query string, args ...any) (bool, error) {
	result, err := t.ExecContext(t.ctx, query, append([]any{t.connection}, args...)...)
	if err != nil {
		return false, fmt.Errorf("database: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// one reads a row; false: there is none.
func (t *Tx) one(query string, args, into []any) (bool, error) {
	err := t.QueryRowContext(t.ctx, query, append([]any{t.connection}, args...)...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("database: %w", err)
	}
	return true, nil
}

// numbers reads rows of one number.
func (t *Tx) numbers(query string, args ...any) (list []int, err error) {
	rows, err := t.QueryContext(t.ctx, query, append([]any{t.connection}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("database: %w", err)
		}
		list = append(list, n)
	}
	return list, rows.Err()
}
