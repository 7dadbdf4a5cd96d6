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

// A town is an installation of Recado: a database with companies, and around it
// the messenger and the CRM that bench plays.
type town struct {
	bench    *bench
	database string
	key      string
	crm      *crm
	meta     *meta
	crowd    crowd
	db       *pgx.Conn // to look in from outside
	recado   *process  // the one that runs
	public   string
	private  string
	deaf     bool // companies have no endpoint
}

// newTown makes it. Nobody has written yet.
func (b *bench) newTown(ctx context.Context, deaf bool) (t *town, err error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	t = &town{bench: b, key: base64.StdEncoding.EncodeToString(key), crowd: crowd{b.plan.chats, 1}, deaf: deaf}
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
	if t.database, err = b.servers.database(ctx); err != nil {
		return t, err
	}
	if err := t.declare(ctx); err != nil {
		return t, err
	}
	t.db, err = pgx.Connect(ctx, t.database)
	return t, err
}

func (t *town) close(ctx context.Context) {
	t.rest()
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
		_ = t.bench.servers.forget(ctx, t.database) // or at the end
	}
}

// declare applies a file as an operator would.
func (t *town) declare(ctx context.Context) error {
	var hooks, all strings.Builder
	secret := "whsec_" + base64.StdEncoding.EncodeToString([]byte("a-secret-of-the-crm-of-the-bench"))
	for i := range companies {
		fmt.Fprintf(&hooks, "  - {id: meta-%d, kind: waba, app_secret: %q, verify_token: a-verify-token}\n", i, appSecret)
		fmt.Fprintf(&all, `  - id: company-%[1]d
    name: Company %[1]d
    time_zone: America/Mexico_City
    subscriptions: [{id: waba-%[1]d, kind: waba, tariff: estandar, paid_until: 2099-12-31, waba_dialogs: 1000000}]
    connections: [{id: waba-%[1]d, kind: waba, hook: meta-%[1]d, phone_number_id: %[2]q, access_token: a-token, base_url: "http://%[3]s"}]
    employees: [{id: robot-%[1]d, name: CRM, role: administrator, service: true, api_key: %[4]q}]
`, i, account(i), t.meta.address(), apiKey(i))
		if !t.deaf {
			fmt.Fprintf(&all, "    endpoints: [{id: crm-%d, url: %q, secret: %q, events: [message.created, message.status, message.failed]}]\n",
				i, "http://"+t.crm.address()+"/hooks", secret)
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
	for _, args := range [][]string{{"migrate"}, {"apply", "-f", file.Name()}} {
		cmd := exec.CommandContext(ctx, t.bench.program, args...) // #nosec G204 -- the developer's own program
		cmd.Env = append(os.Environ(), t.environment(t.database, t.bench.servers.redisURL)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("recado %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}

func (t *town) environment(database, redis string) []string {
	return []string{
		"RECADO_DATABASE_URL=" + database, "RECADO_REDIS_URL=" + redis, "RECADO_SECRET_KEY=" + t.key,
		"RECADO_LISTEN=" + t.public, "RECADO_INTERNAL_LISTEN=" + t.private,
		"RECADO_CALLBACK_ALLOW_NETWORKS=127.0.0.0/8", "RECADO_LOG_FORMAT=json",
	}
}

// serve starts Recado in its roles.
func (t *town) serve(ctx context.Context, roles string) error {
	return t.serveAt(ctx, roles, t.database, t.bench.servers.redisURL)
}

// serveAt starts it with its servers behind these addresses.
func (t *town) serveAt(ctx context.Context, roles, database, redis string) (err error) {
	if t.public, err = freeAddress(); err != nil {
		return err
	}
	if t.private, err = freeAddress(); err != nil {
		return err
	}
	if err := t.bench.servers.emptyRedis(ctx); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	ready := func() bool {
		answer, err := http.Get("http://" + t.private + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}
	t.recado, err = start(ctx, t.environment(database, redis), ready, t.bench.program, "serve", "--role="+roles)
	return err
}

// rest stops it.
func (t *town) rest() {
	if t.recado != nil {
		t.recado.stop()
		t.recado = nil
	}
}

// livingTown makes a town that lives.
func (b *bench) livingTown(ctx context.Context, deaf bool) (*town, error) {
	t, err := b.newTown(ctx, deaf)
	if err != nil {
		return nil, err
	}
	if err := t.live(ctx); err != nil {
		t.close(ctx)
		return nil, err
	}
	return t, nil
}

// live starts Recado in all its roles, and settles.
func (t *town) live(ctx context.Context) error {
	if err := t.serve(ctx, allRoles); err != nil {
		return err
	}
	return t.settle(ctx)
}

const allRoles = "ingress,worker,api"

// settle lets every peer write some times, so that all chats are there and
// everything is warm, and waits until all of it is carried. Then it lets Postgres
// look at its tables, as it does each minute by itself.
func (t *town) settle(ctx context.Context) error {
	_, err := t.carry(ctx, webhooks(t.public, t.crowd.messages(t.settled()), t.settled()), ofMessage)
	if err == nil {
		_, err = t.db.Exec(ctx, "ANALYZE")
	}
	return err
}

// settled is how many webhooks settle a town. After one of each peer it is not
// warm: the next 20,000 beside a million chats were carried 9 % slower than
// without those, the next 80,000 only 2 %.
func (t *town) settled() int { return 5 * t.crowd.size() }

// A carriage is webhooks on their way to the end.
type carriage struct {
	*course
	told *expectation // nil without an endpoint
	end  time.Time    // of the last
}

// carried is how many came to the end in a second.
func (c carriage) carried() float64 { return rate(len(c.due), c.end.Sub(c.begun)) }

// waitedFor is from each webhook to its callback.
func (c carriage) waitedFor() []time.Duration { return between(c.due, c.told.since(c.begun)) }

// carry sends webhooks and waits until their state is committed and the CRM
// knows of each.
func (t *town) carry(ctx context.Context, l load, number func([]byte) int) (c carriage, err error) {
	if !t.deaf {
		c.told = t.crm.expect(l.calls, number)
	}
	if c.course, err = l.run(ctx); err != nil {
		return c, t.blame(err)
	}
	if t.deaf {
		err = t.applied(ctx)
		c.end = time.Now()
		return c, t.blame(err)
	}
	err = c.told.wait(ctx)
	c.end = c.told.ended()
	return c, t.blame(err)
}

// applied waits until the inbox is empty: what is applied leaves it in the same
// transaction.
func (t *town) applied(ctx context.Context) error { return t.empty(ctx, "inbox") }

func (t *town) empty(ctx context.Context, table string) error {
	return until(ctx, table+" is empty", func() (none bool, err error) {
		err = t.db.QueryRow(ctx, "SELECT NOT EXISTS (SELECT FROM "+table+")").Scan(&none)
		return none, err
	})
}

// blame adds to an error what Recado says.
func (t *town) blame(err error) error {
	if err == nil || t.recado == nil || errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w; recado's log ends with: %s", err, t.recado.lastWords())
}
