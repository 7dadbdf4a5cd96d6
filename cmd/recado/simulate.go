package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"recado/adapters/declaration"
	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// simulateCmd plays the messengers, so that a company can try its CRM.
type simulateCmd struct {
	File   string        `short:"f" required:"" placeholder:"FILE" help:"The YAML file of recado apply, whose connections are simulated."`
	Recado string        `default:"http://127.0.0.1:8080" placeholder:"URL" help:"Where Recado receives webhooks (${default})."`
	Listen string        `default:"127.0.0.1:8090" placeholder:"ADDR" help:"Where to serve the messengers' APIs, to which Recado sends (${default})."`
	Pace   time.Duration `default:"8s" placeholder:"TIME" help:"The mean pause between messages of clients (${default}); 0s: no client writes by itself."`
	Crowd  int           `default:"0" placeholder:"N" help:"How many more clients write, for load."`
	Seed   uint64        `default:"0" placeholder:"N" help:"Runs with the same seed are alike; by default each run is different."`
	Steady bool          `help:"Disable random faults; only the listed numbers misbehave."`
	Strict bool          `help:"Refuse messages that come faster than the messengers state."`
}

// Help lists the habits.
func (*simulateCmd) Help() string {
	var b strings.Builder
	addresses := forEach(players(), func(m *simulator.Messenger) string { return "http://ADDR" + m.Path })
	fmt.Fprintf(&b, "A connection is simulated if its base_url is %s.\n\n", strings.Join(addresses, " or "))
	b.WriteString("Phone numbers and ids with these endings always misbehave, others at random:\n\n")
	for _, h := range simulator.Habits() {
		fmt.Fprintf(&b, "    …%s  %s\n", h.Ending, h.Name)
		for _, p := range players() {
			m := p.Messenger()
			fmt.Fprintf(&b, "          %s: %s\n", m.Name, m.Plays[h.Name].Words)
		}
	}
	return b.String()
}

// forEach returns a text about each of the messengers.
func forEach(players []simulator.Player, text func(*simulator.Messenger) string) []string {
	var texts []string
	for _, p := range players {
		texts = append(texts, text(p.Messenger()))
	}
	return texts
}

// Run plays until the context ends.
func (c *simulateCmd) Run(ctx context.Context, env environment) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	registry, err := declaration.Read(c.File, data, env.getenv, connectors(Config{}))
	if err != nil {
		return err
	}
	if err := domain.CheckBaseURL(c.Recado); err != nil {
		return fmt.Errorf("--recado %w", err)
	}
	cfg, err := c.config(registry)
	if err != nil {
		return err
	}
	for _, conn := range cfg.Connections {
		warn(env.stdout, conn)
	}
	cfg.Log = func(n simulator.Note) { fmt.Fprintln(env.stdout, n.At.Format(time.TimeOnly), n) }
	return c.play(ctx, simulator.New(cfg), cfg, env)
}

// warn names a connection whose messages would go to real people.
func warn(w io.Writer, c simulator.Connection) {
	if setting := messengers[c.Kind].player.Messenger().BaseURL; c.Settings[setting] == "" {
		fmt.Fprintf(w, "connection %s has no %s: Recado sends its messages to the messenger itself, not here\n", c.ID, setting)
	}
}

// play serves the messengers' APIs while the clients write.
func (c *simulateCmd) play(ctx context.Context, s *simulator.Simulator, cfg simulator.Config, env environment) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	l, err := listen("--listen", c.Listen, s.Handler(), fail)
	if err != nil {
		return err
	}
	defer l.close(slog.New(slog.NewTextHandler(env.stderr, nil)), publicStops)
	addresses := forEach(cfg.Players, func(m *simulator.Messenger) string { return m.Name + " at http://" + l.addr + m.Path })
	fmt.Fprintf(env.stdout, "simulating %s, for %s; seed %d\n", strings.Join(addresses, " and "), c.Recado, cfg.Seed)
	var clients sync.WaitGroup
	clients.Go(func() { s.Run(ctx) })
	<-ctx.Done()
	clients.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// config finds in a registry what can be played.
func (c *simulateCmd) config(r domain.Registry) (simulator.Config, error) {
	connections, err := simulator.Playable(r, players())
	return simulator.Config{
		Seed: cmp.Or(c.Seed, uint64(time.Now().UnixNano())), Recado: c.Recado,
		Players: players(), Connections: connections,
		Pace: c.Pace, Crowd: c.Crowd, Steady: c.Steady, Strict: c.Strict,
	}, err
}
