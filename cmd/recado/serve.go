package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	goredis "github.com/redis/go-redis/v9"

	"recado/adapters/api"
	"recado/adapters/console"
	"recado/adapters/crm"
	"recado/adapters/feed"
	"recado/adapters/redis"
	"recado/adapters/store/shared"
	"recado/adapters/store/spool"
	"recado/domain"
	"recado/jobs"
	"recado/metrics"
	"recado/metrics/trace"
	"recado/webhooks"
)

// The roles of a process.
const (
	roleIngress = "ingress"
	roleWorker  = "worker"
	roleAPI     = "api"
)

// serveCmd runs the service.
type serveCmd struct {
	Role      []string `enum:"ingress,worker,api" default:"ingress,worker,api" placeholder:"ROLE" help:"The roles of this process: ${enum}; by default all of them."`
	NoMigrate bool     `help:"Do not upgrade the database schema at start."`
}

// gcPercent replaces Go's default GOGC of 100, with which the garbage collector
// took a fifth of the CPU, because the live heap is only about 10 MB. 600 is a
// little faster, but holds 200 MB after a peak.
const gcPercent = 400

// Run serves until the context ends or a part fails.
func (c *serveCmd) Run(ctx context.Context, env environment) (err error) {
	cfg, err := readConfig(env.getenv)
	log := logger(cfg, env.stderr)
	defer func() { err = logError(log, err) }()
	if err != nil {
		return err
	}
	redirectLogs(log)
	warnOfUnknown(log, os.Environ())
	if env.getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if !c.NoMigrate {
		applied, err := migrate(ctx, cfg, func(why error) { log.Warn("a migration waits", "err", why) })
		for _, name := range applied {
			log.Info("migration applied", "migration", name)
		}
		if err != nil {
			return err
		}
	}
	store, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer store.Close()
	hints, _, err := openRedis(cfg) // the process's end closes it: asynq, which may wait for a Redis that hangs, would panic
	if err != nil {
		return err
	}
	log.Info("starting", "version", versionLine(version, commit, nil), "roles", c.Role, "config", fmt.Sprintf("%+v", cfg))
	if what := embedded(cfg); what != "" {
		log.Info("using embedded stores", "embedded", what)
	}
	s := &service{getenv: env.getenv, cfg: cfg, roles: c.Role, store: store, redis: hints, log: log}
	return s.run(ctx)
}

// A service holds what the parts of a serving process share.
type service struct {
	getenv func(string) string
	cfg    Config
	roles  []string
	store  domain.Store
	files  domain.Files // nil in a process that only receives webhooks
	redis  goredis.UniversalClient
	spool  *spool.Spool // nil: none
	log    *slog.Logger
}

// run starts the parts that the roles need, and waits until the context ends or a part
// fails. Then it stops: /readyz says so, the worker takes no more lanes and the public
// listener no more calls; within 5 s the calls end, and within 26 s the lanes record
// what is in flight and are released; the internal listener ends last, within 1 s.
// These 27 s fit into the 30 s that a pod has by default.
func (s *service) run(ctx context.Context) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	if err := s.openFiles(); err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		metrics.NewQueueCollector(redis.Queues(s.redis, domain.Lanes)), metrics.NewPoolCollector(s.store.Pools))
	count := metrics.New(registry)
	count.LimitSubscriptions(s.cfg.SubscriptionMetrics)
	info, _ := debug.ReadBuildInfo()
	v, c := buildOf(version, commit, info)
	count.Build(v, c, runtime.Version())
	tracer, err := trace.New(ctx, s.getenv, v, s.log)
	if err != nil {
		return err
	}
	defer closeTracer(tracer, s.log)
	count.Trace(tracer)
	store := count.Store(s.store)
	hints := jobs.NewHints(s.redis, s.log)
	if err := s.openSpool(store, hints.Hint, count); err != nil {
		return err
	}
	defer s.closeSpool()
	started := make(chan struct{})
	internal, err := listen("RECADO_INTERNAL_LISTEN", s.cfg.InternalListen, s.internal(registry, started, ctx.Done()), fail)
	if err != nil {
		return err
	}
	defer internal.close(s.log, internalStops)
	connectors := connectors(s.cfg)

	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	var parts sync.WaitGroup
	defer parts.Wait()
	defer stop()
	parts.Go(func() { hints.Run(background) })
	parts.Go(func() { s.check(background) })
	parts.Go(func() { watchRedis(background, s.redis, count) })
	if s.spool != nil {
		parts.Go(func() { s.spool.Run(background) })
	}

	deliverer := crm.New(s.cfg.CallbackAllowNetworks)
	deliverer.Log = s.log
	defer deliverer.Close()
	if slices.Contains(s.roles, roleWorker) {
		worker := jobs.New(jobs.Config{
			Store: store, Connectors: connectors, Deliver: deliverer.Deliver, ClockSkew: deliverer.ClockSkew, HookURL: s.cfg.hookURL,
			Files: s.files, MediaMax: s.cfg.MediaMax, Redis: s.redis, Hints: hints, Metrics: count, Log: s.log,
		})
		parts.Go(func() { fail(worker.Run(background)) })
	}

	public := newPublic(s.cfg.PublicURL)
	if slices.Contains(s.roles, roleIngress) {
		ingress := webhooks.New(webhooks.Config{
			Hooks: store, Connectors: connectors, Inbox: s.inbox(store), Hint: hints.Hint, Metrics: count, Log: s.log,
		})
		ingress.Register(public.router)
	}
	if slices.Contains(s.roles, roleAPI) {
		news, files := feed.New(store, s.log, ctx.Done()), s.transfer(store, count)
		api.New(api.Config{
			Store: store, Connectors: connectors, Files: files, Feed: news, Hint: hints.Hint, NewID: shared.NewID, Now: time.Now, Deliver: deliverer.Deliver,
			Metrics: count, Log: s.log, Stop: ctx.Done(), FailureTable: failureTables(connectors), Pace: paces(connectors), EventSchema: crm.EventSchema,
		}).Register(public.router)
		sealer, err := sealerOf(s.cfg)
		if err != nil {
			return err
		}
		console.New(console.Config{
			Store: store, Connectors: connectors, Files: files, Feed: news, Sealer: sealer, Hint: hints.Hint, NewID: shared.NewID, Now: time.Now, Metrics: count, Log: s.log,
			Prefix: public.prefix, Secure: strings.HasPrefix(s.cfg.PublicURL, "https:"),
		}).Register(public.router)
	}
	if slices.Contains(s.roles, roleAPI) {
		public.leadToChat()
	}
	outside, err := listen("RECADO_LISTEN", s.cfg.Listen, public, fail)
	if err != nil {
		return err
	}
	defer outside.close(s.log, publicStops)
	close(started)
	s.log.Info("listening", "public", outside.addr, "internal", internal.addr)

	<-ctx.Done()
	s.log.Info("stopping", "cause", context.Cause(ctx))
	stop() // while the calls end
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// tracesStop is how long the last traces may take to be sent.
const tracesStop = time.Second

func closeTracer(t *trace.Tracer, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), tracesStop)
	defer cancel()
	if err := t.Close(ctx); err != nil {
		log.Warn("the last traces are not sent", "err", err)
	}
}

// internal serves operators: metrics, health, profiles.
func (s *service) internal(registry *prometheus.Registry, started, stopping <-chan struct{}) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler(registry))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	ready := &readiness{
		database: s.store.Ping,
		redis:    func(ctx context.Context) error { return redis.CheckWrite(ctx, s.redis) },
		files:    s.pingFiles,
		started:  started,
		stopping: stopping,
	}
	if s.spool != nil {
		ready.spool = s.spool.State
	}
	mux.Handle("GET /readyz", ready)
	profiles(mux)
	return mux
}

// paces returns, for each kind, how fast the messenger lets a connection send.
func paces(connectors map[domain.Kind]domain.Connector) map[domain.Kind]domain.Pace {
	list := map[domain.Kind]domain.Pace{}
	for kind, c := range connectors {
		list[kind] = c.Pace()
	}
	return list
}

// failureTables returns, for each kind, what the messenger's answers mean.
func failureTables(connectors map[domain.Kind]domain.Connector) map[domain.Kind][]domain.FailureRow {
	tables := map[domain.Kind][]domain.FailureRow{}
	for kind, c := range connectors {
		tables[kind] = c.FailureTable()
	}
	return tables
}
