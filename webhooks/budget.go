package webhooks

import (
	"errors"
	"io"
	"net/http"
	"sync"
)

var (
	errTooLarge = errors.New("the webhook is too large")
	errBroken   = errors.New("the webhook did not arrive whole")
	errFull     = errors.New("too much waits to be stored")
)

// A budget bounds the bytes of the webhooks in memory. Bytes count as they
// arrive, so that who only announces a large body takes nothing.
type budget struct {
	mu   sync.Mutex
	left int
}

func (b *budget) take(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.left {
		return false
	}
	b.left -= n
	return true
}

// atOnce is how many bytes are taken for a body before any of it came.
const atOnce = 4 << 10

// read reads a body to its end. Announced is how long it says it is, -1 if it
// does not: a short one is given what it needs, no more. Release gives its bytes
// back, and must be called also after an error.
func (b *budget) read(r io.Reader, announced int64) (body []byte, release func(), err error) {
	release = func() { b.take(-cap(body)) }
	grown := atOnce
	if announced > 0 && announced < atOnce {
		grown = int(announced)
	}
	for {
		if len(body) == cap(body) {
			grown = max(grown, cap(body)) // twice as much
			if !b.take(grown) {
				return body, release, errFull
			}
			body = append(make([]byte, 0, cap(body)+grown), body...)
		}
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		var large *http.MaxBytesError
		switch {
		case err == io.EOF:
			return body, release, nil
		case errors.As(err, &large):
			return body, release, errTooLarge
		case err != nil:
			return body, release, errBroken
		}
	}
}
