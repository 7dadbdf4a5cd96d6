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

const (
	// hintEvery is the shortest time between two jobs of one lane. The first hint
	// of a quiet lane is sent at once.
	hintEvery      = 20 * time.Millisecond
	enqueueTimeout = time.Second
)

// Hints enqueues one asynq job for each lane that has work. Give it a hint after
// each commit; it never blocks, so a slow Redis delays no acknowledgement. While
// Redis takes no job, a Worker in this process drains the lane; without one the hint
// is lost, and the sweep of another process finds the lane.
type Hints struct {
	redis    redis.UniversalClient
	log      *slog.Logger
	drainers *drainers // of a Worker in this process, if one runs

	mu       sync.Mutex // guards the fields below
	client   *asynq.Client
	drain    func(domain.Lane) // of a Worker in this process; must not block
	pending  map[domain.Lane]bool
	lastSent map[domain.Lane]time.Time

	wake chan struct{} // holds one value when something is pending
}

// NewHints makes Hints, which are sent while Run runs.
func NewHints(client redis.UniversalClient, log *slog.Logger) *Hints {
	h := &Hints{
		redis:    client,
		log:      log,
		drainers: newDrainers(),
		drain:    func(domain.Lane) {},
		pending:  map[domain.Lane]bool{},
		lastSent: map[domain.Lane]time.Time{},
		wake:     make(chan struct{}, 1),
	}
	h.renewClient()
	return h
}

// Hint says that the lane has work. If a goroutine of this process is draining
// the lane, the hint goes to it directly and not through Redis.
func (h *Hints) Hint(l domain.Lane) {
	if h.drainers.wakeUp(l) {
		return
	}
	h.mu.Lock()
	h.pending[l] = true
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// renewClient replaces the asynq client. A client remembers which queues it has
// announced, and would not announce them again to a Redis that was wiped.
func (h *Hints) renewClient() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.client = asynq.NewClientFromRedisClient(h.redis)
}

// drainBy makes a worker drain lanes for which Redis takes no job.
func (h *Hints) drainBy(drain func(domain.Lane)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drain = drain
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

// flush enqueues the pending lanes, and reports whether some stay pending since
// their last job is younger than hintEvery.
func (h *Hints) flush(ctx context.Context) (more bool) {
	due, more := h.takeDue(time.Now())
	for i, l := range due {
		if err := h.enqueue(ctx, l); err != nil {
			h.drainWithout(due[i:], err) // each of them would wait for Redis as long
			return more
		}
	}
	if len(due) > 0 {
		h.wakeWorkers(ctx)
	}
	return more
}

func (h *Hints) enqueue(ctx context.Context, l domain.Lane) error {
	h.mu.Lock()
	client := h.client
	h.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, enqueueTimeout)
	defer cancel()
	_, err := client.EnqueueContext(ctx, asynq.NewTask(jobDrain, []byte(l)),
		asynq.Queue(string(l.Kind())), asynq.MaxRetry(1), asynq.Timeout(jobTimeout))
	return err
}

// drainWithout drains lanes without Redis, which takes no jobs.
func (h *Hints) drainWithout(lanes []domain.Lane, err error) {
	h.log.Warn("Redis takes no jobs: a worker of this process drains the lanes, or the sweep of another finds them", "lanes", len(lanes), "err", err)
	h.mu.Lock()
	drain := h.drain
	h.mu.Unlock()
	for _, l := range lanes {
		drain(l)
	}
}

// wakeWorkers makes idle workers look for jobs. Without it they look each idlePoll.
func (h *Hints) wakeWorkers(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, enqueueTimeout)
	defer cancel()
	if err := h.redis.Publish(ctx, wakeChannel, "").Err(); err != nil {
		h.log.Debug("waking the workers failed", "err", err)
	}
}

// takeDue takes the lanes off pending that may have a job now.
func (h *Hints) takeDue(now time.Time) (due []domain.Lane, more bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for l := range h.pending {
		if now.Sub(h.lastSent[l]) < hintEvery {
			more = true
			continue
		}
		delete(h.pending, l)
		h.lastSent[l] = now
		due = append(due, l)
	}
	return due, more
}
