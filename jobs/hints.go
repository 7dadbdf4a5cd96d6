package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"recado/domain"
)

// hintEvery is how often one lane is hinted at most. The first hint of a quiet
// lane leaves at once.
const hintEvery = 20 * time.Millisecond

// Hints enqueues one asynq job for each lane that has work. It is told after a
// commit and never blocks: a slow Redis delays no acknowledgement, and a lost
// hint is found by the sweep.
type Hints struct {
	redis redis.UniversalClient
	log   *slog.Logger
	here  func(domain.Lane) bool // tells a drainer in this process, if there is one; nil: no worker

	mu     sync.Mutex
	client *asynq.Client
	dirty  map[domain.Lane]bool
	last   map[domain.Lane]time.Time
	wake   chan struct{}
}

// NewHints makes Hints that leave when Run runs.
func NewHints(client redis.UniversalClient, log *slog.Logger) *Hints {
	h := &Hints{redis: client, log: log, dirty: map[domain.Lane]bool{}, last: map[domain.Lane]time.Time{}, wake: make(chan struct{}, 1)}
	h.forget()
	return h
}

// Hint says that the lane has work. A drainer in this process is told directly,
// who otherwise would be told when a job has gone to Redis and come back.
func (h *Hints) Hint(l domain.Lane) {
	if h.here != nil && h.here(l) {
		return
	}
	h.mu.Lock()
	h.dirty[l] = true
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// forget makes a fresh client: a client remembers which queues it announced,
// and would not announce them again to a Redis that was wiped.
func (h *Hints) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.client = asynq.NewClientFromRedisClient(h.redis)
}

// Run enqueues until the context ends.
func (h *Hints) Run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		case <-timer.C:
		}
		if h.flush(ctx) {
			timer.Reset(hintEvery)
		}
	}
}

// flush enqueues for the lanes whose turn it is, and reports whether others
// must wait for theirs.
func (h *Hints) flush(ctx context.Context) (more bool) {
	now := time.Now()
	var due []domain.Lane
	h.mu.Lock()
	client := h.client
	for l := range h.dirty {
		if now.Sub(h.last[l]) < hintEvery {
			more = true
			continue
		}
		delete(h.dirty, l)
		h.last[l] = now
		due = append(due, l)
	}
	h.mu.Unlock()
	for _, l := range due {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		_, err := client.EnqueueContext(ctx, asynq.NewTask(jobDrain, []byte(l)),
			asynq.Queue(l.Kind()), asynq.MaxRetry(1), asynq.Timeout(jobTimeout))
		cancel()
		if err != nil {
			h.log.Warn("hint lost, the sweep will find the lane", "lane", l, "err", err)
		}
	}
	return more
}
