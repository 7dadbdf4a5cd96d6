package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const (
	readyTimeout = 1500 * time.Millisecond // of a look at the database
	redisTimeout = 500 * time.Millisecond  // of a look at Redis
	filesTimeout = time.Second             // of a look at where files are kept
	readyFor     = time.Second             // a look answers every call until it is this old
)

// A readiness answers whether the process can do its work.
type readiness struct {
	database, redis, files func(context.Context) error

	mu       sync.Mutex // guards the fields below, and lets one look happen at a time
	lookedAt time.Time
	status   int
	text     string
}

// ServeHTTP answers 200 if the process can work, which it cannot without a database
// that it may write to. Without Redis or the files it still accepts webhooks and loses
// nothing, so the text only mentions that.
func (r *readiness) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	status, text := r.now()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

func (r *readiness) now() (status int, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.lookedAt) >= readyFor {
		r.status, r.text = r.look()
		r.lookedAt = time.Now()
	}
	return r.status, r.text
}

func (r *readiness) look() (status int, text string) {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	redis, files := make(chan string, 1), make(chan string, 1)
	go func() { redis <- r.lookAtRedis(ctx) }()
	go func() { files <- r.lookAtFiles(ctx) }()
	if err := r.database(ctx); err != nil {
		return http.StatusServiceUnavailable, "not ready: the database cannot be worked with: " + err.Error()
	}
	if troubles := <-redis + <-files; troubles != "" {
		return http.StatusOK, "ok" + troubles
	}
	return http.StatusOK, "ok"
}

func (r *readiness) lookAtFiles(ctx context.Context) (trouble string) {
	ctx, cancel := context.WithTimeout(ctx, filesTimeout)
	defer cancel()
	if err := r.files(ctx); err != nil {
		return fmt.Sprintf(", but files cannot be kept (%v): they are fetched later, and uploads are refused", err)
	}
	return ""
}

func (r *readiness) lookAtRedis(ctx context.Context) (trouble string) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	err := r.redis(ctx)
	reply, answered := errors.AsType[goredis.Error](err)
	switch {
	case err == nil:
		return ""
	case answered:
		return fmt.Sprintf(", but redis takes no jobs (%v): webhooks are accepted and processed later", reply)
	}
	return ", but redis does not answer: webhooks are accepted and processed later"
}
