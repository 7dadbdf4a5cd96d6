package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/julienschmidt/httprouter"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	goredis "github.com/redis/go-redis/v9"

	"recado/adapters/api"
	"recado/adapters/crm"
	"recado/adapters/redis"
	"recado/adapters/store/shared"
	"recado/domain"
	"recado/jobs"
	"recado/metrics"
	"recado/webhooks"
)

// The roles of a process.
const (
	roleIngress = "ingress"
	roleWorker  = "worker"
	roleAPI     = "api"
)

// serveCmd is the service.
type serveCmd struct {
	Role      []string `enum:"ingress,worker,api" default:"ingress,worker,api" placeholder:"ROLE" help:"What this process does: ${enum}; all of it by default."`
	NoMigrate bool     `help:"Leave the schema as it is."`
}

// garbage is how much the heap grows, in percent, before it is cleaned. It is
// small, some 10 MB: by Go's own 100 a fifth of the work would be cleaning. 600
// is a little faster, and keeps 200 MB after a peak.
const garbage = 400

// Run serves until the context ends or a part fails.
func (c *serveCmd) Run(ctx context.Context, env environment) error {
	cfg, err := readConfig(env.getenv)
	if err != nil {
		return err
	}
	if env.getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	log := logger(cfg, env.stderr)
	if !c.NoMigrate {
		applied, err := migrate(ctx, cfg)
		if err != nil {
			return err
		}
		for _, name := range applied {
			log.Info("migrated", "migration", name)
		}
	}
	store, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer store.Close()
	hints, stop, err := openRedis(cfg)
	if err != nil {
		return err
	}
	defer stop()
	if err := redis.Check(ctx, hints); err != nil {
		log.Error("redis", "err", err) // webhooks are taken all the same
	}
	log.Info("start", "version", versionLine(version, commit, nil), "roles", c.Role, "config", fmt.Sprintf("%+v", cfg))
	if what := embedded(cfg); what != "" {
		log.Info("embedded", "what", what)
	}
	s := &service{cfg: cfg, roles: c.Role, store: store, redis: hints, log: log}
	return s.run(ctx)
}

// A service is the parts of a process that serves.
type service struct {
	cfg   Config
	roles []string
	store domain.Store
	redis goredis.UniversalClient
	log   *slog.Logger
}

// run starts the parts of the roles and stops them in reverse. The way down: no
// new call is taken, up to 10 s; what is under way in the lanes ends and is
// recorded, up to 25 s; then the connections close. A pod's grace period must
// be longer: 40 s.
func (s *service) run(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		metrics.NewQueueCollector(redis.Queues(s.redis, domain.Lanes)))
	count := metrics.New(registry)
	if s.cfg.NoSubscriptionMetrics {
		count.LeaveOutSubscriptions()
	}
	connectors := connectors(s.cfg)
	hints := jobs.NewHints(s.redis, s.log)

	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var parts sync.WaitGroup
	defer parts.Wait()
	defer stop()
	parts.Go(func() { hints.Run(background) })

	if slices.Contains(s.roles, roleWorker) {
		deliverer := crm.New(s.cfg.CallbackAllowNetworks)
		defer deliverer.Close()
		worker := jobs.New(jobs.Config{
			Store: s.store, Connectors: connectors, Deliver: deliverer.Deliver,
			Redis: s.redis, Hints: hints, Metrics: count, Log: s.log,
		})
		parts.Go(func() { fail(worker.Run(background)) })
	}

	public := httprouter.New()
	if slices.Contains(s.roles, roleIngress) {
		ingress := webhooks.New(webhooks.Config{
			Hooks: s.store, Connectors: connectors, Inbox: s.store, Hint: hints.Hint, Metrics: count, Log: s.log,
		})
		ingress.Register(public)
	}
	if slices.Contains(s.roles, roleAPI) {
		api.New(api.Config{
			Store: s.store, Hint: hints.Hint, NewID: shared.NewID, Now: time.Now,
			Metrics: count, Log: s.log, FailureTable: failureTables(connectors),
		}).Register(public)
	}
	internal, err := listen(s.cfg.InternalListen, s.internal(registry), fail)
	if err != nil {
		return err
	}
	defer internal.close(s.log)
	outside, err := listen(s.cfg.Listen, public, fail)
	if err != nil {
		return err
	}
	defer outside.close(s.log)
	s.log.Info("listening", "public", outside.addr, "internal", internal.addr)

	<-ctx.Done()
	s.log.Info("stop", "why", context.Cause(ctx))
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// internal serves operators: metrics, health, profiles.
func (s *service) internal(registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler(registry))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	profiles(mux)
	return mux
}

// ready tells whether the process can do its work. Without Redis webhooks are
// taken and nothing is lost, so that it only says so.
func (s *service) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.store.Ping(ctx); err != nil {
		s.log.Warn("not ready", "err", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	if err := s.redis.Ping(ctx).Err(); err != nil {
		fmt.Fprintln(w, "ok, but redis does not answer: what comes in waits")
		return
	}
	fmt.Fprintln(w, "ok")
}

// failureTables returns, for each kind, what the messenger's answers mean.
func failureTables(connectors map[domain.Kind]domain.Connector) map[domain.Kind][]domain.FailureRow {
	tables := map[domain.Kind][]domain.FailureRow{}
	for kind, c := range connectors {
		tables[kind] = c.FailureTable()
	}
	return tables
}
