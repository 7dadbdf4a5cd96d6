package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"recado/adapters/store/groupcommit"
	"recado/adapters/store/shared"
	"recado/adapters/vault"
	"recado/domain"
)

// Store implements domain.Store.
type Store struct {
	shared.Queries
	groupcommit.Committer
	write *writer
	read  *readers
	lock  io.Closer
	path  string      // of the database file
	file  os.FileInfo // of it, when it was opened
	clock func() time.Time
}

var _ domain.Store = (*Store)(nil)

// Open opens the database in a directory of its own, which it creates, and
// applies the migrations that it has not yet seen. One process at a time may
// have it open; the lock of one that was killed is free. The vault seals
// credentials.
func Open(ctx context.Context, dir string, v *vault.Vault) (*Store, error) {
	return open(ctx, dir, v, time.Now)
}

func open(ctx context.Context, dir string, v *vault.Vault, clock func() time.Time) (_ *Store, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	held, err := lock(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{lock: held, clock: clock}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if err := protect(dir); err != nil {
		return nil, err
	}
	if err := s.openFiles(ctx, dir, v, migrate); err != nil {
		return nil, err
	}
	if err := s.clearLeases(ctx); err != nil {
		return nil, fmt.Errorf("database %s: %w", s.path, err)
	}
	return s, nil
}

// openFiles connects to the database, after prepare.
func (s *Store) openFiles(ctx context.Context, dir string, v *vault.Vault, prepare func(context.Context, *sql.DB) error) error {
	s.Committer = groupcommit.New(s.insert, s.apply)
	path, err := filepath.Abs(filepath.Join(dir, databaseFile))
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	driver := newDriver(s.clock)
	if s.write, err = openWriter(ctx, driver.connector(path, forWriting), prepare); err != nil {
		return fmt.Errorf("database %s: %w", path, err)
	}
	s.read = openReaders(driver.connector(path, forReading))
	s.Queries = shared.NewQueries(alone{s}, alone{s}, s.briefly, dialect, v)
	if s.file, err = os.Stat(path); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	s.path = path
	for _, check := range []func(context.Context) error{s.checkSchema, s.CheckKey} {
		if err := check(ctx); err != nil {
			return fmt.Errorf("database %s: %w", path, err)
		}
	}
	return nil
}

// clearLeases frees the lanes of the processes that had the database open before: we hold
// the file's lock, so they are gone, and their leases need not expire first.
func (s *Store) clearLeases(ctx context.Context) error {
	if _, err := s.write.exec(ctx, `DELETE FROM processes`); err != nil {
		return err
	}
	_, err := s.write.exec(ctx, `UPDATE leases SET owner = ''`)
	return err
}

// now is the moment, as the database keeps it.
func (s *Store) now() time.Time { return time.UnixMilli(s.clock().UnixMilli()).UTC() }

// Close ends when the work that has begun is done. The writer closes last, so that the
// write-ahead log is merged into the one file.
func (s *Store) Close() {
	var errs []error
	if s.read != nil {
		errs = append(errs, s.read.db.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.close())
	}
	_ = errors.Join(append(errs, s.lock.Close())...) // nothing can be done, and nothing is lost
}

// transact waits for a turn and runs do in a transaction, which is not given up
// half way. If do returns an error nothing is kept; shared.ErrRollback is none. A long
// transaction lets others go first; see writer.
func (s *Store) transact(ctx context.Context, long bool, do func(context.Context, *tx) error) error {
	done, err := s.write.wait(ctx, long)
	if err != nil {
		return err
	}
	defer done()
	return s.write.transact(context.WithoutCancel(ctx), do)
}

// briefly runs do in a transaction that lets no other go first.
func (s *Store) briefly(ctx context.Context, do func(context.Context, shared.Tx) error) error {
	return s.transact(ctx, false, func(ctx context.Context, t *tx) error { return do(ctx, t) })
}

// alone runs each statement by itself: what reads on any of the readers, what
// writes in a turn of its own.
type alone struct{ store *Store }

// Query implements shared.DB.
func (a alone) Query(ctx context.Context, take func(shared.Row) error, sql string, args ...any) error {
	return a.store.read.query(ctx, take, sql, args...)
}

// Exec implements shared.DB.
func (a alone) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	done, err := a.store.write.wait(ctx, false)
	if err != nil {
		return 0, err
	}
	defer done()
	return a.store.write.exec(context.WithoutCancel(ctx), sql, args...)
}
