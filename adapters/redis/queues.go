package redis

import (
	"slices"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"recado/domain"
	"recado/metrics"
)

// Queues returns a function that reads the state of the queues of the
// lanes, for metrics. It leaves out queues that were never used.
func Queues(c redis.UniversalClient, lanes []domain.LaneRow) func() ([]metrics.QueueInfo, error) {
	inspector := asynq.NewInspectorFromRedisClient(c)
	return func() ([]metrics.QueueInfo, error) {
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
	}
}
