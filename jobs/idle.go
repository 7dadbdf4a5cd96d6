package jobs

import (
	"context"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"recado/domain"
)

const (
	// wakeChannel carries a message when jobs were enqueued: asynq has no other way
	// of hearing of a job than asking for it.
	wakeChannel = "recado:jobs"

	// idlePoll is how often a worker asks for jobs that no message announced. The sweep
	// announces again each second what nobody does.
	idlePoll = 5 * time.Second
)

// An idleClient is the Redis client of an asynq server. asynq asks every queue
// for a job each pollEvery, which is most of what an idle program costs. Once all
// queues were found empty, the client holds the next question back until it is
// woken, or for idlePoll.
type idleClient struct {
	redis.UniversalClient
	ctx   context.Context // of the worker: a question does not outlive it
	wake  <-chan struct{}
	empty int // queues that had no job, in a row; only asynq's goroutine that asks uses it
}

// EvalSha runs a script of asynq.
func (c *idleClient) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	if !asksForJob(keys) {
		return c.UniversalClient.EvalSha(ctx, sha, keys, args...)
	}
	if c.empty >= len(domain.Lanes) {
		pause(c.ctx, c.wake, idlePoll)
		c.empty = 0
	}
	answer := c.UniversalClient.EvalSha(ctx, sha, keys, args...)
	if c.empty++; answer.Err() == nil { // the first answer of all may be that Redis does not know the script yet
		c.empty = 0
	}
	return answer
}

// asksForJob recognizes the script that takes a job off a queue by its keys:
// pending, paused, active and lease. A test with the real asynq finds it if they change.
func asksForJob(keys []string) bool {
	return len(keys) == 4 && strings.HasSuffix(keys[0], ":pending")
}

// listen returns a channel that fires when jobs were enqueued, by this process or
// another, until stop is called. While Redis is away nothing fires. Neither listen
// nor stop waits for a Redis that hangs.
func listen(ctx context.Context, client redis.UniversalClient) (wake <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	fires, ended := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(ended)
		subscription := client.Subscribe(ctx, wakeChannel) // if this fails, Channel repeats it
		defer subscription.Close()
		for messages := subscription.Channel(); ; {
			select {
			case <-ctx.Done():
				return
			case <-messages:
			}
			select {
			case fires <- struct{}{}:
			default: // it fires already
			}
		}
	}()
	return fires, func() {
		cancel()
		select {
		case <-ended:
		case <-time.After(asynqStops):
		}
	}
}
