package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"recado/adapters/store/shared"
	"recado/domain"
)

// schemaVersion is that of this program.
var schemaVersion = shared.SchemaVersion(migrations)

// probeSize is how many bytes must be free on the disk.
const probeSize = 64 << 10

// Ping implements domain.Store.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.sameFile(); err != nil {
		return err
	}
	if err := s.checkSchema(ctx); err != nil {
		return err
	}
	if err := s.probeDisk(); err != nil {
		return err
	}
	// It stays 0 and is written nevertheless.
	_, err := alone{s}.Exec(ctx, `PRAGMA user_version = 0`)
	return err
}

func (s *Store) checkSchema(ctx context.Context) error {
	version, err := shared.One(ctx, alone{s}, shared.Value[int64], shared.SelectSchemaVersion)
	if err != nil {
		return err
	}
	return shared.CheckSchema(version, schemaVersion)
}

// sameFile fails if the database file was removed or replaced: what is written
// would be gone with this process.
func (s *Store) sameFile() error {
	now, err := os.Stat(s.path)
	if err != nil || !os.SameFile(s.file, now) {
		return fmt.Errorf("%w: the database file %s was removed or replaced; restart Recado", domain.ErrUnavailable, s.path)
	}
	return nil
}

// probeDisk fails if nothing can be added to the data directory: a small write to
// the database may still find room in its log. The file is gone before it reaches
// the disk.
func (s *Store) probeDisk() error {
	path := filepath.Join(filepath.Dir(s.path), "recado.probe")
	err := os.WriteFile(path, make([]byte, probeSize), 0o600)
	if removed := os.Remove(path); !errors.Is(removed, fs.ErrNotExist) { // another Ping may have removed it
		err = errors.Join(err, removed)
	}
	if err != nil {
		return fmt.Errorf("%w: nothing can be written beside the database: %w", domain.ErrUnavailable, err)
	}
	return nil
}
