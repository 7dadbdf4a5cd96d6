package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// A site is an installation of Recado: a database with companies, a simulated
// messenger and a simulated CRM.
type site struct {
	bench    *bench
	database string
	key      string
	crm      *crm
	meta     *meta
	crowd    crowd
	db       *pgx.Conn // to observe the tables
	recado   *process  // nil while it is stopped
	public   string
	private  string
	crms     crms
	spool    string                   // RECADO_SPOOL_DIR
	hooksOf  func(company int) string // the URL of its CRM; nil: that of crm
	sendsTo  string                   // where a strict messenger is; empty: meta, which takes all at any pace
}

// crms says what CRMs the companies of a site have.
type crms int

const (
	singleEvents crms = iota // an endpoint that gets one event in a call
	batches                  // likewise, that takes batches
	noCRM                    // no endpoint
)

// newSite creates a site without chats. Recado is not started.
func (b *bench) newSite(ctx context.Context, crms crms) (*site, error) {
	return b.create(ctx, &site{crms: crms, crowd: b.crowd()})
}

// create creates a site that is described.
func (b *bench) create(ctx context.Context, t *site) (_ *site, err error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	t.bench, t.key = b, base64.StdEncoding.EncodeToString(key)
	defer func() {
		if err != nil {
			t.close(ctx)
		}
	}()
	if t.crm, err = newCRM(); err != nil {
		return t, err
	}
	if t.meta, err = newMeta(b.plan.sends); err != nil {
		return t, err
	}
	migrate := func(database string) error { return t.command(ctx, database, "migrate") }
	if t.database, err = b.servers.copyMigrated(ctx, migrate); err != nil {
		return t, err
	}
	if err := t.declare(ctx); err != nil {
		return t, err
	}
	t.db, err = pgx.Connect(ctx, t.database)
	return t, err
}

func (t *site) close(ctx context.Context) {
	t.stop()
	if t.db != nil {
		_ = t.db.Close(ctx)
	}
	if t.crm != nil {
		t.crm.close()
	}
	if t.meta != nil {
		t.meta.close()
	}
	if t.database != "" {
		_ = t.bench.servers.dropDatabase(ctx, t.database) // otherwise servers.close drops it
	}
}

// declare applies a file, as an operator does.
func (t *site) declare(ctx context.Context) error {
	var hooks, all strings.Builder
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte("a-secret-of-the-crm-of-the-bench"))
	for i := range companies {
		fmt.Fprintf(&hooks, "  - {id: meta-%d, kind: waba, app_secret: %q, verify_token: a-verify-token}\n", i, appSecret)
	}
	hooksOf := t.hooksOf
	if hooksOf == nil {
		hooksOf = func(int) string { return "http://" + t.crm.address() + "/hooks" }
	}
	messenger, pace := t.sendsTo, ""
	if messenger == "" {
		messenger, pace = t.meta.address(), ", pace: 10000/s"
	}
	for i := range t.crowd.companies {
		fmt.Fprintf(&all, `  - id: company-%[1]d
    name: Company %[1]d
    time_zone: America/Mexico_City
    subscriptions: [{id: waba-%[1]d, kind: waba, tariff: estandar, paid_until: 2099-12-31, waba_dialogs: 1000000}]
    connections: [{id: waba-%[1]d, kind: waba, hook: meta-%[5]d, phone_number_id: %[2]q, access_token: a-token, base_url: "http://%[3]s"%[6]s}]
    employees: [{id: robot-%[1]d, name: CRM, role: administrator, service: true, api_key: %[4]q}]
`, i, account(i), messenger, apiKey(i), i%companies, pace)
		if t.crms != noCRM {
			fmt.Fprintf(&all, "    endpoints: [{id: crm-%d, url: %q, secret: %q, events: [message.created, message.status, message.failed], batch: %t}]\n",
				i, hooksOf(i), secret, t.crms == batches)
		}
	}
	file, err := os.CreateTemp("", "bench-*.yaml")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = fmt.Fprintf(file, "hooks:\n%scompanies:\n%s", &hooks, &all)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	return t.command(ctx, t.database, "apply", "-f", file.Name())
}

// command runs a command of Recado to its end.
func (t *site) command(ctx context.Context, database string, args ...string) error {
	cmd := exec.CommandContext(ctx, t.bench.program, args...) // #nosec G204 -- the developer's own program
	cmd.Env = append(os.Environ(), t.environment(database, t.bench.servers.redisURL)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("recado %s: %w\n%s", args[0], err, out)
	}
	return nil
}

func (t *site) environment(database, redis string) []string {
	return []string{
		"RECADO_DATABASE_URL=" + database, "RECADO_REDIS_URL=" + redis, "RECADO_SECRET_KEY=" + t.key,
		"RECADO_LISTEN=" + t.public, "RECADO_INTERNAL_LISTEN=" + t.private,
		"RECADO_CALLBACK_ALLOW_NETWORKS=127.0.0.0/8", "RECADO_LOG_FORMAT=json",
		"RECADO_SPOOL_DIR=" + t.spool,
	}
}

// serve starts Recado in its roles.
func (t *site) serve(ctx context.Context, roles string) error {
	return t.serveAt(ctx, roles, t.database, t.bench.servers.redisURL)
}

// serveAt starts Recado with these URLs of its servers.
func (t *site) serveAt(ctx context.Context, roles, database, redis string) (err error) {
	if t.public, err = freeAddress(); err != nil {
		return err
	}
	if t.private, err = freeAddress(); err != nil {
		return err
	}
	if err := t.bench.servers.emptyRedis(ctx); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	ready := func() bool { return isReady(t.private) }
	t.recado, err = start(ctx, t.environment(database, redis), ready, t.bench.program, "serve", "--role="+roles)
	return err
}

// isReady reports whether the process of this internal address is ready.
func isReady(private string) bool {
	answer, err := http.Get("http://" + private + "/readyz")
	if err != nil {
		return false
	}
	_ = answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// stop stops Recado, if it runs.
func (t *site) stop() {
	if t.recado != nil {
		t.recado.stop()
		t.recado = nil
	}
}

// warmSite creates a site whose Recado runs and is warm.
func (b *bench) warmSite(ctx context.Context, crms crms) (*site, error) {
	t, err := b.newSite(ctx, crms)
	if err != nil {
		return nil, err
	}
	if err := t.startWarm(ctx); err != nil {
		t.close(ctx)
		return nil, err
	}
	return t, nil
}

// startWarm starts Recado in all roles and warms it up.
func (t *site) startWarm(ctx context.Context) error {
	if err := t.serve(ctx, allRoles); err != nil {
		return err
	}
	return t.warmUp(ctx)
}

const allRoles = "ingress,worker,api"

// warmUp lets every peer write several times, which creates all chats, and waits
// until all messages are delivered. The tables stay as they come: nobody analyses
// them by hand.
func (t *site) warmUp(ctx context.Context) error {
	_, err := t.carry(ctx, webhooks(t.public, t.crowd.messages(t.warmUpSize()), t.warmUpSize()), ofMessage)
	return err
}

// warmUpSize is the number of webhooks that warm a site up. One for each peer is
// not enough: beside a million chats the next 20,000 were 9 % slower than without
// those chats, the next 80,000 only 2 %.
func (t *site) warmUpSize() int { return 5 * t.crowd.size() }

// A delivery is a run of webhooks that are carried to the end: committed, and the CRM called.
type delivery struct {
	*timings
	callbacks *expectation // nil without a CRM
	end       time.Time    // of the last webhook
}

// carried returns how many were delivered in a second.
func (c delivery) carried() float64 { return rate(len(c.due), c.end.Sub(c.begun)) }

// waitedFor returns the time from each webhook to its callback.
func (c delivery) waitedFor() []time.Duration { return between(c.due, c.callbacks.since(c.begun)) }

// carry sends webhooks and waits until their state is committed and each callback
// arrived.
func (t *site) carry(ctx context.Context, l load, number func([]byte) int) (c delivery, err error) {
	if t.crms != noCRM {
		c.callbacks = t.crm.expect(l.calls, number)
	}
	if c.timings, err = l.run(ctx); err != nil {
		return c, t.withLog(err)
	}
	if t.crms == noCRM {
		err = t.waitApplied(ctx)
		c.end = time.Now()
		return c, t.withLog(err)
	}
	err = c.callbacks.wait(ctx)
	c.end = c.callbacks.ended()
	return c, t.withLog(err)
}

// waitApplied waits until the inbox is empty: applying a webhook deletes it in the
// same transaction.
func (t *site) waitApplied(ctx context.Context) error { return t.waitEmpty(ctx, "inbox") }

func (t *site) waitEmpty(ctx context.Context, table string) error {
	return until(ctx, table+" is empty", func() (none bool, err error) {
		err = t.db.QueryRow(ctx, "SELECT NOT EXISTS (SELECT FROM "+table+")").Scan(&none)
		return none, err
	})
}

// withLog adds the end of Recado's log to an error.
func (t *site) withLog(err error) error {
	if err == nil || t.recado == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w; recado's log ends with: %s", err, t.recado.logTail())
}
