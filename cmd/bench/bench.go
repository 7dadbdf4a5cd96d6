package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

// A bench is one run of the benchmark.
type bench struct {
	plan            plan
	program         string // recado
	database, redis string
	profiles        string   // a directory, or empty
	only            []string // names of pieces; nil: all
	progress        io.Writer

	servers *servers
	table   table
	old     []*site // sites with a history
}

// run measures everything and returns the report.
func (b *bench) run(ctx context.Context) (text string, err error) {
	if b.servers, err = openServers(ctx, b.database, b.redis); err != nil {
		return "", err
	}
	defer func() {
		for _, t := range b.old {
			t.close(ctx)
		}
		if failed := b.servers.close(); err == nil {
			err = failed
		}
	}()
	began := time.Now()
	if b.selected("growth") {
		if err := b.prepare(ctx); err != nil {
			return "", err
		}
	}
	for n := range b.plan.rounds {
		if err := b.round(ctx, n); err != nil {
			return "", err
		}
	}
	return b.report(ctx, time.Since(began)), nil
}

// pieces are the parts of a round, in order.
var pieces = []struct {
	name    string
	measure func(*bench, context.Context) error
}{
	{"bare", (*bench).bare},
	{"durable", (*bench).durable},
	{"naive", (*bench).naive},
	{"burst", (*bench).burst},
	{"carried", (*bench).carried},
	{"sends", (*bench).sendings},
	{"batches", (*bench).batched},
	{"no-endpoint", (*bench).withoutEndpoint},
	{"fairness", (*bench).fairness},
	{"campaign", (*bench).campaign},
	{"spool", (*bench).spooled},
	{"pinned", (*bench).pinned},
	{"workers", (*bench).workers},
	{"growth", (*bench).growth},
}

func partNames() []string {
	var names []string
	for _, p := range pieces {
		names = append(names, p.name)
	}
	return names
}

func (b *bench) selected(name string) bool { return b.only == nil || slices.Contains(b.only, name) }

// round measures each row once.
func (b *bench) round(ctx context.Context, n int) error {
	for _, p := range pieces {
		if !b.selected(p.name) {
			continue
		}
		fmt.Fprintf(b.progress, "round %d of %d: %s\n", n+1, b.plan.rounds, p.name)
		if err := p.measure(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// prepare creates the sites with a history, once for all rounds since it is slow.
func (b *bench) prepare(ctx context.Context) error {
	for _, messages := range b.plan.history {
		fmt.Fprintf(b.progress, "writing a history of %d messages in %d chats\n", messages, b.plan.old)
		t, err := b.newSite(ctx, singleEvents)
		if err != nil {
			return err
		}
		b.old = append(b.old, t)
		if err := t.grow(ctx, messages, b.plan.old); err != nil {
			return err
		}
	}
	return nil
}

// inBackground runs do during a measurement; wait waits for its end.
func inBackground(do func() error) (wait func() error) {
	done := make(chan error, 1)
	go func() { done <- do() }()
	return func() error { return <-done }
}

// startPart starts a process that Recado is compared with.
func (b *bench) startPart(ctx context.Context, part string, crm string) (p *process, address string, err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	cfg := partConfig{redis: b.servers.redisURL, crm: crm}
	if cfg.listen, err = freeAddress(); err != nil {
		return nil, "", err
	}
	if cfg.database, err = b.servers.database(ctx); err != nil {
		return nil, "", err
	}
	if err := b.servers.emptyRedis(ctx); err != nil {
		return nil, "", err
	}
	p, err = start(ctx, cfg.environment(part), func() bool { return answers(cfg.listen) }, program)
	return p, cfg.listen, err
}
