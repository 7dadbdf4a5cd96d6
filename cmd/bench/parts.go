package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"time"
)

// bench starts itself again as each part that Recado is compared with, so that a part
// has a process of its own, as Recado does.

// partVariable is the environment variable that names the part.
const partVariable = "BENCH_PART"

// A partConfig holds the addresses of a part and of its servers.
type partConfig struct {
	listen, database, redis, crm string
}

func (c partConfig) environment(part string) []string {
	return []string{partVariable + "=" + part, "BENCH_LISTEN=" + c.listen, "BENCH_DATABASE=" + c.database, "BENCH_REDIS=" + c.redis, "BENCH_CRM=" + c.crm}
}

// parts lists the handlers of webhooks that Recado is compared with.
var parts = map[string]func(context.Context, partConfig) (h http.Handler, stop func(), err error){
	"bare":    newBare,
	"durable": newDurable,
	"naive":   newNaive,
}

// play serves a part until the context ends.
func play(ctx context.Context, part string) error {
	cfg := partConfig{os.Getenv("BENCH_LISTEN"), os.Getenv("BENCH_DATABASE"), os.Getenv("BENCH_REDIS"), os.Getenv("BENCH_CRM")}
	create, ok := parts[part]
	if !ok {
		return fmt.Errorf("%s is none of %q", part, slices.Sorted(maps.Keys(parts)))
	}
	handler, stop, err := create(ctx, cfg)
	if err != nil {
		return fmt.Errorf("%s: %w", part, err)
	}
	defer stop()
	l, err := net.Listen("tcp", cfg.listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

// verified reads a webhook and checks its signature, which every part does.
func verified(next func(w http.ResponseWriter, r *http.Request, body []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || !signedByMeta(r.Header, body) {
			http.Error(w, "forged", http.StatusUnauthorized)
			return
		}
		next(w, r, body)
	}
}

// newBare makes row 1: read the body, check the HMAC, answer 200.
func newBare(context.Context, partConfig) (http.Handler, func(), error) {
	return verified(func(http.ResponseWriter, *http.Request, []byte) {}), func() {}, nil
}
