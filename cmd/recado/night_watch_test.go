package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"recado/adapters/porttest"
)

// A watch is a real Prometheus that scrapes several processes and evaluates the rules
// of deploy/prometheus. Its minute is a second: ranges of a minute last a second, and
// no alert waits before it fires.
type watch struct {
	t   *testing.T
	url string
}

// ofSpeed are the alerts that a busy machine alone may cause.
var ofSpeed = []string{
	"RecadoDown", "RecadoStoreSlow", "RecadoWebhookBudgetBurnsFast", "RecadoWebhookBudgetBurns", "RecadoCallbackBudgetBurnsFast", "RecadoCallbackBudgetBurns",
}

// newWatch starts a Prometheus, and waits until it has scraped all targets.
func newWatch(t *testing.T, targets ...string) *watch {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("%v: see deploy/services", err)
	}
	text, err := os.ReadFile("../../deploy/prometheus/rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	rules, dir, addr := written(t, hurried(string(text))), t.TempDir(), porttest.Address(t)
	config := written(t, fmt.Sprintf(`
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 500ms}
rule_files: [%q]
scrape_configs:
  - job_name: recado
    static_configs: [{targets: ["%s"]}]
`, rules, strings.Join(targets, `", "`)))
	cmd := exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+addr)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	w := &watch{t, "http://" + addr}
	w.until("Prometheus has scraped every process", 30*time.Second, func() bool {
		return w.series("up == 1") == len(targets) && w.series("recado_redis_up == 1") == len(targets)
	})
	return w
}

var (
	minutes = regexp.MustCompile(`\[(\d+)([mh])\]`)
	waits   = regexp.MustCompile(`(?m)^ +for: .*\n`)
)

// hurried makes each minute of the rules a second.
func hurried(rules string) string {
	return minutes.ReplaceAllStringFunc(waits.ReplaceAllString(rules, ""), func(window string) string {
		parts := minutes.FindStringSubmatch(window)
		n, _ := strconv.Atoi(parts[1]) // digits
		if parts[2] == "h" {
			n *= 60
		}
		return fmt.Sprintf("[%ds]", n)
	})
}

// until waits for a condition at the pace at which Prometheus evaluates its rules.
func (w *watch) until(what string, within time.Duration, holds func() bool) {
	w.t.Helper()
	for late := time.Now().Add(within); !holds(); <-time.After(250 * time.Millisecond) {
		if time.Now().After(late) {
			w.t.Fatalf("after %v it is not true that %s; these alerts fire: %v", within, what, w.firing())
		}
	}
}

// get asks Prometheus, and decodes the data of its answer.
func (w *watch) get(path string, data any) error {
	answer, err := client.Get(w.url + path)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said := struct {
		Error string
		Data  any
	}{Data: data}
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		return err
	}
	if said.Error != "" {
		return errors.New(said.Error)
	}
	return nil
}

// query returns how many series an expression finds.
func (w *watch) query(expr string) (int, error) {
	var data struct{ Result []any }
	err := w.get("/api/v1/query?query="+url.QueryEscape(expr), &data)
	return len(data.Result), err
}

func (w *watch) series(expr string) int {
	found, err := w.query(expr)
	if err != nil {
		return -1 // Prometheus is starting
	}
	return found
}

// firing lists the alerts that fire, in the order of their names.
func (w *watch) firing() (names []string) {
	var data struct {
		Alerts []struct {
			State  string
			Labels struct{ Alertname string }
		}
	}
	if err := w.get("/api/v1/alerts", &data); err != nil {
		w.t.Fatal(err)
	}
	for _, a := range data.Alerts {
		if a.State == "firing" {
			names = append(names, a.Labels.Alertname)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// endOf waits until none of the alerts fires, and returns those that do.
func (w *watch) endOf(alerts []string) (firing []string) {
	w.t.Helper()
	w.until(fmt.Sprintf("%v are over", alerts), time.Minute, func() bool {
		firing = w.firing()
		return !slices.ContainsFunc(firing, func(a string) bool { return slices.Contains(alerts, a) })
	})
	return firing
}

// fires waits until the alerts fire and the expression finds something. On the way it
// wants no other alert but those that may.
func (w *watch) fires(alerts, may []string, moves string) {
	w.t.Helper()
	may = slices.Concat(alerts, may, ofSpeed)
	w.until(fmt.Sprintf("%v fire and %s", alerts, moves), time.Minute, func() bool {
		firing := w.firing()
		for _, a := range firing {
			if !slices.Contains(may, a) {
				w.t.Errorf("%s fires, too", a)
			}
		}
		missing := slices.DeleteFunc(slices.Clone(alerts), func(a string) bool { return slices.Contains(firing, a) })
		return len(missing) == 0 && w.series(moves) > 0
	})
}

// fillsDashboards asks every question of every dashboard. It wants an answer unless
// the question looks back for days, or leaves out what is zero.
func (w *watch) fillsDashboards() {
	w.t.Helper()
	files, err := filepath.Glob("../../deploy/grafana/*.json")
	if err != nil || len(files) == 0 {
		w.t.Fatalf("there is no dashboard, %v", err)
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
			w.t.Fatal(err)
		}
		for _, panel := range dashboard.Panels {
			for _, target := range panel.Targets {
				mayBeEmpty := strings.Contains(target.Expr, "[3d:") || strings.HasSuffix(target.Expr, "> 0")
				if found, err := w.query(target.Expr); err != nil || found == 0 && !mayBeEmpty {
					w.t.Errorf("%s, %s: %d series, %v: %s", filepath.Base(file), panel.Title, found, err, target.Expr)
				}
			}
		}
	}
}
