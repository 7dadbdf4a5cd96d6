package wire

import (
	"encoding/base64"
	"io"
	"net/http"
	"sync"
	"time"

	"recado/domain"
)

// An upload is the body of a request that streams a file.
type upload struct {
	file io.Closer

	mu      sync.Mutex // guards the fields below: the Transport may read on after it has returned
	r       io.Reader
	left    int64 // bytes that were not read yet
	aborted bool
}

// Read implements io.Reader.
func (u *upload) Read(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.aborted {
		return 0, errNothingWritten
	}
	n, err := u.r.Read(p)
	u.left -= int64(n)
	return n, err
}

// Close implements io.Closer.
func (u *upload) Close() error { return u.file.Close() }

// abort reports whether the body was not read to its end, which then never happens.
func (u *upload) abort() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.left > 0 {
		u.aborted = true
	}
	return u.aborted
}

// unfinished reports whether the body of the request was not sent as a whole.
func unfinished(req *http.Request) bool {
	body, ok := req.Body.(*upload)
	return ok && body.abort()
}

// timeout is how long a request may take, where one without a file may take that of
// the client.
func (c Client) timeout(req *http.Request) time.Duration {
	return c.client.Timeout + domain.StreamTime(max(req.ContentLength, 0))
}

// An exactly reads so many bytes of r. A file that is shorter is an error: what follows
// it would complete the form.
type exactly struct {
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (e *exactly) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	if err == io.EOF && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// An encoder reads r in base64.
type encoder struct {
	r    io.Reader
	raw  [3 << 10]byte
	text [4 << 10]byte
	rest []byte // of the text, not read yet
}

// Read implements io.Reader.
func (e *encoder) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		n, err := io.ReadFull(e.r, e.raw[:])
		if err != nil && err != io.ErrUnexpectedEOF { // which a last piece gives
			return 0, err
		}
		base64.StdEncoding.Encode(e.text[:], e.raw[:n])
		e.rest = e.text[:base64.StdEncoding.EncodedLen(n)]
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}
