// Command bench measures Recado and what it is compared with in one run on one
// machine: a bare handler, a bare durable handler, and the pipeline that an
// experienced user of asynq would write. Each is a process of its own. bench
// itself simulates the messengers and the CRM, over raw connections.
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

// measure runs the benchmark that the command line describes.
func measure(ctx context.Context) error {
	size := flag.String("size", "full", "how long to measure: short, full, or large (adds three and ten million messages of history)")
	program := flag.String("recado", "bin/recado", "the program to measure")
	out := flag.String("o", "", "also write the report to this file, keeping its section Notes")
	profiles := flag.String("profile", "", "write profiles of Recado under load to this directory")
	only := flag.String("only", "", "measure only these parts, comma separated: "+strings.Join(partNames(), ", "))
	rounds := flag.Int("rounds", 0, "how often to measure each row; 0: as the size says")
	flag.Parse()
	p, ok := plans[*size]
	if !ok {
		return fmt.Errorf("-size %s: it is short, full or large", *size)
	}
	if *rounds > 0 {
		p.rounds = *rounds
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
	return os.WriteFile(*out, []byte(text+notes(*out)), 0o644) // #nosec G306 -- a page for everybody
}

// notes returns the notes that people wrote at the end of an earlier report.
func notes(file string) string {
	const heading = "\n## Notes\n"
	earlier, err := os.ReadFile(file) // #nosec G304 -- the developer's own file
	if err != nil {
		return "" // no earlier report
	}
	_, text, found := strings.Cut(string(earlier), heading)
	if !found {
		return ""
	}
	return heading + text
}
