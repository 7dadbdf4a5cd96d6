// Package store is the database of the gateway: one SQLite file in its data directory,
// which one process holds at a time.
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
	"path/filepath"
	"syscall"

	_ "modernc.org/sqlite" // the driver
)

// A Sealer encrypts what nobody may read in a copy of the file.
type Sealer interface {
	Seal(plain []byte, context string) ([]byte, error)
	Open(sealed []byte, context string) ([]byte, error)
}

// A Store is the open database. It is used by many goroutines at once.
type Store struct {
	db   *sql.DB
	lock *os.File
	seal Sealer
	wake func() // a webhook was added
}

// ErrHeld is wrapped by the error of Open if another process holds the directory.
var ErrHeld = errors.New("is held by another recado-telegram")

const schema = `
CREATE TABLE IF NOT EXISTS accounts (
	connection TEXT PRIMARY KEY, user_id INTEGER NOT NULL DEFAULT 0, session BLOB,
	status TEXT NOT NULL DEFAULT 'logged_out', reason TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS states (
	connection TEXT PRIMARY KEY, pts INTEGER NOT NULL, qts INTEGER NOT NULL, date INTEGER NOT NULL, seq INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS channels (
	connection TEXT NOT NULL, channel INTEGER NOT NULL, pts INTEGER NOT NULL, PRIMARY KEY (connection, channel)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS peers (
	connection TEXT NOT NULL, chat INTEGER NOT NULL, hash INTEGER NOT NULL, phone TEXT NOT NULL, username TEXT NOT NULL,
	first TEXT NOT NULL, last TEXT NOT NULL, bot INTEGER NOT NULL, broadcast INTEGER NOT NULL, PRIMARY KEY (connection, chat)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS peers_phone ON peers (connection, phone) WHERE phone <> '';
CREATE INDEX IF NOT EXISTS peers_username ON peers (connection, username) WHERE username <> '';
CREATE TABLE IF NOT EXISTS sent (
	connection TEXT NOT NULL, client TEXT NOT NULL, random INTEGER NOT NULL, content TEXT NOT NULL,
	chat INTEGER NOT NULL, message INTEGER NOT NULL, date INTEGER NOT NULL, PRIMARY KEY (connection, client)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS sent_random ON sent (connection, random);
CREATE INDEX IF NOT EXISTS sent_message ON sent (connection, chat, message);
CREATE TABLE IF NOT EXISTS seen (
	connection TEXT NOT NULL, chat INTEGER NOT NULL, message INTEGER NOT NULL, unread INTEGER NOT NULL, at INTEGER NOT NULL,
	PRIMARY KEY (connection, chat, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_message ON seen (connection, message);
CREATE INDEX IF NOT EXISTS seen_unread ON seen (connection, chat, message) WHERE unread = 1;
CREATE TABLE IF NOT EXISTS webhooks (
	id INTEGER PRIMARY KEY AUTOINCREMENT, connection TEXT NOT NULL, chat INTEGER NOT NULL, body BLOB NOT NULL,
	tries INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS webhooks_chat ON webhooks (connection, chat, id);
`

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
		_, err = db.Exec(schema)
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

// Close closes the database and lets go of the directory.
func (s *Store) Close() error {
	err := s.db.Close()
	return errors.Join(err, s.lock.Close())
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

// Update runs a transaction about the account of a connection.
func (s *Store) Update(ctx context.Context, connection string, do func(*Tx) error) error {
	inner, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer inner.Rollback() //nolint:errcheck // after the commit it does nothing
	tx := &Tx{Tx: inner, ctx: ctx, connection: connection}
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
	_, err := t.ExecContext(t.ctx, query, append([]any{t.connection}, args...)...)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
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
