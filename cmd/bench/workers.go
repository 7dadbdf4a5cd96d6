package main

import (
	"context"
	"fmt"
)

// workers measures what one more worker costs: an ingress, and processes that each are a
// worker, over one PostgreSQL and one Redis.
func (b *bench) workers(ctx context.Context) error {
	for n := 1; n <= 3; n++ {
		if err := b.withWorkers(ctx, n); err != nil {
			return fmt.Errorf("%d workers: %w", n, err)
		}
	}
	return nil
}

func rowWorkers(n int) string { return fmt.Sprintf("carried by an ingress and workers: %d", n) }

func (b *bench) withWorkers(ctx context.Context, workers int) error {
	t, err := b.newSite(ctx, singleEvents)
	if err != nil {
		return err
	}
	defer t.close(ctx)
	if err := t.serve(ctx, "ingress"); err != nil {
		return err
	}
	processes := []int{t.recado.pid()}
	for range workers {
		p, err := t.startWorker(ctx)
		if err != nil {
			return err
		}
		defer p.stop()
		processes = append(processes, p.pid())
	}
	if err := t.warmUp(ctx); err != nil {
		return err
	}
	used := func() (all [5]float64, err error) {
		for _, pid := range processes {
			all[0] += cpu(pid)
		}
		all[1], all[2] = cpuOfFamily(b.servers.postgresPID(ctx)), cpu(b.servers.redisPID(ctx))
		err = t.db.QueryRow(ctx, `SELECT xact_commit, (SELECT wal_records FROM pg_stat_wal)
			FROM pg_stat_database WHERE datname = current_database()`).Scan(&all[3], &all[4])
		return all, err
	}
	before, err := used()
	if err != nil {
		return err
	}
	n := b.plan.carried
	run, err := t.carry(ctx, webhooks(t.public, t.crowd.messages(n), n), ofMessage)
	if err != nil {
		return err
	}
	after, err := used()
	if err != nil {
		return err
	}
	const group = "One ingress and several workers"
	b.table.add(group, rowWorkers(workers), perSecond, run.carried())
	for i, row := range []struct{ name, unit string }{
		{"CPU of recado", "s"}, {"CPU of postgres", "s"}, {"CPU of redis", "s"}, {"transactions", ""}, {"WAL records", ""},
	} {
		name := fmt.Sprintf("%s for 1,000 messages, workers: %d", row.name, workers)
		b.table.add(group, name, row.unit, (after[i]-before[i])/float64(n)*1000)
	}
	return nil
}

// startWorker starts a process that is only a worker.
func (t *site) startWorker(ctx context.Context) (*process, error) {
	public, err := freeAddress()
	if err != nil {
		return nil, err
	}
	private, err := freeAddress()
	if err != nil {
		return nil, err
	}
	environment := append(t.environment(t.database, t.bench.servers.redisURL), "RECADO_LISTEN="+public, "RECADO_INTERNAL_LISTEN="+private)
	ready := func() bool { return isReady(private) }
	return start(ctx, environment, ready, t.bench.program, "serve", "--role=worker")
}
