package webhooks

import (
	"io"
	"net/http"
	"time"
)

// The slowest body that is read: each stride of it must come in its time, which
// is 128 KiB a second. Whatever is shorter has one stride's time.
const (
	stride     = 256 << 10
	strideTime = 2 * time.Second
)

// A pacedReader reads the body of a call and fails if the sender is too slow, so
// that a silent one holds a connection and memory for a moment only.
type pacedReader struct {
	body       io.Reader
	connection *http.ResponseController
	left       int // bytes of the stride
}

func paced(w http.ResponseWriter, r *http.Request) *pacedReader {
	p := &pacedReader{body: http.MaxBytesReader(w, r.Body, maxBody), connection: http.NewResponseController(w)}
	p.begin()
	return p
}

// begin begins a stride.
func (p *pacedReader) begin() {
	p.left = stride
	_ = p.connection.SetReadDeadline(time.Now().Add(strideTime)) // without a connection, as in a test, nobody is slow
}

// Read implements io.Reader.
func (p *pacedReader) Read(b []byte) (int, error) {
	if p.left <= 0 {
		p.begin()
	}
	n, err := p.body.Read(b)
	p.left -= n
	if err == io.EOF {
		_ = p.connection.SetReadDeadline(time.Time{}) // else the commit would be given up with it
	}
	return n, err
}
