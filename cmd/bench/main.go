// Command bench measures Recado beside what it is compared with, in one run on
// one machine: a bare handler, a bare durable handler, and the pipeline that an
// experienced user of asynq would write. Each is a process of its own; messengers
// and the CRM are played by bench itself, over raw connections.
//
// Open [bench.round] first.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	do := measure
	if part := os.Getenv(partVariable); part != "" {
		do = func(ctx context.Context) error { return play(ctx, part) }
	}
	if err := do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure does what the command line says.
func measure(ctx context.Context) error {
	size := flag.String("size", "full", "how much is measured: short, full, or large, with ten million messages of history")
	program := flag.String("recado", "bin/recado", "the program")
	out := flag.String("o", "", "write the table to this file too")
	profiles := flag.String("profile", "", "keep profiles of Recado while it carries in this directory")
	only := flag.String("only", "", "measure these parts only, comma separated: "+strings.Join(partNames(), ", "))
	flag.Parse()
	p, ok := plans[*size]
	if !ok {
		return fmt.Errorf("-size %s: it is short, full or large", *size)
	}
	b := &bench{
		plan: p, program: *program, profiles: *profiles, progress: os.Stderr,
		database: os.Getenv("TEST_DATABASE_URL"), redis: os.Getenv("TEST_REDIS_URL"),
	}
	if *only != "" {
		b.only = strings.Split(*only, ",")
	}
	text, err := b.run(ctx)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(os.Stdout, text); err != nil || *out == "" {
		return err
	}
	return os.WriteFile(*out, []byte(text), 0o644) // #nosec G306 -- it is to be read by everybody
}
