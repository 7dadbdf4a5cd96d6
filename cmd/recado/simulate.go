package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strconv"
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
}

// Help lists the habits.
func (*simulateCmd) Help() string {
	var b strings.Builder
	b.WriteString("A connection is simulated if its base_url is http://ADDR/meta/v23.0 or http://ADDR/telegram.\n\n")
	b.WriteString("Phone numbers and Telegram ids with these endings always misbehave, others at random:\n\n")
	for _, h := range simulator.Habits() {
		fmt.Fprintf(&b, "    …%s  %s\n          WhatsApp: %s\n          Telegram: %s\n", h.Ending, h.Name, h.WhatsApp, h.Telegram)
	}
	return b.String()
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
	warn(env.stdout, registry)
	cfg.Tell = func(t simulator.Told) { fmt.Fprintln(env.stdout, t.At.Format(time.TimeOnly), t) }
	return c.play(ctx, simulator.New(cfg), cfg, env)
}

// warn names the connections whose messages would go to real people.
func warn(w io.Writer, r domain.Registry) {
	for _, conn := range r.Connections {
		if conn.Settings["base_url"] == "" {
			fmt.Fprintf(w, "connection %s has no base_url: Recado sends its messages to the messenger itself, not here\n", conn.ID)
		}
	}
}

// play serves the messengers' APIs while the clients write.
func (c *simulateCmd) play(ctx context.Context, s *simulator.Simulator, cfg simulator.Config, env environment) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	l, err := listen(c.Listen, s.Handler(), fail)
	if err != nil {
		return err
	}
	defer l.close(slog.New(slog.NewTextHandler(env.stderr, nil)))
	fmt.Fprintf(env.stdout, "simulating Meta at http://%s/meta/v23.0 and Telegram at http://%s/telegram, for %s; seed %d\n",
		l.addr, l.addr, c.Recado, cfg.Seed)
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
	cfg := simulator.Config{
		Seed: cmp.Or(c.Seed, uint64(time.Now().UnixNano())), Recado: c.Recado,
		Pace: c.Pace, Crowd: c.Crowd, Steady: c.Steady,
	}
	for _, conn := range r.Connections {
		switch conn.Kind {
		case domain.WABA:
			i := slices.IndexFunc(r.Hooks, func(h domain.Hook) bool { return h.ID == conn.Hook })
			if i < 0 {
				return cfg, fmt.Errorf("connection %s: its hook %s is not in the file", conn.ID, conn.Hook)
			}
			cfg.Meta = append(cfg.Meta, simulator.MetaNumber{
				Hook: conn.Hook, AppSecret: r.Hooks[i].Secrets["app_secret"],
				PhoneNumberID: conn.Account, Token: conn.Settings["access_token"],
			})
		case domain.TelegramBot:
			number, _, _ := strings.Cut(string(conn.Settings["token"]), ":")
			id, _ := strconv.ParseInt(number, 10, 64) // a made-up token may name no bot
			cfg.Bots = append(cfg.Bots, simulator.Bot{
				Connection: conn.ID, Token: conn.Settings["token"], SecretToken: conn.Settings["secret_token"], ID: id,
			})
		}
	}
	if len(cfg.Meta)+len(cfg.Bots) == 0 {
		return cfg, errors.New("the file has no connection that can be simulated")
	}
	return cfg, nil
}
