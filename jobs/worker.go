package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"recado/domain"
	"recado/metrics"
)

const (
	jobDrain   = "drain"
	jobTimeout = time.Hour // of one job; longer than any turn
	pollEvery  = 20 * time.Millisecond
	stopWithin = 25 * time.Second // a call of a messenger, 20 s, and its record
	jobsAtOnce = 2048             // lanes; a job mostly waits for others
)

// Store is the part of the store that a worker needs.
type Store interface {
	domain.Inbox
	domain.Applier
	domain.Outbox
	domain.Callbacks
	domain.Leases
	domain.Maintenance
	Connection(ctx context.Context, id domain.ConnectionID) (domain.Connection, error)
}

// Config is what a Worker stands on.
type Config struct {
	Store      Store
	Connectors map[domain.Kind]domain.Connector
	Deliver    func(context.Context, domain.Endpoint, domain.Delivery) domain.Try
	Redis      redis.UniversalClient
	Hints      *Hints
	Metrics    *metrics.Metrics
	Log        *slog.Logger
}

// A Worker drains lanes. Any number of processes may run one.
type Worker struct {
	cfg     Config
	process *process

	mu   sync.Mutex
	mine map[domain.Lane]chan struct{} // lanes that a drainer of this process has; nudges him
}

// New makes a Worker, whom the Hints tell directly what he has in hand. Nobody
// may have been told of a lane yet.
func New(cfg Config) *Worker {
	w := &Worker{
		cfg:     cfg,
		process: &process{leases: cfg.Store, log: cfg.Log},
		mine:    map[domain.Lane]chan struct{}{},
	}
	cfg.Hints.here = w.nudge
	return w
}

// Run works until the context ends, and then until what was begun is recorded.
func (w *Worker) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	alive, die := context.WithCancel(context.WithoutCancel(ctx)) // the heart beats until the last job is done
	defer die()
	wg.Go(func() { w.process.run(alive) })

	server := asynq.NewServerFromRedisClient(w.cfg.Redis, asynq.Config{
		Concurrency:       jobsAtOnce,
		Queues:            map[string]int{domain.LaneInbox: 1, domain.LaneSend: 1, domain.LaneCallback: 1},
		TaskCheckInterval: pollEvery,
		ShutdownTimeout:   stopWithin,
		Logger:            asynqLog{w.cfg.Log},
		LogLevel:          asynq.WarnLevel,
	})
	mux := asynq.NewServeMux()
	mux.HandleFunc(jobDrain, func(_ context.Context, t *asynq.Task) error { // a job whose own context ends is not waited for
		w.drain(ctx, domain.Lane(t.Payload()))
		return nil
	})
	if err := server.Start(mux); err != nil {
		return fmt.Errorf("asynq: %w", err)
	}
	w.sweep(ctx)
	server.Shutdown()
	return nil
}

// asynqLog gives asynq's lines to our logger.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) Debug(args ...any) { l.log.Debug("asynq", "msg", fmt.Sprint(args...)) }
func (l asynqLog) Info(args ...any)  { l.log.Info("asynq", "msg", fmt.Sprint(args...)) }
func (l asynqLog) Warn(args ...any)  { l.log.Warn("asynq", "msg", fmt.Sprint(args...)) }
func (l asynqLog) Error(args ...any) { l.log.Error("asynq", "msg", fmt.Sprint(args...)) }
func (l asynqLog) Fatal(args ...any) { l.log.Error("asynq", "msg", fmt.Sprint(args...)) }
