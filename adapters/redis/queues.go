package redis

import (
	"errors"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"recado/metrics"
)

// Queues returns a function that reads the state of the queues, for metrics. A
// queue that nobody has used yet is left out.
func Queues(c redis.UniversalClient, names []string) func() ([]metrics.QueueInfo, error) {
	inspector := asynq.NewInspectorFromRedisClient(c)
	return func() ([]metrics.QueueInfo, error) {
		var queues []metrics.QueueInfo
		for _, name := range names {
			q, err := inspector.GetQueueInfo(name)
			if errors.Is(err, asynq.ErrQueueNotFound) {
				continue
			}
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
	}
}
