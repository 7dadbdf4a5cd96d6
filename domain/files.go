package domain

import (
	"context"
	"errors"
	"io"
	"regexp"
)

// Files keeps the bytes of media. A key is one that CheckFileKey takes. Every method
// may return an error that wraps ErrUnavailable.
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

var fileKey = regexp.MustCompile(`^[A-Za-z0-9_-]{1,128}(/[A-Za-z0-9_-]{1,128}){0,7}$`)

// CheckFileKey returns an error unless the key is up to eight words of letters, digits,
// underscores and hyphens, separated by slashes. Such a key means the same in every
// store of files, and leads out of none.
func CheckFileKey(key string) error {
	if !fileKey.MatchString(key) {
		return errors.New("the key of a file must be words of a-z A-Z 0-9 _ - with slashes between")
	}
	return nil
}
