package sqlite

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"recado/adapters/vault"
	"recado/domain"
)

func TestADatabaseThatCannotWorkIsNotReady(t *testing.T) {
	tests := []struct {
		name  string
		spoil func(t *testing.T, s *Store, dir string)
		want  string // in the error
	}{
		{"the schema of a newer version", func(t *testing.T, s *Store, _ string) {
			if _, err := (alone{s}).Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (90000, true)`); err != nil {
				t.Fatal(err)
			}
		}, "newer than this program's"},
		{"the file was removed", func(t *testing.T, _ *Store, dir string) {
			if err := os.Remove(filepath.Join(dir, "recado.db")); err != nil {
				t.Fatal(err)
			}
		}, "removed or replaced"},
		{"the disk is full", func(t *testing.T, _ *Store, dir string) {
			_ = os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 64<<20), 0o600) // as much as fits
		}, "no space left"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := smallDisk(t)
			s, err := Open(t.Context(), dir, sealer(t))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if err := s.Ping(t.Context()); err != nil {
				t.Fatalf("before: %v", err)
			}
			tt.spoil(t, s, dir)
			err = s.Ping(t.Context())
			if err == nil || !strings.Contains(err.Error(), tt.want) || !errors.Is(err, domain.ErrUnavailable) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// smallDisk returns a directory on a disk of its own.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("a disk of its own needs the right to mount one: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

func TestOpenSaysThatTheDiskIsReadOnly(t *testing.T) {
	dir := smallDisk(t)
	office(t, dir).Close()
	if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, sealer(t)); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("got %v", err)
	}
}

func TestOpenRefusesAnotherSchema(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, sealer(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (alone{s}).Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (90000, true)`); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err = Open(t.Context(), dir, sealer(t)); err == nil || !strings.Contains(err.Error(), "newer than this program's") {
		t.Errorf("got %v", err)
	}
}

func TestOpenRefusesAnotherKey(t *testing.T) {
	dir := t.TempDir()
	office(t, dir).Close()
	other, err := vault.New(bytes.Repeat([]byte("o"), 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, other); !errors.Is(err, vault.ErrOtherKey) {
		t.Errorf("got %v", err)
	}
	s, err := Open(t.Context(), dir, sealer(t))
	if err != nil {
		t.Fatalf("with its key: %v", err)
	}
	s.Close()
}
