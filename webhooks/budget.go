package webhooks

import (
	"errors"
	"io"
	"net/http"
	"sync"

	"recado/domain"
)

var (
	errTooLarge   = errors.New("the webhook is too large")
	errIncomplete = errors.New("the webhook broke off or came too slowly")
	errFull       = errors.New("too many bytes are waiting to be stored")
)

const (
	maxShort   = 64 << 10 // bytes of a short body, as nearly all webhooks have
	hookShares = 2        // one hook takes at most this fraction of a pool
)

// A budget bounds the memory that webhooks take. Short bodies have a pool of
// their own, which long ones cannot fill, and no hook can fill a pool alone: a
// sender without a secret who knows one hook shuts out neither the other hooks
// nor, with few long bodies, that hook's short ones.
type budget struct {
	mu          sync.Mutex // guards both pools
	short, long pool
}

func newBudget(short, long int) *budget {
	return &budget{
		short: pool{left: short, share: short / hookShares, taken: map[domain.HookID]int{}},
		long:  pool{left: long, share: long / hookShares, taken: map[domain.HookID]int{}},
	}
}

// A pool is a number of bytes.
type pool struct {
	left  int
	share int // the most that one hook takes
	taken map[domain.HookID]int
}

// take takes n bytes for a hook, or none if fewer are left.
func (p *pool) take(hook domain.HookID, n int) bool {
	if n > p.left || p.taken[hook]+n > p.share {
		return false
	}
	p.left -= n
	p.taken[hook] += n
	return true
}

func (p *pool) give(hook domain.HookID, n int) {
	p.left += n
	if p.taken[hook] -= n; p.taken[hook] == 0 {
		delete(p.taken, hook)
	}
}

// A hold is what one body takes of the budget. Bytes count as they arrive: a
// large Content-Length alone reserves nothing.
type hold struct {
	budget *budget
	hook   domain.HookID
	pool   *pool // nil: nothing is held
	size   int   // bytes
}

func (b *budget) hold(hook domain.HookID) *hold { return &hold{budget: b, hook: hook} }

// grow takes what the body needs to have the size. False: too little is left,
// and what was held before still is.
func (h *hold) grow(size int, long bool) bool {
	h.budget.mu.Lock()
	defer h.budget.mu.Unlock()
	to := &h.budget.short
	if long || size > maxShort {
		to = &h.budget.long
	}
	if h.pool == to {
		if !to.take(h.hook, size-h.size) {
			return false
		}
		h.size = size
		return true
	}
	if !to.take(h.hook, size) {
		return false
	}
	h.giveBack()
	h.pool, h.size = to, size
	return true
}

// release gives back what is held.
func (h *hold) release() {
	h.budget.mu.Lock()
	defer h.budget.mu.Unlock()
	h.giveBack()
}

func (h *hold) giveBack() {
	if h.pool != nil {
		h.pool.give(h.hook, h.size)
	}
	h.pool, h.size = nil, 0
}

// firstBuffer is how many bytes are reserved before any of a body has arrived.
const firstBuffer = 4 << 10

// read reads a body to its end. ContentLength is the length that the request
// announces, or -1; a short body gets a buffer of exactly that size. The bytes
// are held until release, also after an error.
func (h *hold) read(r io.Reader, contentLength int64) (body []byte, err error) {
	more := firstBuffer
	if contentLength > 0 && contentLength < firstBuffer {
		more = int(contentLength)
	}
	for {
		if len(body) == cap(body) {
			size := cap(body) + max(more, cap(body)) // double the buffer
			if !h.grow(size, contentLength > maxShort) {
				return body, errFull
			}
			body = append(make([]byte, 0, size), body...)
		}
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case err == io.EOF:
			return body, nil
		case err != nil:
			return body, readError(err)
		}
	}
}

func readError(err error) error {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return errTooLarge
	}
	return errIncomplete
}
