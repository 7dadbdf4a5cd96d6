//go:build unix

package sqlite

import (
	"os"
	"path/filepath"
	"testing"
)

// The directory may be open to others, and an earlier version's files as well.
func TestOnlyTheOwnerReadsTheFiles(t *testing.T) {
	for name, before := range map[string][]string{
		"a new database":                 nil,
		"a database of earlier versions": {databaseFile, databaseFile + "-wal", databaseFile + "-shm", lockFile},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			for _, file := range before {
				if err := os.WriteFile(filepath.Join(dir, file), nil, 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(filepath.Join(dir, file), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			office(t, dir)
			list, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != 4 {
				t.Errorf("the files are %v, want the database, its -wal and -shm, and the lock", list)
			}
			for _, entry := range list {
				info, err := entry.Info()
				if err != nil {
					t.Fatal(err)
				}
				if info.Mode().Perm() != 0o600 {
					t.Errorf("%s has the mode %v, want 0600", entry.Name(), info.Mode())
				}
			}
		})
	}
}
