package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"recado/adapters/messenger/waba/wabatest"
)

// A fault is something that goes wrong in a night.
type fault struct {
	name   string
	inject func()
	alerts []string // whose expressions become true, on a real Prometheus
	says   string   // a part of the log that names the cause
}

// What goes wrong in a night moves a metric, makes the expressions of exactly the
// right alerts true, and is named in the log. See "The night" in operations.md.
func TestTheNight(t *testing.T) {
	crm, meta := newCRM(t), httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"error":{"message":"Error validating access token","code":190}}`)
	}))
	defer meta.Close()
	w, redis := newWorld(t, "embedded"), ownRedis(t)
	w.env["RECADO_REDIS_URL"] = "redis://" + redis.Options().Addr
	w.declare(meta.URL, crm.url)
	w.start()
	night := newNight(t, w.private)

	faults := []fault{
		{"a stranger posts webhooks", func() {
			for range 200 {
				w.postSigned("/webhooks/waba/meta", wabatest.Sign("another secret", []byte("{}")), []byte("{}"))
			}
		}, []string{"RecadoForgedWebhooks"}, ""},
		{"a webhook for a number that nobody declared", func() {
			w.post(textBody("999", "16505551234", "1"))
		}, []string{"RecadoParked"}, ""},
		{"the CRM says that it is gone", func() {
			crm.onEvent(func(event) int { return http.StatusGone })
			w.post(textBody("106540352242922", "34600000001", "2"))
		}, []string{"RecadoEndpointDisabled"}, "endpoint status changed"},
		{"Meta revokes the token", func() {
			status, err := w.call(anaKey, http.MethodPost, "/v1/messages", map[string]any{
				"connection_id": "waba-1", "peer_id": "34600000001", "type": "text", "text": "Hola",
			}, nil)
			if err != nil || status != http.StatusAccepted {
				t.Fatalf("the message is answered %d, %v", status, err)
			}
		}, []string{"RecadoConnectionSuspended"}, "send failed"},
		{"Redis gets another policy", func() {
			redis.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru")
		}, []string{"RecadoRedisEvicts"}, ""},
		{"Redis becomes a replica, and takes nothing", func() {
			redis.ConfigSet(t.Context(), "maxmemory-policy", "noeviction")
			redis.Do(t.Context(), "REPLICAOF", "127.0.0.1", "1")
		}, []string{"RecadoRedisAway"}, "READONLY"},
	}
	w.post(textBody("106540352242922", "34600000001", "0"))
	eventually(t, "the CRM hears of a client", 20*time.Second, func() bool { return len(crm.heard("acme", 0)) > 0 })
	night.expect("an evening without faults", nil, nil)
	var before []string
	for _, f := range faults {
		f.inject()
		before = night.expect(f.name, before, f.alerts)
		if log, err := os.ReadFile(w.log.Name()); err != nil || !strings.Contains(string(log), f.says) {
			t.Errorf("%s: the log says nothing of %q, %v", f.name, f.says, err)
		}
	}
	night.fillsDashboards()
}

// A night is a Prometheus that scrapes the program, and the alerts.
type night struct {
	t      *testing.T
	url    string
	alerts map[string]string // their expressions
}

// newNight starts a Prometheus with the rules of deploy/prometheus, at the pace of a test.
func newNight(t *testing.T, target string) *night {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("%v: see deploy/services", err)
	}
	rules, err := filepath.Abs("../../deploy/prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	dir, addr := t.TempDir(), freeAddress(t)
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf(`
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs:
  - job_name: recado
    static_configs: [{targets: [%q]}]
`, rules, target)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	n := &night{t, "http://" + addr, map[string]string{}}
	var file struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	data, err := os.ReadFile(rules)
	if err == nil {
		err = yaml.Unmarshal(data, &file)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			if r.Alert != "" && !slices.Contains(ofSpeed, r.Alert) {
				n.alerts[r.Alert] = r.Expr
			}
		}
	}
	eventually(t, "Prometheus has scraped the program", 30*time.Second, func() bool { return n.holds("up == 1") && n.holds("recado_redis_up == 1") })
	return n
}

// ofSpeed are the alerts that a busy machine alone may cause.
var ofSpeed = []string{
	"RecadoStoreSlow", "RecadoWebhookBudgetBurnsFast", "RecadoWebhookBudgetBurns", "RecadoCallbackBudgetBurnsFast",
	"RecadoCallbackBudgetBurns", "RecadoCallbacksLate", "RecadoInboxNotDraining",
}

// holds reports whether an expression finds something now.
func (n *night) holds(expr string) bool {
	found, err := n.query(expr)
	return err == nil && found > 0
}

// query asks Prometheus, and returns how many series it finds.
func (n *night) query(expr string) (found int, err error) {
	answer, err := client.Get(n.url + "/api/v1/query?query=" + url.QueryEscape(expr))
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var said struct {
		Error string
		Data  struct{ Result []any }
	}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		return 0, err
	}
	if said.Error != "" {
		return 0, errors.New(said.Error)
	}
	return len(said.Data.Result), nil
}

// fillsDashboards asks every question of every dashboard. It wants an answer unless
// the question looks back for days, or leaves out what is zero.
func (n *night) fillsDashboards() {
	n.t.Helper()
	files, err := filepath.Glob("../../deploy/grafana/*.json")
	if err != nil || len(files) == 0 {
		n.t.Fatalf("there is no dashboard, %v", err)
	}
	for _, file := range files {
		var dashboard struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr string }
			}
		}
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, &dashboard)
		}
		if err != nil {
			n.t.Fatal(err)
		}
		for _, panel := range dashboard.Panels {
			for _, target := range panel.Targets {
				mayBeEmpty := strings.Contains(target.Expr, "[3d:") || strings.HasSuffix(target.Expr, "> 0")
				if found, err := n.query(target.Expr); err != nil || found == 0 && !mayBeEmpty {
					n.t.Errorf("%s, %s: %d series, %v: %s", filepath.Base(file), panel.Title, found, err, target.Expr)
				}
			}
		}
	}
}

// firing lists the alerts whose expressions hold.
func (n *night) firing() (names []string) {
	for name, expr := range n.alerts {
		if n.holds(expr) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// expect waits until the new alerts hold, and wants no others but those that held
// before. It returns those that hold.
func (n *night) expect(what string, before, alerts []string) []string {
	n.t.Helper()
	eventually(n.t, what+" makes the alerts true", 40*time.Second, func() bool {
		now := n.firing()
		return !slices.ContainsFunc(alerts, func(a string) bool { return !slices.Contains(now, a) })
	})
	now := n.firing()
	for _, a := range now {
		if !slices.Contains(alerts, a) && !slices.Contains(before, a) {
			n.t.Errorf("%s makes %s true, too", what, a)
		}
	}
	return now
}
