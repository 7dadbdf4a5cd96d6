// Package disk keeps files in a folder.
package disk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"time"

	"recado/adapters/durable"
	"recado/domain"
)

// incoming is the folder of files that are being written. No key begins with a dot.
const incoming = ".incoming"

// abandonedAfter is when nobody writes a file of incoming any more: a crash left it.
const abandonedAfter = time.Hour

// Files implements domain.Files. Several processes may share the folder.
type Files struct {
	root *os.Root // what is opened by it lies below the folder, whatever links say
}

// Open returns the files in a folder, which it creates if there is none.
func Open(dir string) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	f := &Files{root}
	if err := root.MkdirAll(incoming, 0o700); err != nil {
		return nil, err
	}
	return f, f.removeAbandoned(time.Now())
}

// removeAbandoned deletes what a crash left of files that were being written.
func (f *Files) removeAbandoned(now time.Time) error {
	entries, err := fs.ReadDir(f.root.FS(), incoming)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && now.Sub(info.ModTime()) > abandonedAfter {
			err = f.root.Remove(path.Join(incoming, e.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // another process removed it
			return err
		}
	}
	return nil
}

// Put writes a temporary file and renames it, so that a key never holds a part.
func (f *Files) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := domain.CheckFileKey(key); err != nil {
		return err
	}
	temporary, err := f.write(ctx, r, size)
	if err == nil {
		err = f.move(temporary, key)
	}
	if err != nil {
		_ = f.root.Remove(temporary) // what remains is removed when it is abandoned
		return unavailable("store", key, err)
	}
	return nil
}

// write writes a temporary file, durably, and returns its name, with an error too.
func (f *Files) write(ctx context.Context, r io.Reader, size int64) (name string, err error) {
	name = path.Join(incoming, rand.Text())
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return name, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	n, err := io.Copy(file, reader{ctx, r})
	switch {
	case err != nil:
		return name, err
	case n != size:
		return name, fmt.Errorf("%d bytes came, not %d", n, size)
	}
	return name, file.Sync()
}

// A reader ends with its context.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// move gives a file its key, durably.
func (f *Files) move(temporary, key string) error {
	folder := path.Dir(key)
	if err := f.root.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := f.root.Rename(temporary, key); err != nil {
		return err
	}
	for ; folder != "."; folder = path.Dir(folder) { // each may be new in its own
		if err := durable.SyncFolder(f.root, folder); err != nil {
			return err
		}
	}
	return durable.SyncFolder(f.root, ".")
}

// Open opens the file of a key.
func (f *Files) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	if err := domain.CheckFileKey(key); err != nil {
		return nil, err
	}
	file, err := f.root.Open(key)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, domain.ErrNotFound
	case err != nil:
		return nil, unavailable("open", key, err)
	}
	if info, err := file.Stat(); err != nil || info.IsDir() {
		return nil, errors.Join(domain.ErrNotFound, err, file.Close())
	}
	return file, nil
}

// Delete removes the file of a key, durably. Its folder stays: another process may be
// about to put a file there.
func (f *Files) Delete(_ context.Context, key string) error {
	if err := domain.CheckFileKey(key); err != nil {
		return err
	}
	info, err := f.root.Lstat(key)
	if err == nil && !info.IsDir() {
		if err = f.root.Remove(key); err == nil {
			err = durable.SyncFolder(f.root, path.Dir(key))
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable("delete", key, err)
	}
	return nil
}

// Ping writes a small file and removes it.
func (f *Files) Ping(context.Context) error {
	name := path.Join(incoming, rand.Text())
	err := f.root.WriteFile(name, []byte("ping"), 0o600)
	if err == nil {
		err = f.root.Remove(name)
	}
	if err != nil {
		return fmt.Errorf("%w: the folder %s cannot be written: %w", domain.ErrUnavailable, f.root.Name(), err)
	}
	return nil
}

func unavailable(what, key string, err error) error {
	return fmt.Errorf("%w: %s file %s: %w", domain.ErrUnavailable, what, key, err)
}
