package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"syscall"
	"time"
)

// A listener serves HTTP on one address.
type listener struct {
	addr   string
	server *http.Server
}

// listen starts to serve at the address that the setting names. It calls fail if serving
// ends before close is called.
func listen(setting, addr string, h http.Handler, fail func(error)) (*listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s %s is taken: another program listens there; end it, or set another address", setting, addr)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      60 * time.Second, // longer than a profile, which takes 30 s
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fail(err)
		}
	}()
	return &listener{l.Addr().String(), server}, nil
}

// How long the calls in flight may take when a listener closes.
const (
	publicStops   = 5 * time.Second // a webhook or a call of the API is answered within milliseconds
	internalStops = time.Second
)

// close stops accepting calls and waits for those in flight.
func (l *listener) close(log *slog.Logger, timeout time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if err := l.server.Shutdown(ctx); err != nil {
		log.Warn("shutdown interrupted calls in flight", "listener", l.addr, "err", err)
	}
}

func profiles(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}
