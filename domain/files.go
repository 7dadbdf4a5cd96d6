package domain

import (
	"context"
	"io"
)

// Files keeps the bytes of media. A key is a relative path of words, separated by
// slashes. Every method may return an error that wraps ErrUnavailable.
type Files interface {
	// Put stores what r gives, durably, in place of what the key held before. After an
	// error the key holds what it held. Size is how many bytes r gives.
	Put(ctx context.Context, key string, r io.Reader, size int64) error

	// Open returns the bytes of a key; ErrNotFound: there are none.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)

	// Delete removes a key. It returns nil if there is none.
	Delete(ctx context.Context, key string) error

	// Ping reports whether files can be stored and read.
	Ping(ctx context.Context) error
}
