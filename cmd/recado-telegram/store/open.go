package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of PostgreSQL
	_ "modernc.org/sqlite"             // the driver of SQLite
)

// ErrHeld is wrapped by the error of Open if another process holds the directory.
var ErrHeld = errors.New("is held by another recado-telegram")

// Open opens the database of a directory, which it creates, and holds it.
func Open(dir string, seal Sealer) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("%s %w", dir, ErrHeld)
	}
	file := filepath.Join(dir, "telegram.db")
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)")
	if err == nil {
		db.SetMaxOpenConns(1) // one writer, and nothing waits for a lock
		_, err = db.Exec(forSQLite.Replace(schema))
	}
	if err == nil {
		err = os.Chmod(file, 0o600)
	}
	if err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("database of %s: %w", dir, err)
	}
	return &Store{db: db, lock: lock, seal: seal, wake: func() {}}, nil
}

// maxConnections is how many a process opens to PostgreSQL, beside one for each account.
const maxConnections = 8

// OpenPostgres opens a database of PostgreSQL. Several processes may open it: each account
// is held by one of them, as Hold says.
func OpenPostgres(ctx context.Context, url string, seal Sealer) (*Store, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, errors.New("database: it is no URL of PostgreSQL") // the error may quote the password
	}
	db.SetMaxOpenConns(maxConnections)
	s := &Store{db: db, url: url, seal: seal, wake: func() {}}
	if err := s.create(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("database: %w", err)
	}
	return s, nil
}

// create makes the tables. Of several processes that start at once, one does.
func (s *Store) create(ctx context.Context) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after the commit it does nothing
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, lockOf("tables")); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, forPostgres.Replace(schema)); err != nil {
		return err
	}
	return tx.Commit()
}

// Close closes the database and lets go of the directory.
func (s *Store) Close() error {
	err := s.db.Close()
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}
