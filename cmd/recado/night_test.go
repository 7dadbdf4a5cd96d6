package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/waba/wabatest"
)

// A fault is something that goes wrong in a night.
type fault struct {
	name   string
	inject func(*night)
	mend   func(*night)
	moves  string   // an expression that finds something once the metric has moved
	alerts []string // that fire; no others do
	log    string   // a part of the log that names the cause
	doctor string   // a part of what recado doctor prints
}

// faults are the rows of "The night" in operations.md. Those with the same alert lie
// apart, so that it is over when the next of them comes.
var faults = []fault{
	{
		"Redis is down",
		func(n *night) { n.redis.Shutdown(n.t.Context()) },
		func(n *night) { n.redis = startRedis(n.t, n.redis.Options().Addr) },
		`recado_redis_up == 0`,
		[]string{"RecadoRedisAway"},
		"connection refused", "fail  redis: it takes no jobs: dial tcp",
	},
	{
		"PostgreSQL is down",
		func(n *night) { n.database.stop() },
		func(n *night) { n.database.run(n.t) },
		`rate(recado_store_errors_total{operation="append_inbox"}[5s]) > 0`,
		[]string{"RecadoStoreErrors", "RecadoWebhookBudgetBurnsFast"},
		"the store is unavailable: no connection to 127.0.0.1", "fail  database: database: the store is unavailable: no connection to 127.0.0.1",
	},
	{
		"the messenger refuses the token",
		func(n *night) { n.meta.answers(http.StatusUnauthorized, 190); n.employeesWrite(3) },
		func(n *night) { n.meta.works(); n.calls("/v1/connections/waba-1/resume") },
		`recado_connections{status="suspended"} > 0`,
		[]string{"RecadoConnectionSuspended"},
		`"reason":"unauthorized"`, "fail  connection waba-1: WhatsApp says: ",
	},
	{
		"Redis may evict",
		func(n *night) { n.redis.ConfigSet(n.t.Context(), "maxmemory-policy", "allkeys-lru") },
		func(n *night) { n.redis.ConfigSet(n.t.Context(), "maxmemory-policy", "noeviction") },
		`recado_redis_policy_ok == 0`,
		[]string{"RecadoRedisEvicts"},
		"", "fail  redis policy: it has maxmemory-policy allkeys-lru",
	},
	{
		"the messenger answers 5xx",
		func(n *night) { n.meta.answers(http.StatusServiceUnavailable, 2); n.employeesWrite(5); n.waitLong() },
		func(n *night) { n.meta.works() },
		`rate(recado_sends_total{outcome="retried"}[5s]) > 0`,
		[]string{"RecadoSendsStuck"},
		"send failed, it will be retried", "fail  connection waba-1: WhatsApp says: ",
	},
	{
		"the disk is full",
		func(n *night) { n.fill() },
		func(n *night) { n.free() },
		`rate(recado_store_errors_total{operation="append_inbox"}[5s]) > 0`,
		[]string{"RecadoStoreErrors", "RecadoWebhookBudgetBurnsFast"},
		"", "fail  disk: 0 MiB are free in ",
	},
	{
		"a CRM says that it is gone",
		func(n *night) { n.crm.onEvent(func(event) int { return http.StatusGone }) },
		func(n *night) { n.crm.onEvent(nil); n.calls("/v1/endpoints/crm/enable") },
		`recado_endpoints{status="disabled"} > 0`,
		[]string{"RecadoEndpointDisabled"},
		"endpoint status changed", "fail  endpoint crm: it is disabled; ",
	},
	{
		"Redis is a replica, and takes nothing",
		func(n *night) { n.redis.Do(n.t.Context(), "REPLICAOF", "127.0.0.1", "1") },
		func(n *night) { n.redis.Do(n.t.Context(), "REPLICAOF", "NO", "ONE") },
		`recado_redis_up == 0`,
		[]string{"RecadoRedisAway"},
		"READONLY", "fail  redis: it takes no jobs: READONLY",
	},
	{
		"PostgreSQL is read-only, as after a switchover",
		func(n *night) { n.readOnly("on") },
		func(n *night) { n.readOnly("off") },
		`rate(recado_store_errors_total{operation="append_inbox"}[5s]) > 0`,
		[]string{"RecadoStoreErrors", "RecadoWebhookBudgetBurnsFast"},
		"read-only", "fail  database: ",
	},
	{
		"a message that cannot be stored",
		func(n *night) {
			execSQL(n.t, n.database.url, `ALTER TABLE messages ADD CONSTRAINT no_poison CHECK (text <> 'poison')`)
			n.clientWrites("poison")
		},
		func(n *night) {
			execSQL(n.t, n.database.url, `ALTER TABLE messages DROP CONSTRAINT no_poison`)
			n.parked("retry")
		},
		`recado_parked{lane="inbox"} > 0`,
		[]string{"RecadoParked"},
		"update parked", "",
	},
	{
		"the messenger is slow",
		(*night).hangs,
		func(n *night) { n.meta.works() },
		`sum(recado_send_slots_busy) == 16`,
		[]string{"RecadoSendsStuck"},
		"", "warn  connection waba-1: WhatsApp takes ",
	},
	{
		"a stranger posts webhooks",
		func(n *night) {
			for range 100 {
				n.postSigned("/webhooks/waba/meta", wabatest.Sign("another secret", []byte("{}")), []byte("{}"))
			}
		},
		func(*night) {},
		`rate(recado_webhooks_total{result="forged"}[10s]) > 0`,
		[]string{"RecadoForgedWebhooks"},
		"a webhook is forged", "",
	},
	{
		"a CRM is down for more than a minute",
		func(n *night) { n.crm.onEvent(func(event) int { return http.StatusBadGateway }); n.minuteOfFailures() },
		func(n *night) { n.crm.onEvent(nil); n.calls("/v1/endpoints/crm/enable") },
		`recado_endpoints{status="paused"} > 0`,
		[]string{"RecadoEndpointPaused"},
		"endpoint status changed", "",
	},
	{
		"a webhook for a number that nobody declared",
		func(n *night) { n.post(textBody("999", "16505551234", "stray")) },
		func(n *night) { n.parked("delete") },
		`recado_parked{lane="inbox"} > 0`,
		[]string{"RecadoParked"},
		"", "",
	},
	{
		"PostgreSQL is slow",
		func(n *night) { n.slowWrites() },
		func(n *night) { n.fastWrites() },
		`rate(recado_store_seconds_bucket{operation="append_inbox",le="+Inf"}[5s]) > ignoring (le) rate(recado_store_seconds_bucket{operation="append_inbox",le="0.5"}[5s])`,
		[]string{"RecadoStoreSlow"},
		"", "warn  database: a write takes ",
	},
	{
		"a worker is killed",
		func(n *night) { n.second.kill() },
		func(n *night) { n.second.start() },
		`up == 0`,
		[]string{"RecadoDown"},
		"", "",
	},
}

// slowTables are those of webhooks and of heartbeats.
var slowTables = []string{"inbox", "processes"}

// slowWrites makes each commit of webhooks and of heartbeats take 0.7 s. Each statement
// is a transaction, so that none waits for the program with the lock of another table.
func (n *night) slowWrites() {
	execSQL(n.t, n.database.url, `CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.7); RETURN NULL; END'`)
	for _, table := range slowTables {
		execSQL(n.t, n.database.url, `CREATE TRIGGER slow AFTER INSERT OR UPDATE ON `+table+` FOR EACH STATEMENT EXECUTE FUNCTION slowly()`)
	}
}

func (n *night) fastWrites() {
	for _, table := range slowTables {
		execSQL(n.t, n.database.url, `DROP TRIGGER slow ON `+table)
	}
	execSQL(n.t, n.database.url, `DROP FUNCTION slowly()`)
}

// What goes wrong in a night moves a metric, fires exactly the right alerts of a real
// Prometheus, and is named in the log or by recado doctor. When it is mended the alerts
// are over, and of all that was accepted nothing is lost and nothing is left.
func TestTheNight(t *testing.T) {
	t.Parallel()
	n := newNight(t)
	for _, f := range faults {
		before := n.endOf(f.alerts)
		began, from := time.Now(), n.logSize()
		f.inject(n)
		n.fires(f.alerts, before, f.moves)
		n.logs(f, from)
		n.examines(f)
		took := time.Since(began)
		f.mend(n)
		n.drains(f.name)
		t.Logf("%s: seen and named after %v, mended after %v", f.name, took.Round(time.Second/10), time.Since(began).Round(time.Second/10))
	}
	n.endOf(slices.DeleteFunc(n.firing(), func(a string) bool { return slices.Contains(ofSpeed, a) }))
	n.fillsDashboards()
}

// logs waits for the words of the fault in what the program logged since.
func (n *night) logs(f fault, from int64) {
	n.t.Helper()
	eventually(n.t, "the log names "+f.log, 10*time.Second, func() bool {
		log, err := os.ReadFile(n.log.Name())
		return err == nil && strings.Contains(string(log[from:]), f.log)
	})
}

func (n *night) logSize() int64 {
	info, err := n.log.Stat()
	if err != nil {
		n.t.Fatal(err)
	}
	return info.Size()
}

// examines wants the words of the fault from recado doctor, with what to do.
func (n *night) examines(f fault) {
	n.t.Helper()
	if f.doctor == "" {
		return
	}
	patient := n.world
	if f.name == "the disk is full" {
		patient = n.small.world
	}
	out, _ := patient.run("doctor") // which fails, as it should
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, f.doctor) && strings.Contains(line, " → ") {
			return
		}
	}
	n.t.Errorf("%s: recado doctor prints no %q:\n%s", f.name, f.doctor, out)
}

// readOnly makes every transaction of the database read-only, or not.
func (n *night) readOnly(value string) {
	execSQL(n.t, n.database.url, "ALTER SYSTEM SET default_transaction_read_only = "+value)
	execSQL(n.t, n.database.url, "SELECT pg_reload_conf()")
}

// fill fills the disk of the small installation, and what its database has set aside.
func (n *night) fill() {
	ballast := filepath.Join(n.small.env["RECADO_DATA_DIR"], "ballast")
	_ = os.WriteFile(ballast, make([]byte, 64<<20), 0o600) // as much as fits
	large := fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"ballast","value":%q}]}]}`, strings.Repeat("x", 200<<10))
	eventually(n.t, "a webhook finds no space", 10*time.Second, func() bool { return n.small.post(large) != http.StatusOK })
}

func (n *night) free() {
	if err := os.Remove(filepath.Join(n.small.env["RECADO_DATA_DIR"], "ballast")); err != nil {
		n.t.Fatal(err)
	}
}

// waitLong makes what waits to be sent older by a thousand seconds.
func (n *night) waitLong() {
	execSQL(n.t, n.database.url, `UPDATE outbox SET accepted_at = accepted_at - 1000000`)
}

// hangs makes the messenger hang while messages wait, until the program has counted them.
// It counts every ten seconds or, on a busy machine, less often, and gives a call up after
// twenty. So the messenger answers before that, and hangs with other messages.
func (n *night) hangs() {
	n.until("the messages that wait are counted", time.Minute, func() bool {
		n.meta.hangs()
		n.employeesWrite(20)
		n.waitLong()
		for answer := time.Now().Add(14 * time.Second); time.Now().Before(answer); <-time.After(250 * time.Millisecond) {
			if slices.Contains(n.firing(), "RecadoSendsStuck") {
				return true
			}
		}
		n.meta.works()
		return false
	})
}

// minuteOfFailures waits until the CRM has failed, and makes that longer ago.
func (n *night) minuteOfFailures() {
	n.until("the CRM fails", 10*time.Second, func() bool { return n.series(`rate(recado_callbacks_total{outcome="retried"}[5s]) > 0`) > 0 })
	execSQL(n.t, n.database.url, `UPDATE endpoints SET health = jsonb_set(health::jsonb, '{FailingSince}',
to_jsonb((health::jsonb ->> 'FailingSince')::timestamptz - interval '61 seconds'))::text WHERE id = 'crm'`)
}

// parked retries or deletes the first parked item.
func (n *night) parked(what string) {
	n.t.Helper()
	out, err := n.run("parked", "list")
	lines := strings.Split(out, "\n")
	if err != nil || len(lines) < 2 {
		n.t.Fatalf("recado parked list: %v: %s", err, out)
	}
	if _, err := n.run("parked", what, strings.Fields(lines[1])[0]); err != nil {
		n.t.Fatal(err)
	}
}

// calls calls the API without a body.
func (n *night) calls(path string) {
	n.t.Helper()
	if status, err := n.call(anaKey, http.MethodPost, path, nil, nil); err != nil || status/100 != 2 {
		n.t.Fatalf("%s is answered %d, %v", path, status, err)
	}
}
