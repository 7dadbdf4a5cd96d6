package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recado/adapters/blob/blobtest"
	"recado/domain"
)

func opened(t *testing.T, dir string) *Files {
	t.Helper()
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.root.Close() })
	return f
}

// listed lists the files below a folder, with their modes.
func listed(t *testing.T, dir string) map[string]fs.FileMode {
	t.Helper()
	found := map[string]fs.FileMode{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		name, _ := filepath.Rel(dir, path)
		found[filepath.ToSlash(name)] = info.Mode().Perm()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestConformance(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "by", "Open")
	blobtest.Run(t, opened(t, dir))
	for name, mode := range listed(t, dir) {
		if strings.HasPrefix(name, incoming) {
			t.Errorf("%s was left behind", name)
		}
		if mode != 0o600 {
			t.Errorf("%s has the mode %o: others may read it", name, mode)
		}
	}
}

// A process that is killed in the middle of a put leaves a temporary file.
func TestWhatACrashLeftIsRemovedWhenNobodyCanBeWritingIt(t *testing.T) {
	dir := t.TempDir()
	opened(t, dir)
	for name, age := range map[string]time.Duration{"old": 2 * time.Hour, "new": time.Minute} {
		path := filepath.Join(dir, incoming, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	opened(t, dir)
	left := listed(t, dir)
	if _, there := left[incoming+"/new"]; !there || len(left) != 1 {
		t.Errorf("%v are left; want only the new one", left)
	}
}

func TestALinkLeadsOutOfNoFolder(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := opened(t, dir)
	if err := os.Symlink(outside, filepath.Join(dir, "acme")); err != nil {
		t.Fatal(err)
	}
	if file, err := f.Open(t.Context(), "acme/secret"); err == nil {
		file.Close()
		t.Error("a file outside the folder was opened")
	}
}

func TestAFolderThatIsGoneIsSaid(t *testing.T) {
	dir := t.TempDir()
	f := opened(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := f.Ping(t.Context()); !errors.Is(err, domain.ErrUnavailable) || !strings.Contains(err.Error(), dir) {
		t.Error(err)
	}
	if err := f.Put(t.Context(), "acme/med_1", strings.NewReader("x"), 1); !errors.Is(err, domain.ErrUnavailable) {
		t.Error(err)
	}
}

func TestAFolderThatCannotBeMadeIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(file, "media")); err == nil {
		t.Error("a folder in a file")
	}
}
