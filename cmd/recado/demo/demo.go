// Package demo plays the surroundings of a Recado that runs in the same process:
// messengers, whose clients write, and three sample companies with employees, a
// CRM and its robot. It prints what happens, a line each.
package demo

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

// A Program is the Recado that is demonstrated.
type Program struct {
	Listen         string // where it takes webhooks and serves the API
	InternalListen string // where it serves metrics
	DataDir        string // holds its log, too
	Embedded       string // says which parts of it are embedded

	Store      domain.Registrar
	Connectors map[domain.Kind]domain.Connector

	// Simulator returns the configuration of a simulator that plays the
	// messengers of the registry's connections.
	Simulator func(domain.Registry) (simulator.Config, error)

	// Serve runs the program until the context ends or a part fails.
	Serve func(context.Context, *slog.Logger) error
}

//go:embed demo.yaml
var sampleCompanies []byte

// Secrets of the sample companies. They never leave this machine.
const (
	secret    = "a-secret-of-the-demonstration"
	crmSecret = "whsec_YS1zZWNyZXQtb2YtdGhlLWRlbW9uc3RyYXRpb24="
)

// Run plays until the context ends or a part fails. Employees act every actEvery.
// A later run continues with the data of this one.
func Run(ctx context.Context, p Program, actEvery time.Duration, out io.Writer) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	show := &screen{w: out}
	office := newCRM(show)
	crmAPI, err := serve(office, fail)
	if err != nil {
		return err
	}
	defer crmAPI.Close()
	world := &stage{}
	messengerAPI, err := serve(world, fail)
	if err != nil {
		return err
	}
	defer messengerAPI.Close()
	messengers, err := p.declare(ctx, variables(messengerAPI.Addr, crmAPI.Addr), show)
	if err != nil {
		return err
	}
	world.enter(messengers.Handler())
	staff := &people{recado: "http://" + p.Listen, internal: "http://" + p.InternalListen, show: show, messengers: messengers}
	office.reply = staff.reply
	log, err := os.OpenFile(p.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	if err := log.Chmod(0o600); err != nil { // an earlier version may have made it
		return err
	}

	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { fail(p.Serve(ctx, slog.New(slog.NewJSONHandler(log, nil)))) })
	if err := staff.ready(ctx); err != nil {
		fail(err)
		return context.Cause(ctx)
	}
	show.intro(p, staff.earlierRuns(ctx))
	parts.Go(func() { messengers.Run(ctx) })
	parts.Go(func() { staff.act(ctx, actEvery) })
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	fmt.Fprintf(out, "\nStopped. `recado demo` continues with the data in %s.\n", p.DataDir)
	return nil
}

// declare stores the sample companies and returns their messengers.
func (p Program) declare(ctx context.Context, getenv func(string) string, show *screen) (*simulator.Simulator, error) {
	registry, err := declaration.Read("demo.yaml", sampleCompanies, getenv, p.Connectors)
	if err != nil {
		return nil, err
	}
	if _, err := p.Store.Declare(ctx, registry, false); err != nil {
		return nil, err
	}
	config, err := p.Simulator(registry)
	if err != nil {
		return nil, err
	}
	config.Log = show.messenger
	return simulator.New(config), nil
}

func (p Program) logFile() string { return filepath.Join(p.DataDir, "demo.log") }

// Environment returns the environment of a Program: as getenv has it, but with
// embedded stores, and with callbacks to this machine only.
func Environment(getenv func(string) string) func(string) string {
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

// variables returns the getenv of demo.yaml.
func variables(messengers, crm string) func(string) string {
	values := map[string]string{
		"DEMO_SECRET": secret, "DEMO_CRM_SECRET": crmSecret,
		"DEMO_META": "http://" + messengers + "/meta/v23.0", "DEMO_TELEGRAM": "http://" + messengers + "/telegram",
		"DEMO_WAHA":    "http://" + messengers + "/waha",
		"DEMO_GATEWAY": "http://" + messengers + "/gateway",
		"DEMO_CRM":     "http://" + crm,
	}
	return func(name string) string { return values[name] }
}
