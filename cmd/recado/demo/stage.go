package demo

import (
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// A stage serves a handler that is made after its address is known.
type stage struct{ handler atomic.Pointer[http.Handler] }

func (s *stage) enter(h http.Handler) { s.handler.Store(&h) }

// ServeHTTP answers 503 while there is no handler.
func (s *stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := s.handler.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
}

// serve serves HTTP at a free port of this machine: the server's Addr. It calls
// fail if serving ends before the server is closed.
func serve(h http.Handler, fail func(error)) (*http.Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Addr: l.Addr().String(), Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fail(err)
		}
	}()
	return server, nil
}
