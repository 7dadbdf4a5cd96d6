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
	jobDrain    = "drain"                            // the one type of job
	jobTimeout  = time.Hour                          // of one job; longer than any turn
	pollEvery   = 20 * time.Millisecond              // while there are jobs
	asynqStops  = time.Second                        // how long asynq's shutdown may wait for Redis
	stopTimeout = domain.SendTimeout + 5*time.Second // a call of a messenger, and its record
	jobsAtOnce  = 2048                               // lanes; a job spends most of its time waiting
)

// Store is the part of the store that a worker needs.
type Store interface {
	domain.Inbox
	domain.Applier
	domain.Outbox
	domain.Callbacks
	domain.ReplayQueue
	domain.Leases
	domain.MediaQueue
	domain.Maintenance
	UploadedAs(ctx context.Context, id domain.MediaID, c domain.ConnectionID) (string, error) // see domain.MediaCatalog
	Connection(ctx context.Context, id domain.ConnectionID) (domain.Connection, error)

	// MessagesKnownAs is that of domain.ChatReader.
	MessagesKnownAs(ctx context.Context, company domain.CompanyID, c domain.ConnectionID, ids []domain.ProviderID) (map[domain.ProviderID]domain.Message, error)
}

// Config holds what a Worker needs.
type Config struct {
	Store      Store
	Connectors map[domain.Kind]domain.Connector
	HookURL    func(domain.Connection) string                                         // where a connection's webhooks go; empty: not known
	Deliver    func(context.Context, domain.Endpoint, []domain.Delivery) []domain.Try // in one call, a try of each
	ClockSkew  func() (ahead time.Duration, known bool)                               // of our clock, before those of the endpoints
	Files      domain.Files
	MediaMax   int64 // bytes of the largest file that is fetched
	Redis      redis.UniversalClient
	Hints      *Hints
	Metrics    *metrics.Metrics
	Log        *slog.Logger
}

// A Worker drains lanes. Any number of processes may each run one.
type Worker struct {
	cfg       Config
	process   *process
	drainers  *drainers
	running   drains
	pacers    pacers
	limit     domain.BatchLimit
	tempFiles *tempFiles
}

// New makes a Worker. It shares its drainers with the Hints, so that a hint of a
// lane that it drains does not go through Redis.
func New(cfg Config) *Worker {
	cfg.Store = bounded{cfg.Store}
	return &Worker{
		cfg:       cfg,
		process:   &process{leases: cfg.Store, log: cfg.Log},
		drainers:  cfg.Hints.drainers,
		tempFiles: newTempFiles(cfg.MediaMax),
	}
}

// Run works until the context ends, and then until everything it began is recorded.
func (w *Worker) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	heartbeatCtx, stopHeartbeat := context.WithCancel(context.WithoutCancel(ctx)) // it stops after the last job
	defer stopHeartbeat()
	wg.Go(func() { w.process.run(heartbeatCtx) })

	wake, stopListening := listen(ctx, w.cfg.Redis)
	defer stopListening()
	server := asynq.NewServerFromRedisClient(&idleClient{UniversalClient: w.cfg.Redis, ctx: ctx, wake: wake}, asynq.Config{
		Concurrency:       jobsAtOnce,
		Queues:            queues(),
		TaskCheckInterval: pollEvery,
		ShutdownTimeout:   stopTimeout,
		Logger:            asynqLog{w.cfg.Log},
		LogLevel:          asynq.WarnLevel,
	})
	mux := asynq.NewServeMux()
	// A job runs by the worker's context: asynq does not wait for a job whose own context has ended.
	mux.HandleFunc(jobDrain, func(_ context.Context, t *asynq.Task) error {
		w.work(ctx, domain.Lane(t.Payload()))
		return nil
	})
	w.cfg.Hints.drainBy(func(l domain.Lane) { go w.work(ctx, l) })
	if err := server.Start(mux); err != nil {
		return fmt.Errorf("start the asynq server: %w", err)
	}
	w.sweep(ctx)
	w.shutDown(server)
	return nil
}

// work drains a lane, unless the worker stops.
func (w *Worker) work(ctx context.Context, l domain.Lane) {
	if w.running.begin() {
		defer w.running.end()
		w.drain(ctx, l)
	}
}

// shutDown waits for every drain, but not for a Redis that hangs: asynq would wait
// for it in each of its parts.
func (w *Worker) shutDown(server *asynq.Server) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Shutdown()
	}()
	w.running.stop()
	select {
	case <-done:
	case <-time.After(asynqStops):
	}
}

// drains counts the drains that run, until the worker stops.
type drains struct {
	mu      sync.Mutex // guards stopped, and that none begins after it
	stopped bool
	running sync.WaitGroup
}

// begin returns false if the worker stops.
func (d *drains) begin() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.stopped {
		d.running.Add(1)
	}
	return !d.stopped
}

func (d *drains) end() { d.running.Done() }

// stop lets no drain begin, and waits for those that run.
func (d *drains) stop() {
	d.mu.Lock()
	d.stopped = true
	d.mu.Unlock()
	d.running.Wait()
}

// queues gives each kind of lanes a queue of its own.
func queues() map[string]int {
	weights := map[string]int{}
	for _, row := range domain.Lanes {
		weights[string(row.Kind)] = row.Weight
	}
	return weights
}

// asynqLog passes asynq's log lines to the program's logger.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) Debug(args ...any) { l.log.Debug("asynq reports", "text", fmt.Sprint(args...)) }
func (l asynqLog) Info(args ...any)  { l.log.Info("asynq reports", "text", fmt.Sprint(args...)) }
func (l asynqLog) Warn(args ...any)  { l.log.Warn("asynq reports", "text", fmt.Sprint(args...)) }
func (l asynqLog) Error(args ...any) { l.log.Error("asynq reports", "text", fmt.Sprint(args...)) }
func (l asynqLog) Fatal(args ...any) { l.log.Error("asynq reports", "text", fmt.Sprint(args...)) }
