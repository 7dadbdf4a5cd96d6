package webhooks

import (
	"errors"
	"io"
	"net/http"
	"sync"
)

var (
	errTooLarge   = errors.New("the webhook is too large")
	errIncomplete = errors.New("the connection broke off within the webhook")
	errFull       = errors.New("too many bytes are waiting to be stored")
)

// A budget bounds the memory that webhooks take. Bytes count as they arrive: a
// large Content-Length alone reserves nothing.
type budget struct {
	mu   sync.Mutex
	left int
}

// take takes n bytes, or none if fewer are left. A negative n gives bytes back.
func (b *budget) take(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.left {
		return false
	}
	b.left -= n
	return true
}

// firstBuffer is how many bytes are reserved before any of a body has arrived.
const firstBuffer = 4 << 10

// read reads a body to its end. ContentLength is the length that the request
// announces, or -1; a short body gets a buffer of exactly that size. Release
// gives the bytes back; call it also after an error.
func (b *budget) read(r io.Reader, contentLength int64) (body []byte, release func(), err error) {
	release = func() { b.take(-cap(body)) }
	more := firstBuffer
	if contentLength > 0 && contentLength < firstBuffer {
		more = int(contentLength)
	}
	for {
		if len(body) == cap(body) {
			more = max(more, cap(body)) // double the buffer
			if !b.take(more) {
				return body, release, errFull
			}
			body = append(make([]byte, 0, cap(body)+more), body...)
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
			return body, release, errIncomplete
		}
	}
}
