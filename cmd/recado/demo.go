package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/cmd/recado/demo"
	"recado/domain"
)

// demoCmd shows the whole program in one process.
type demoCmd struct {
	Pace time.Duration `default:"15s" placeholder:"TIME" help:"The mean pause between messages of clients (${default}); employees act four times as often."`
	Seed uint64        `default:"0" placeholder:"N" help:"Runs with the same seed are alike; by default each run is different."`
}

// Run opens the embedded stores and lets the demonstration play on them.
func (c *demoCmd) Run(ctx context.Context, env environment) error {
	cfg, err := readConfig(demo.Environment(env.getenv))
	if err != nil {
		return err
	}
	store, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer store.Close()
	redis, stop, err := openRedis(cfg)
	if err != nil {
		return err
	}
	defer stop()
	return demo.Run(ctx, demo.Program{
		Listen: cfg.Listen, InternalListen: cfg.InternalListen, DataDir: cfg.DataDir, Embedded: embedded(cfg),
		Store: store, Connectors: connectors(cfg),
		Simulator: func(r domain.Registry) (simulator.Config, error) {
			return (&simulateCmd{Recado: "http://" + cfg.Listen, Pace: c.Pace, Seed: c.Seed}).config(r)
		},
		Serve: func(ctx context.Context, log *slog.Logger) error {
			redirectLogs(log)
			warnOfUnknown(log, os.Environ())
			return (&service{getenv: env.getenv, cfg: cfg, roles: []string{roleIngress, roleWorker, roleAPI}, store: store, redis: redis, log: log}).run(ctx)
		},
	}, c.Pace/4, env.stdout)
}
