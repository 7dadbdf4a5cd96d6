package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"recado/adapters/vault"
)

// ErrInUse is the error of Open while another process has the directory.
var ErrInUse = errors.New("in use by another recado")

// OpenBeside opens the database of a process that has it open, and may serve. It
// is for a short task: it takes no lock, migrates nothing and frees no lanes, and
// its writes wait for those of the other process, and make them wait.
func OpenBeside(ctx context.Context, dir string, v *vault.Vault) (*Store, error) {
	s := &Store{lock: noLock{}, clock: time.Now}
	if err := s.openFiles(ctx, dir, v, connectOnly); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// connectOnly leaves the schema to the process that has the lock.
func connectOnly(ctx context.Context, db *sql.DB) error { return unanswered(db.PingContext(ctx)) }

// noLock stands for the lock that another process has.
type noLock struct{}

// Close implements io.Closer.
func (noLock) Close() error { return nil }
