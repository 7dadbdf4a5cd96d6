package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"recado/adapters/crm"
	"recado/domain"
)

// doctorCmd checks an installation, from the host and with the environment of its
// service. It changes no data, unless it is asked to.
type doctorCmd struct {
	JSON      bool          `help:"Print JSON: a list of findings."`
	Reconcile time.Duration `help:"Let the service look once more for messages of the last TIME that no webhook told of, such as 12h." placeholder:"TIME"`
}

// A level says how bad a finding is.
type level string

const (
	levelOK   level = "ok"
	levelWarn level = "warn" // it works, and will not for ever
	levelFail level = "fail"
)

// A finding is what a check found, of one connection or endpoint if it names it.
type finding struct {
	Check string `json:"check"`
	About string `json:"about,omitempty"`
	Level level  `json:"level"`
	Wrong string `json:"wrong,omitempty"`
	Means string `json:"means,omitempty"`
	Do    string `json:"do,omitempty"`
}

// line is the finding for people.
func (f finding) line() string {
	name := strings.TrimSpace(f.Check + " " + f.About)
	if f.Level == levelOK {
		return fmt.Sprintf("%-4s  %s", f.Level, name)
	}
	return fmt.Sprintf("%-4s  %s: %s; %s → %s", f.Level, name, f.Wrong, f.Means, f.Do)
}

// A patient is the installation that is checked.
type patient struct {
	back       time.Duration // how far the service shall look back; zero: not
	cfg        Config
	store      domain.Store // nil: it cannot be opened
	redis      goredis.UniversalClient
	connectors map[domain.Kind]domain.Connector
	deliverer  *crm.Deliverer
}

// A check is one thing that is looked at. No finding: it is as it should be.
type check struct {
	name       string
	needsStore bool // it is left out while the database cannot be opened
	run        func(context.Context, *patient) []finding
}

// checks are the rows of the doctor, in their order.
var checks = []check{
	{"database", false, checkDatabase},
	{"connection pooler", true, checkPooler},
	{"clock", true, checkClock},
	{"time zones", true, checkZones},
	{"redis", false, checkRedis},
	{"redis policy", false, checkRedisPolicy},
	{"redis persistence", false, checkRedisPersistence},
	{"files", false, checkFiles},
	{"temporary files", false, checkTemporaryFiles},
	{"disk", false, checkDisk},
	{"public address", false, checkPublicURL},
	{"connection", true, checkConnections},
	{"endpoint", true, checkEndpoints},
	{"look back", true, lookBack},
}

// doctorTimeout bounds all checks of one row.
const doctorTimeout = time.Minute

// Run prints what each check found, and fails if one of them failed.
func (c *doctorCmd) Run(ctx context.Context, env environment) error {
	found := diagnose(ctx, env.getenv, c.Reconcile)
	if err := c.print(env.stdout, found); err != nil {
		return err
	}
	bad := 0
	for _, f := range found {
		if f.Level == levelFail {
			bad++
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d checks failed", bad, len(found))
	}
	return nil
}

func (c *doctorCmd) print(w io.Writer, found []finding) error {
	if c.JSON {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(found)
	}
	for _, f := range found {
		fmt.Fprintln(w, f.line())
	}
	return nil
}

// diagnose runs every check. If back is not zero it lets the service look back so far.
// A configuration with mistakes ends it: everything else
// would be checked at the wrong place.
func diagnose(ctx context.Context, getenv func(string) string, back time.Duration) (found []finding) {
	cfg, err := readConfig(getenv)
	if err != nil {
		for mistake := range strings.Lines(err.Error()) {
			found = append(found, finding{
				Check: "configuration", Level: levelFail, Wrong: strings.TrimSpace(mistake),
				Means: "recado does not start", Do: "set the variable as the message says",
			})
		}
		return found
	}
	found = append(found, finding{Check: "configuration", Level: levelOK})
	found = append(found, explainUnknown(os.Environ())...)
	redirectLogs(slog.New(slog.DiscardHandler)) // the findings say it in one line
	client, stop, err := openRedis(cfg)
	if err != nil {
		return append(found, finding{Check: "redis", Level: levelFail, Wrong: err.Error(), Means: "recado does not start", Do: "set RECADO_REDIS_URL"})
	}
	defer stop()
	p := &patient{back: back, cfg: cfg, redis: client, connectors: connectors(cfg), deliverer: crm.New(cfg.CallbackAllowNetworks)}
	defer p.deliverer.Close()
	defer func() {
		if p.store != nil {
			p.store.Close()
		}
	}()
	for _, row := range checks {
		if p.store != nil || !row.needsStore {
			found = append(found, row.of(ctx, p)...)
		}
	}
	return found
}

// of runs the check, and names what it finds.
func (row check) of(ctx context.Context, p *patient) []finding {
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	found := row.run(ctx, p)
	if len(found) == 0 {
		return []finding{{Check: row.name, Level: levelOK}}
	}
	for i := range found {
		if found[i].Check == "" {
			found[i].Check = row.name
		}
	}
	return found
}
