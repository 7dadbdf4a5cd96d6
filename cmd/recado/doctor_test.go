package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recado/adapters/porttest"
	"recado/domain"
)

// A clinic is an installation that recado doctor examines.
type clinic struct {
	*world
	meta, telegram, crm string // their addresses
}

// newClinic declares a number, a bot and a CRM, which all work.
func newClinic(t *testing.T, on string) *clinic {
	t.Helper()
	meta := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer a-token" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":{"message":"Error validating access token","code":190}}`)
			return
		}
		fmt.Fprint(w, `{"id":"106540352242922"}`)
	}))
	t.Cleanup(meta.Close)
	telegram := httptest.NewServer(&botAPI{url: "https://recado.example/webhooks/telegram_bot/bot-1"})
	t.Cleanup(telegram.Close)
	crm := httptest.NewServer(nil)
	t.Cleanup(crm.Close)
	return &clinic{newWorld(t, on), meta.URL, telegram.URL, crm.URL}
}

// admit declares everything.
func (c *clinic) admit(token, bot string) {
	c.t.Helper()
	file := written(c.t, fmt.Sprintf(`
hooks:
  - {id: meta, kind: waba, app_secret: %[1]q, verify_token: v}
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions:
      - {id: acme-bots, kind: telegram_bot, tariff: estandar, paid_until: 2099-01-01}
      - {id: acme-waba, kind: waba, tariff: estandar, paid_until: 2099-01-01, waba_dialogs: 1}
    connections:
      - {id: bot-1, kind: telegram_bot, token: %[2]q, secret_token: %[1]q, base_url: %[3]q}
      - {id: waba-1, kind: waba, hook: meta, phone_number_id: "106540352242922", access_token: %[4]q, base_url: "%[5]s/v26.0"}
    endpoints: [{id: crm, url: %[6]q, secret: %[7]q, events: ["*"]}]
`, botSecret, bot, c.telegram, token, c.meta, c.crm, crmSecret))
	for _, args := range [][]string{{"migrate"}, {"apply", "-f", file}} {
		if _, err := c.run(args...); err != nil {
			c.t.Fatalf("recado %s: %v", args[0], err)
		}
	}
}

func TestDoctorFindsNothingWrong(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			c := newClinic(t, on)
			c.admit("a-token", "1:a")
			c.start() // it examines an installation that runs
			out, err := c.run("doctor")
			if err != nil {
				t.Errorf("it ends with %v", err)
			}
			for _, want := range []string{
				"ok    configuration\n", "ok    database\n", "ok    connection pooler\n", "ok    clock\n", "ok    time zones\n", "ok    redis\n",
				"ok    redis policy\n", "ok    disk\n", "ok    connection bot-1\n", "ok    connection waba-1\n", "ok    endpoint crm\n",
				"warn  public address: RECADO_PUBLIC_URL is not set; recado cannot tell whether webhooks go here, nor set it → set it to",
			} {
				if !strings.Contains(out, want) {
					t.Errorf("it prints no %q:\n%s", want, out)
				}
			}
		})
	}
}

// The simulator answers as messengers do, so that it can be practised on.
func TestDoctorOnTheSimulator(t *testing.T) {
	at := porttest.Address(t)
	file := written(t, fmt.Sprintf(`
hooks: [{id: meta, kind: waba, app_secret: %[1]q, verify_token: v}]
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions:
      - {id: acme-bots, kind: telegram_bot, tariff: estandar, paid_until: 2099-01-01}
      - {id: acme-waba, kind: waba, tariff: estandar, paid_until: 2099-01-01, waba_dialogs: 1}
      - {id: acme-wa, kind: whatsapp_business, tariff: estandar, paid_until: 2099-01-01}
      - {id: acme-people, kind: telegram_personal, tariff: estandar, paid_until: 2099-01-01}
    connections:
      - {id: tg-1, kind: telegram_personal, token: "12345:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", secret_token: %[1]q, base_url: "http://%[2]s/gateway"}
      - {id: bot-1, kind: telegram_bot, token: "110201543:AAHdqT", secret_token: %[1]q, base_url: "http://%[2]s/telegram"}
      - {id: wa-1, kind: whatsapp_business, session: default, api_key: %[1]q, hmac_key: %[1]q, base_url: "http://%[2]s/waha"}
      - {id: waba-1, kind: waba, hook: meta, phone_number_id: "106540352242922", access_token: a-token, base_url: "http://%[2]s/meta/v26.0"}
`, botSecret, at))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"simulate", "-f", file, "--listen", at, "--pace=0s"}, environ(nil), io.Discard, io.Discard)
	}()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the simulator ends with %v", err)
		}
	}()
	w := newWorld(t, "embedded")
	for _, args := range [][]string{{"migrate"}, {"apply", "-f", file}} {
		if _, err := w.run(args...); err != nil {
			t.Fatalf("recado %s: %v", args[0], err)
		}
	}
	eventually(t, "the official connections are well, and of the others the risk is named", 20*time.Second, func() bool {
		out, _ := w.run("doctor")
		return strings.Contains(out, "ok    connection bot-1\n") && strings.Contains(out, "ok    connection waba-1\n") &&
			strings.Contains(out, "warn  connection wa-1: its account is linked in a way that the messenger does not permit; ") &&
			strings.Contains(out, "warn  connection tg-1: its account is linked in a way that the messenger does not permit; ")
	})
}

// Each row is made to fail.
func TestDoctorSaysWhatIsWrong(t *testing.T) {
	const healthyToken, healthyBot = "a-token", "1:a"
	tests := []struct {
		name  string
		on    string
		token string
		bot   string
		spoil func(*clinic)
		want  []string // the beginning of a line of each
	}{
		{
			"a wrong variable", "embedded", healthyToken, healthyBot, func(c *clinic) { c.env["RECADO_LOG_LEVEL"] = "loud" },
			[]string{"fail  configuration: RECADO_LOG_LEVEL must be debug, info, warn or error; recado does not start → "},
		},
		{
			"another directory", "embedded", healthyToken, healthyBot, func(c *clinic) { c.env["RECADO_DATA_DIR"] = c.t.TempDir() },
			[]string{"warn  database: there is no database in the data directory yet; nothing was ever stored there → "},
		},
		{
			"a database that is away", "postgres and redis", healthyToken, healthyBot, func(c *clinic) { c.env["RECADO_DATABASE_URL"] = "postgres://recado:hunter2@127.0.0.1:1/recado" },
			[]string{"fail  database: database: the store is unavailable: no connection to 127.0.0.1"},
		},
		{
			"a database without tables", "postgres and redis", healthyToken, healthyBot, func(c *clinic) {
				database := createDatabase(c.t) // that was never migrated
				c.t.Cleanup(func() { dropDatabase(c.t, database) })
				c.env["RECADO_DATABASE_URL"] = database
			},
			[]string{"fail  migrations: database: the store is unavailable: its schema has version 0"},
		},
		{"another secret key", "postgres and redis", healthyToken, healthyBot, func(c *clinic) {
			key := make([]byte, 32)
			_, _ = rand.Read(key)
			c.env["RECADO_SECRET_KEY"] = base64.StdEncoding.EncodeToString(key)
		}, []string{"fail  secret key: database: "}},
		{
			"a pooler", "postgres and redis", healthyToken, healthyBot, func(c *clinic) {
				c.env["RECADO_DATABASE_URL"] = pgBouncer(c.t, c.env["RECADO_DATABASE_URL"], "session")
			},
			[]string{"ok    database\n", "warn  connection pooler: a pooler stands before PostgreSQL; "},
		},
		{
			"a pooler in transaction mode", "postgres and redis", healthyToken, healthyBot, func(c *clinic) {
				c.env["RECADO_DATABASE_URL"] = pgBouncer(c.t, c.env["RECADO_DATABASE_URL"], "transaction")
			},
			[]string{"fail  connection pooler: database: the store is unavailable: a pooler in transaction mode stands before PostgreSQL, and loses "},
		},
		{
			"a time zone that nobody knows", "postgres and redis", healthyToken, healthyBot, func(c *clinic) {
				execSQL(c.t, c.env["RECADO_DATABASE_URL"], `UPDATE companies SET time_zone = 'Mars/Phobos'`)
			},
			[]string{"fail  time zones: company acme: unknown time zone Mars/Phobos; its months and days are counted in UTC"},
		},
		{
			"a shell without the variable of the service", "embedded", healthyToken, healthyBot, func(c *clinic) { delete(c.env, "RECADO_CALLBACK_ALLOW_NETWORKS") },
			[]string{"fail  endpoint crm: address 127.0.0.1 is not allowed (RECADO_CALLBACK_ALLOW_NETWORKS); its events wait, in order, for at most 7 days → run doctor with the service's"},
		},
		{
			"no folder of temporary files", "embedded", healthyToken, healthyBot, func(c *clinic) { c.t.Setenv("TMPDIR", filepath.Join(c.t.TempDir(), "none")) },
			[]string{"fail  temporary files: no temporary file can be made: "},
		},
		{
			"a Redis that is away", "embedded", healthyToken, healthyBot, func(c *clinic) { c.env["RECADO_REDIS_URL"] = "redis://127.0.0.1:1" },
			[]string{"fail  redis: it takes no jobs: dial tcp 127.0.0.1:1: connect: connection refused; work waits up to a second"},
		},
		{"a Redis that evicts, and has no disk", "embedded", healthyToken, healthyBot, func(c *clinic) {
			server := ownRedis(c.t)
			c.env["RECADO_REDIS_URL"] = "redis://" + server.Options().Addr
			dir := server.ConfigGet(c.t.Context(), "dir").Val()["dir"]
			if err := os.RemoveAll(dir); err != nil {
				c.t.Fatal(err)
			}
			server.Do(c.t.Context(), "CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
			server.Do(c.t.Context(), "CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
			server.BgSave(c.t.Context())
			eventually(c.t, "the save fails", 10*time.Second, func() bool {
				return strings.Contains(server.Info(c.t.Context(), "persistence").Val(), "_status:err")
			})
		}, []string{
			"ok    redis\n", "fail  redis policy: it has maxmemory-policy allkeys-lru and may evict jobs; ",
			"warn  redis persistence: it cannot write to its disk; ",
		}},
		{
			"an address without TLS", "embedded", healthyToken, healthyBot, func(c *clinic) { c.env["RECADO_PUBLIC_URL"] = "http://recado.example" },
			[]string{"fail  public address: http://recado.example is no https URL; messengers deliver webhooks only by https → "},
		},
		{
			"an address that nobody answers, and a webhook that goes elsewhere", "embedded", healthyToken, healthyBot, func(c *clinic) { c.env["RECADO_PUBLIC_URL"] = "https://127.0.0.1:1" },
			[]string{"warn  public address: Get \"https://127.0.0.1:1/v1/openapi.json\": dial tcp", "fail  connection bot-1: the webhook of the bot goes to another URL; "},
		},
		{
			"a bucket that is away", "embedded", healthyToken, healthyBot, func(c *clinic) {
				c.env["RECADO_MEDIA_URL"] = "s3://files/acme?endpoint=http://127.0.0.1:1&region=eu"
				c.env["AWS_ACCESS_KEY_ID"], c.env["AWS_SECRET_ACCESS_KEY"] = "a-key", "hunter2"
			},
			[]string{"fail  files: "},
		},
		{
			"tokens that were revoked", "embedded", "another-token", "2:revoked", func(*clinic) {},
			[]string{
				"fail  connection bot-1: Telegram says: getWebhookInfo: Unauthorized; nothing is sent over it → ",
				"fail  connection waba-1: WhatsApp says: Error validating access token (code 190); nothing is sent over it → ",
			},
		},
		{
			"a CRM that may not be reached", "embedded", healthyToken, healthyBot, func(c *clinic) { delete(c.env, "RECADO_CALLBACK_ALLOW_NETWORKS") },
			[]string{"fail  endpoint crm: address 127.0.0.1 is not allowed (RECADO_CALLBACK_ALLOW_NETWORKS); its events wait"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClinic(t, tt.on)
			c.admit(tt.token, tt.bot)
			tt.spoil(c)
			out, err := c.run("doctor")
			if fails := strings.Contains(strings.Join(tt.want, ""), "fail  "); fails != (err != nil) {
				t.Errorf("it ends with %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("it prints no %q:\n%s", want, out)
				}
			}
			if strings.Contains(out, "hunter2") {
				t.Error("it prints a password")
			}
		})
	}
}

func TestDoctorKnowsHowMuchIsTooMuch(t *testing.T) {
	tests := []struct {
		name  string
		found []finding
		want  level
	}{
		{"clocks that agree", explainClock(time.Second), levelOK},
		{"a clock that is ahead", explainClock(5 * time.Second), levelWarn},
		{"a clock that is far behind", explainClock(-2 * time.Minute), levelFail},
		{"a disk with room", explainDisk("data", 2<<30), levelOK},
		{"a disk with little room", explainDisk("data", 500<<20), levelWarn},
		{"a full disk", explainDisk("data", 3<<20), levelFail},
	}
	for _, tt := range tests {
		got := levelOK
		if len(tt.found) > 0 {
			got = tt.found[0].Level
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestDoctorPrintsJSON(t *testing.T) {
	var found []finding
	c := newClinic(t, "embedded")
	c.env["RECADO_DATA_DIR"] = t.TempDir() // where no database was
	out, err := c.run("doctor", "--json")
	if err == nil {
		err = json.Unmarshal([]byte(out), &found)
	}
	if err != nil || len(found) < 5 || found[1].Check != "database" || found[1].Level != levelWarn || found[1].Do == "" {
		t.Errorf("it prints %s, %v", out, err)
	}
}

// A webhook that is in trouble keeps messages from coming, and none from going.
func TestTheDoctorSaysWhatASignalMeans(t *testing.T) {
	for want, s := range map[string]domain.Signal{
		"warn  connection wa-1: webhooks pile up; messages may not arrive → look at the messenger's own pages":          {Kind: domain.SignalWebhook, Level: domain.LevelWarning, Title: "webhooks pile up"},
		"warn  connection wa-1: FLAGGED; it may soon neither send nor receive → TIER_1K":                                {Kind: domain.SignalQuality, Level: domain.LevelWarning, Title: "FLAGGED", Details: "TIER_1K"},
		"fail  connection wa-1: elsewhere; messages do not arrive, or are not sent → look at the messenger's own pages": {Kind: domain.SignalWebhook, Level: domain.LevelCritical, Title: "elsewhere"},
	} {
		f := explainProblem("wa-1", s)
		f.Check = "connection"
		if got := f.line(); got != want {
			t.Errorf("it says\n%s, want\n%s", got, want)
		}
	}
}
