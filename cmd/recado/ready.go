package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"recado/adapters/store/spool"
)

const (
	readyTimeout = 1500 * time.Millisecond // of a look at the database
	redisTimeout = 500 * time.Millisecond  // of a look at Redis
	filesTimeout = time.Second             // of a look at where files are kept
	readyFor     = time.Second             // a look answers every call until it is this old
	readyMisses  = 2                       // looks that must fail one after another before the process is not ready
)

// A readiness answers whether the process can do its work.
type readiness struct {
	database, redis, files func(context.Context) error
	spool                  func() spool.State // nil: there is none

	started, stopping <-chan struct{} // closed when every listener listens, and when the process stops

	mu       sync.Mutex // guards the fields below, and lets one look happen at a time
	lookedAt time.Time
	status   int
	text     string
	everOK   bool
	misses   int // looks at the database that failed since the last that did not
}

// ServeHTTP answers 200 if the process can work, which it cannot without a database
// that it may write to, unless it spools. Without Redis or the files it still accepts
// webhooks and loses nothing, so the text only mentions that. Each of them has a line.
func (r *readiness) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	status, text := r.now()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

func (r *readiness) now() (status int, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case isClosed(r.stopping):
		return http.StatusServiceUnavailable, "stopping"
	case !isClosed(r.started):
		return http.StatusServiceUnavailable, "starting"
	}
	if time.Since(r.lookedAt) >= readyFor {
		r.status, r.text = r.look()
		r.lookedAt = time.Now()
	}
	return r.status, r.text
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// look looks at both stores. One look that fails may be an accident of the network:
// all processes at once would leave their load balancer for it.
func (r *readiness) look() (status int, text string) {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	redis, files := make(chan string, 1), make(chan string, 1)
	go func() { redis <- r.lookAtRedis(ctx) }()
	go func() { files <- r.lookAtFiles(ctx) }()
	err := r.database(ctx)
	others := "\nredis: " + <-redis + "\nfiles: " + <-files
	var spooled spool.State
	if r.spool != nil {
		spooled = r.spool()
		others += "\nspool: " + textOf(spooled)
	}
	if err == nil {
		r.everOK, r.misses = true, 0
		return http.StatusOK, "ok\ndatabase: ok" + others
	}
	r.misses++
	database := "\ndatabase: cannot be worked with: " + err.Error() + others
	switch {
	case r.everOK && r.misses < readyMisses:
		return http.StatusOK, "ok, until the next look" + database
	case r.spool != nil && !spooled.Refused:
		return http.StatusOK, "spooling" + database
	}
	return http.StatusServiceUnavailable, "not ready" + database
}

func textOf(s spool.State) string {
	switch {
	case s.Refused:
		return fmt.Sprintf("full, or its disk is: webhooks are refused; %d wait", s.Webhooks)
	case s.Active:
		return fmt.Sprintf("%d webhooks wait for the database, in %.1f of %.0f MiB", s.Webhooks, float64(s.Bytes)/(1<<20), float64(s.Limit)/(1<<20))
	}
	return "empty"
}

func (r *readiness) lookAtFiles(ctx context.Context) (text string) {
	ctx, cancel := context.WithTimeout(ctx, filesTimeout)
	defer cancel()
	if err := r.files(ctx); err != nil {
		return fmt.Sprintf("cannot be kept (%v): they are fetched later, and uploads are refused", err)
	}
	return "ok"
}

func (r *readiness) lookAtRedis(ctx context.Context) (text string) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	err := r.redis(ctx)
	reply, answered := errors.AsType[goredis.Error](err)
	switch {
	case err == nil:
		return "ok"
	case answered:
		return fmt.Sprintf("takes no jobs (%v): webhooks are accepted and processed later", reply)
	}
	return "does not answer: webhooks are accepted and processed later"
}
