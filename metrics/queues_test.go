package metrics

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

var inboxQueue = QueueInfo{
	Queue: "inbox", Active: 1, Pending: 2, Scheduled: 3, Retry: 4, Archived: 5, Completed: 6, Size: 21,
	Latency: 1500 * time.Millisecond, Memory: 4096, Processed: 100, Failed: 9, Paused: true,
}

func queues() prometheus.Collector {
	return NewQueueCollector(func() ([]QueueInfo, error) { return []QueueInfo{inboxQueue, {Queue: "send"}}, nil })
}

func TestQueuesAreNamedAsAsynqNamesThem(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(queues())
	var got []string
	for line := range strings.Lines(scrape(reg)) {
		if strings.Contains(line, `queue="inbox"`) || strings.HasPrefix(line, "# TYPE") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := []string{
		`# TYPE asynq_queue_latency_seconds gauge`,
		`asynq_queue_latency_seconds{queue="inbox"} 1.5`,
		`# TYPE asynq_queue_memory_usage_approx_bytes gauge`,
		`asynq_queue_memory_usage_approx_bytes{queue="inbox"} 4096`,
		`# TYPE asynq_queue_paused_total gauge`,
		`asynq_queue_paused_total{queue="inbox"} 1`,
		`# TYPE asynq_queue_size gauge`,
		`asynq_queue_size{queue="inbox"} 21`,
		`# TYPE asynq_tasks_enqueued_total gauge`,
		`asynq_tasks_enqueued_total{queue="inbox",state="active"} 1`,
		`asynq_tasks_enqueued_total{queue="inbox",state="archived"} 5`,
		`asynq_tasks_enqueued_total{queue="inbox",state="completed"} 6`,
		`asynq_tasks_enqueued_total{queue="inbox",state="pending"} 2`,
		`asynq_tasks_enqueued_total{queue="inbox",state="retry"} 4`,
		`asynq_tasks_enqueued_total{queue="inbox",state="scheduled"} 3`,
		`# TYPE asynq_tasks_failed_total counter`,
		`asynq_tasks_failed_total{queue="inbox"} 9`,
		`# TYPE asynq_tasks_processed_total counter`,
		`asynq_tasks_processed_total{queue="inbox"} 100`,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("scrape (-got +want):\n%s", diff)
	}
}

// Two of asynq's names break the rules of Prometheus; dashboards rely on them.
func TestQueuesAreCleanButForAsynqsNames(t *testing.T) {
	given := map[string]bool{"asynq_tasks_enqueued_total": true, "asynq_queue_paused_total": true}
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(queues())
	problems, err := testutil.GatherAndLint(reg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if !given[p.Metric] {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}
