package redis

import (
	"errors"
	"slices"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"recado/domain"
	"recado/metrics"
)

// Queues returns a function that reads the state of the queues of the
// lanes, for metrics. It leaves out queues that were never used.
func Queues(c redis.UniversalClient, lanes []domain.LaneRow) func() ([]metrics.QueueInfo, error) {
	inspector := asynq.NewInspectorFromRedisClient(c)
	return bounded(queuesTimeout, func() ([]metrics.QueueInfo, error) {
		known, err := inspector.Queues()
		if err != nil {
			return nil, err
		}
		var queues []metrics.QueueInfo
		for _, lane := range lanes {
			name := string(lane.Kind)
			if !slices.Contains(known, name) {
				continue
			}
			q, err := inspector.GetQueueInfo(name)
			if err != nil {
				return nil, err
			}
			queues = append(queues, metrics.QueueInfo{
				Queue: q.Queue, Active: q.Active, Pending: q.Pending, Scheduled: q.Scheduled, Retry: q.Retry,
				Archived: q.Archived, Completed: q.Completed, Size: q.Size, Latency: q.Latency, Memory: q.MemoryUsage,
				Processed: q.ProcessedTotal, Failed: q.FailedTotal, Paused: q.Paused,
			})
		}
		return queues, nil
	})
}

const queuesTimeout = 500 * time.Millisecond

// bounded bounds a function that takes no context. While a call that was given up
// runs on, no other begins.
func bounded[T any](timeout time.Duration, read func() (T, error)) func() (T, error) {
	type result struct {
		value T
		err   error
	}
	running := make(chan struct{}, 1)
	return func() (none T, _ error) {
		late := time.After(timeout)
		select {
		case running <- struct{}{}:
		case <-late:
			return none, errHangs
		}
		done := make(chan result, 1)
		go func() {
			defer func() { <-running }()
			value, err := read()
			done <- result{value, err}
		}()
		select {
		case r := <-done:
			return r.value, r.err
		case <-late:
			return none, errHangs
		}
	}
}

var errHangs = errors.New("redis does not answer")
