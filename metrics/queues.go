package metrics

import (
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// A QueueInfo is the state of one queue of jobs. Its name becomes a label: there
// is one queue for each kind of lane.
type QueueInfo struct {
	Queue     string
	Active    int // jobs by state
	Pending   int
	Scheduled int
	Retry     int
	Archived  int
	Completed int
	Size      int // all jobs
	Latency   time.Duration
	Memory    int64 // bytes, estimated
	Processed int   // since the queue exists, failed jobs included
	Failed    int   // since the queue exists
	Paused    bool
}

// The names, types and labels are those of asynq's own collector, so that its
// dashboards work: github.com/hibiken/asynq/x/metrics.
var (
	queueTasks     = queueDesc("tasks_enqueued_total", "Jobs in the queue now, by state.", "state")
	queueSize      = queueDesc("queue_size", "Jobs in the queue now.")
	queueLatency   = queueDesc("queue_latency_seconds", "Age of the oldest pending job in the queue.")
	queueMemory    = queueDesc("queue_memory_usage_approx_bytes", "Memory that the queue uses in Redis, estimated by sampling.")
	queueProcessed = queueDesc("tasks_processed_total", "Jobs processed from the queue, including failed ones.")
	queueFailed    = queueDesc("tasks_failed_total", "Jobs from the queue that failed.")
	queuePaused    = queueDesc("queue_paused_total", "1 if the queue is paused, otherwise 0.")
)

func queueDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("asynq_"+name, help, append([]string{"queue"}, labels...), nil)
}

type queueCollector struct {
	read func() ([]QueueInfo, error)
}

// NewQueueCollector makes a collector of the queues of jobs. It calls read at
// each scrape, perhaps several times at once; an error of read is an error of
// the scrape, see [Handler].
func NewQueueCollector(read func() ([]QueueInfo, error)) prometheus.Collector {
	return queueCollector{read}
}

// Describe lists the metrics without calling read.
func (queueCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{queueTasks, queueSize, queueLatency, queueMemory, queueProcessed, queueFailed, queuePaused} {
		ch <- d
	}
}

// Collect reads the queues and sends their metrics.
func (c queueCollector) Collect(ch chan<- prometheus.Metric) {
	queues, err := c.read()
	if err != nil {
		ch <- prometheus.NewInvalidMetric(queueSize, fmt.Errorf("queues: %w", err))
		return
	}
	for _, q := range queues {
		gauge := func(d *prometheus.Desc, value float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, append([]string{q.Queue}, labels...)...)
		}
		gauge(queueTasks, float64(q.Active), "active")
		gauge(queueTasks, float64(q.Pending), "pending")
		gauge(queueTasks, float64(q.Scheduled), "scheduled")
		gauge(queueTasks, float64(q.Retry), "retry")
		gauge(queueTasks, float64(q.Archived), "archived")
		gauge(queueTasks, float64(q.Completed), "completed")
		gauge(queueSize, float64(q.Size))
		gauge(queueLatency, q.Latency.Seconds())
		gauge(queueMemory, float64(q.Memory))
		paused := 0.0
		if q.Paused {
			paused = 1
		}
		gauge(queuePaused, paused)
		ch <- prometheus.MustNewConstMetric(queueProcessed, prometheus.CounterValue, float64(q.Processed), q.Queue)
		ch <- prometheus.MustNewConstMetric(queueFailed, prometheus.CounterValue, float64(q.Failed), q.Queue)
	}
}
