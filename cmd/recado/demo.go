package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"recado/adapters/declaration"
	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// demoCmd shows all of it in one process.
type demoCmd struct {
	Pace time.Duration `default:"15s" placeholder:"TIME" help:"The mean pause between messages of clients (${default}); employees act four times as often."`
	Seed uint64        `default:"0" placeholder:"N" help:"The same seed plays the same again; by default another each time."`
}

//go:embed demo.yaml
var demoFile []byte

// Secrets of the demonstration: between the program and what plays its
// surroundings, all on this machine.
const (
	demoSecret    = "a-secret-of-the-demonstration"
	demoCRMSecret = "whsec_YS1zZWNyZXQtb2YtdGhlLWRlbW9uc3RyYXRpb24="
)

// Run plays until the context ends. Started again it goes on where it was.
func (c *demoCmd) Run(ctx context.Context, env environment) error {
	cfg, err := readConfig(demoEnvironment(env.getenv))
	if err != nil {
		return err
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	show := &demoScreen{w: env.stdout}
	crm := newDemoCRM(show)
	crmAt, err := listen("127.0.0.1:0", crm, fail)
	if err != nil {
		return err
	}
	stage := &demoStage{}
	stageAt, err := listen("127.0.0.1:0", stage, fail)
	if err != nil {
		return err
	}
	registry, err := declaration.Read("demo.yaml", demoFile, demoVariables(stageAt.addr, crmAt.addr), connectors(cfg))
	if err != nil {
		return err
	}
	store, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer store.Close()
	if _, err := store.Declare(ctx, registry, false); err != nil {
		return err
	}
	redis, stop, err := openRedis(cfg)
	if err != nil {
		return err
	}
	defer stop()
	log, err := os.OpenFile(filepath.Join(cfg.DataDir, "demo.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	logger := slog.New(slog.NewJSONHandler(log, nil))

	simulated, err := (&simulateCmd{Recado: "http://" + cfg.Listen, Pace: c.Pace, Seed: c.Seed}).config(registry)
	if err != nil {
		return err
	}
	simulated.Tell = show.told
	messengers := simulator.New(simulated)
	stage.play(messengers.Handler())
	people := &demoPeople{recado: "http://" + cfg.Listen, internal: "http://" + cfg.InternalListen, show: show, messengers: messengers}
	crm.answer = people.answer

	var parts sync.WaitGroup
	defer parts.Wait()
	defer crmAt.close(logger)
	defer stageAt.close(logger)
	parts.Go(func() {
		fail((&service{cfg: cfg, roles: []string{roleIngress, roleWorker, roleAPI}, store: store, redis: redis, log: logger}).run(ctx))
	})
	if err := people.ready(ctx); err != nil {
		return cmp.Or(context.Cause(ctx), err)
	}
	show.intro(cfg, people.before(ctx))
	parts.Go(func() { messengers.Run(ctx) })
	parts.Go(func() { people.act(ctx, c.Pace/4) })
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	fmt.Fprintf(env.stdout, "\nStopped. `recado demo` goes on where it was; %s holds it all.\n", cfg.DataDir)
	return nil
}

// demoEnvironment is the environment with embedded stores, and with addresses
// of this machine only.
func demoEnvironment(getenv func(string) string) func(string) string {
	return func(name string) string {
		switch name {
		case "RECADO_DATABASE_URL", "RECADO_REDIS_URL":
			return ""
		case "RECADO_LISTEN":
			return cmp.Or(getenv(name), "127.0.0.1:8080")
		case "RECADO_CALLBACK_ALLOW_NETWORKS":
			return "127.0.0.0/8"
		}
		return getenv(name)
	}
}

// demoVariables are what the file of the demonstration names.
func demoVariables(messengers, crm string) func(string) string {
	values := map[string]string{
		"DEMO_SECRET": demoSecret, "DEMO_CRM_SECRET": demoCRMSecret,
		"DEMO_META": "http://" + messengers + "/meta/v23.0", "DEMO_TELEGRAM": "http://" + messengers + "/telegram",
		"DEMO_CRM": "http://" + crm,
	}
	return func(name string) string { return values[name] }
}

// A demoScreen prints what happens, a line each.
type demoScreen struct {
	mu sync.Mutex
	w  io.Writer
}

// line prints who did what.
func (s *demoScreen) line(who, format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.w, "%s  %-9s %s\n", time.Now().Format(time.TimeOnly), who, fmt.Sprintf(format, args...))
}

var messengerNames = map[domain.Kind]string{domain.WABA: "WhatsApp", domain.TelegramBot: "Telegram"}

// told prints what the messengers' side does.
func (s *demoScreen) told(t simulator.Told) {
	what := fmt.Sprintf("%s → %s", t.From, t.To)
	if t.Text != "" {
		what += ": " + t.Text
	}
	if t.What != "" {
		what += "  [" + t.What + "]"
	}
	s.line(messengerNames[t.Kind], "%s", what)
}

func (s *demoScreen) intro(cfg Config, before string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(s.w, `Recado at http://%[1]s, with messengers and a CRM that are played. %[2]s
Its metrics: http://%[3]s/metrics · its log: %[4]s
Embedded: %[5]s.

WhatsApp and Telegram lines are the messengers' side, CRM lines are signed callbacks (✓ the signature holds),
the others are employees. Take part:

  curl -H 'Authorization: Bearer demo-key-of-ana-clinica' http://%[1]s/v1/chats
  curl -H 'Authorization: Bearer demo-key-of-ana-clinica' -H 'Content-Type: application/json' http://%[1]s/v1/messages \
       -d '{"connection_id":"clinica-whatsapp","peer_id":"+34 611 20 45 18","type":"text","text":"Hola, Lucía"}'
  curl -X POST -H 'Authorization: Bearer demo-key-of-ana-clinica' http://%[1]s/v1/chats/CHAT_ID/block

Ctrl-C ends it; started again it goes on where it was.

`, cfg.Listen, before, cfg.InternalListen, filepath.Join(cfg.DataDir, "demo.log"), embedded(cfg))
}
