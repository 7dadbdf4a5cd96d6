// Package blobtest says what every store of files must do.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"testing"
	"testing/iotest"

	"recado/domain"
)

// Run checks a store that is empty.
func Run(t *testing.T, files domain.Files) {
	for _, tt := range []struct {
		name string
		test func(*testing.T, domain.Files)
	}{
		{"a file is read as it was put", asPut},
		{"an empty file is a file", empty},
		{"a file takes the place of what its key held", replaced},
		{"a reader begins anywhere", sought},
		{"a key without a file is not found", missing},
		{"a file that was deleted is gone, and deleting it again is no error", deleted},
		{"a put that fails in the middle leaves what the key held", interrupted},
		{"a put that is given too little leaves what the key held", short},
		{"a put ends with its context", cancelled},
		{"of puts of one key at once, one remains whole", concurrent},
		{"a large file is not held in memory", large},
		{"a key that could lead elsewhere is refused", misleading},
		{"a store that works says so", func(t *testing.T, f domain.Files) {
			if err := f.Ping(t.Context()); err != nil {
				t.Error(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, files) })
	}
}

func put(t *testing.T, f domain.Files, key, text string) {
	t.Helper()
	if err := f.Put(t.Context(), key, bytes.NewReader([]byte(text)), int64(len(text))); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, f domain.Files, key string) io.ReadSeekCloser {
	t.Helper()
	file, err := f.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

// holds checks what a key holds.
func holds(t *testing.T, f domain.Files, key, want string) {
	t.Helper()
	got, err := io.ReadAll(open(t, f, key))
	if err != nil || string(got) != want {
		t.Errorf("%s holds %.40q, %v; want %.40q", key, got, err, want)
	}
}

func asPut(t *testing.T, f domain.Files) {
	put(t, f, "acme/med_1", "hello")
	put(t, f, "otra/med_1", "another company's")
	put(t, f, "top", "a key of one word")
	put(t, f, "a/b/c", "a key of three")
	holds(t, f, "acme/med_1", "hello")
	holds(t, f, "otra/med_1", "another company's")
	holds(t, f, "top", "a key of one word")
	holds(t, f, "a/b/c", "a key of three")
}

func empty(t *testing.T, f domain.Files) {
	put(t, f, "acme/empty", "")
	holds(t, f, "acme/empty", "")
}

func replaced(t *testing.T, f domain.Files) {
	put(t, f, "acme/again", "the first, which is longer")
	put(t, f, "acme/again", "the second")
	holds(t, f, "acme/again", "the second")
}

func sought(t *testing.T, f domain.Files) {
	put(t, f, "acme/sought", "0123456789")
	file := open(t, f, "acme/sought")
	for _, step := range []struct {
		offset int64
		whence int
		at     int64
		rest   string
	}{{0, io.SeekEnd, 10, ""}, {0, io.SeekStart, 0, "0123456789"}, {-3, io.SeekEnd, 7, "789"}, {4, io.SeekStart, 4, "456789"}} {
		at, err := file.Seek(step.offset, step.whence)
		if err != nil || at != step.at {
			t.Fatalf("seek of %d from %d: at %d, %v; want %d", step.offset, step.whence, at, err, step.at)
		}
		rest, err := io.ReadAll(file)
		if err != nil || string(rest) != step.rest {
			t.Errorf("after %d: %q, %v; want %q", at, rest, err, step.rest)
		}
	}
}

func missing(t *testing.T, f domain.Files) {
	put(t, f, "folder/file", "x")
	for _, key := range []string{"nobody/med_1", "nothing", "folder"} {
		if _, err := f.Open(t.Context(), key); !errors.Is(err, domain.ErrNotFound) || errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("%s: %v", key, err)
		}
	}
}

func deleted(t *testing.T, f domain.Files) {
	put(t, f, "acme/short-lived", "x")
	put(t, f, "acme/neighbour", "y")
	for range 2 {
		if err := f.Delete(t.Context(), "acme/short-lived"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Open(t.Context(), "acme/short-lived"); !errors.Is(err, domain.ErrNotFound) {
			t.Error(err)
		}
	}
	if err := f.Delete(t.Context(), "acme"); err != nil {
		t.Errorf("what holds files is no file: %v", err)
	}
	holds(t, f, "acme/neighbour", "y")
}

func interrupted(t *testing.T, f domain.Files) {
	put(t, f, "acme/whole", "whole")
	broken := errors.New("the connection broke")
	r := io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), iotest.ErrReader(broken))
	if err := f.Put(t.Context(), "acme/whole", r, 2<<20); !errors.Is(err, broken) {
		t.Errorf("%v; want the reader's error", err)
	}
	holds(t, f, "acme/whole", "whole")
}

func short(t *testing.T, f domain.Files) {
	put(t, f, "acme/full", "full")
	if err := f.Put(t.Context(), "acme/full", bytes.NewReader(make([]byte, 10)), 11); err == nil {
		t.Error("10 bytes passed for 11")
	}
	holds(t, f, "acme/full", "full")
}

func cancelled(t *testing.T, f domain.Files) {
	put(t, f, "acme/calm", "calm")
	ctx, cancel := context.WithCancel(t.Context())
	r := &endless{after: 4, do: cancel}
	if err := f.Put(ctx, "acme/calm", r, 1<<40); !errors.Is(err, context.Canceled) {
		t.Errorf("%v; want the context's error", err)
	}
	holds(t, f, "acme/calm", "calm")
}

// An endless reader calls do after so many reads.
type endless struct {
	after int
	do    func()
}

func (e *endless) Read(p []byte) (int, error) {
	if e.after--; e.after == 0 {
		e.do()
	}
	return len(p), nil
}

func concurrent(t *testing.T, f domain.Files) {
	const writers, size = 8, 300_000
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			text := bytes.Repeat([]byte{byte('a' + i)}, size)
			if err := f.Put(t.Context(), "acme/contended", bytes.NewReader(text), size); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := io.ReadAll(open(t, f, "acme/contended"))
	if err != nil || len(got) != size || bytes.Count(got, got[:1]) != size {
		t.Errorf("%d bytes, %v; want %d that are alike", len(got), err, size)
	}
}

// largeSize is of a file that a page can still show, and that no process may hold.
const largeSize = 60 << 20

func large(t *testing.T, f domain.Files) {
	written, read := sha256.New(), sha256.New()
	peak := watchHeap(t, func() {
		source := io.TeeReader(io.LimitReader(&pattern{}, largeSize), written)
		if err := f.Put(t.Context(), "acme/large", source, largeSize); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(read, open(t, f, "acme/large")); err != nil || n != largeSize {
			t.Fatalf("%d bytes, %v", n, err)
		}
	})
	if !bytes.Equal(written.Sum(nil), read.Sum(nil)) {
		t.Error("other bytes come out than went in")
	}
	if peak > largeSize/4 {
		t.Errorf("%d MiB were allocated for a file of %d", peak>>20, largeSize>>20)
	}
	if err := f.Delete(t.Context(), "acme/large"); err != nil {
		t.Error(err)
	}
}

// watchHeap returns how many bytes were allocated while do ran.
func watchHeap(t *testing.T, do func()) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A pattern is bytes of which no block is like another.
type pattern struct{ n uint64 }

func (r *pattern) Read(p []byte) (int, error) {
	for i := range p {
		r.n++
		p[i] = byte(r.n ^ r.n>>8 ^ r.n>>16)
	}
	return len(p), nil
}

func misleading(t *testing.T, f domain.Files) {
	for _, key := range []string{"", ".", "..", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", ".hidden", "a/.b", `a\b`, "a\x00b", "C:x", "ñ", fmt.Sprintf("%0129d", 1)} {
		if err := f.Put(t.Context(), key, bytes.NewReader(nil), 0); err == nil {
			t.Errorf("%q is a key to put", key)
		}
		if _, err := f.Open(t.Context(), key); err == nil {
			t.Errorf("%q is a key to open", key)
		}
		if err := f.Delete(t.Context(), key); err == nil {
			t.Errorf("%q is a key to delete", key)
		}
	}
}
