package kit

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const rulesFile = "../prometheus/rules.yml"

// A rule is an alert or a recording.
type rule struct {
	Alert, Record, Expr string
	Labels              struct{ Severity string }
	Annotations         struct{ Summary, Runbook string }
}

func rules(t *testing.T) (all []rule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal(read(t, rulesFile), &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	return all
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// recorded lists what the rules record.
func recorded(t *testing.T) (names []string) {
	for _, r := range rules(t) {
		if r.Record != "" {
			names = append(names, r.Record)
		}
	}
	return names
}

func TestRulesUseMetricsThatExist(t *testing.T) {
	v := NewVocabulary(recorded(t))
	for _, r := range rules(t) {
		if err := v.Check(r.Expr); err != nil {
			t.Errorf("%s%s: %v", r.Alert, r.Record, err)
		}
		if r.Record != "" && !strings.HasPrefix(r.Record, ruleMetric) {
			t.Errorf("%s does not begin with %s", r.Record, ruleMetric)
		}
	}
}

func TestEveryAlertHasASeverityARunbookAndAStory(t *testing.T) {
	sections := string(read(t, "../operations.md"))
	stories := string(read(t, "../prometheus/rules_test.yml")) + string(read(t, "../prometheus/rules_days_test.yml"))
	parts := []string{"- **For clients:**", "- **Look at", "- **Over when:**"}
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		if !slices.Contains([]string{"page", "ticket"}, r.Labels.Severity) {
			t.Errorf("%s has the severity %q", r.Alert, r.Labels.Severity)
		}
		if want := "deploy/operations.md#" + strings.ToLower(r.Alert); r.Annotations.Runbook != want {
			t.Errorf("%s leads to %s, not to %s", r.Alert, r.Annotations.Runbook, want)
		}
		_, section, found := strings.Cut(sections, "\n### "+r.Alert+"\n")
		section, _, _ = strings.Cut(section, "\n#")
		for _, part := range parts {
			if !found || !strings.Contains(section, part) {
				t.Errorf("the section of %s lacks %s", r.Alert, part)
			}
		}
		if fires := "alertname: " + r.Alert + "\n        exp_alerts:"; !strings.Contains(stories, fires) {
			t.Errorf("%s fires in no story", r.Alert)
		}
	}
}

func TestSectionsAreOfAlertsThatExist(t *testing.T) {
	var names []string
	for _, r := range rules(t) {
		names = append(names, r.Alert)
	}
	for line := range strings.Lines(string(read(t, "../operations.md"))) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "### Recado"); ok && !slices.Contains(names, "Recado"+name) {
			t.Errorf("there is no alert Recado%s", name)
		}
	}
}

// Prometheus' own program tells the stories.
func TestPromtool(t *testing.T) {
	promtool := program(t, "promtool")
	for _, args := range [][]string{
		{"check", "rules", "rules.yml"},
		{"check", "config", "prometheus.yml"},
		{"check", "config", "local.yml"},
		{"test", "rules", "rules_test.yml", "rules_days_test.yml"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), promtool, args...)
			cmd.Dir = filepath.Dir(rulesFile)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// What scrapes a Recado on the same host finds it where it is by default, and leaves it
// its port.
func TestPrometheusOnOneHostFindsRecado(t *testing.T) {
	const internal = "127.0.0.1:9090"
	if config := string(read(t, "../../cmd/recado/config.go")); !strings.Contains(config, `name: "RECADO_INTERNAL_LISTEN", fallback: "`+internal+`"`) {
		t.Fatalf("Recado's metrics are no longer at %s", internal)
	}
	local := string(read(t, "../prometheus/local.yml"))
	if !strings.Contains(local, `targets: ["`+internal+`"]`) || !strings.Contains(local, "--web.listen-address=127.0.0.1:9091") {
		t.Errorf("local.yml does not scrape %s from another port", internal)
	}
}

// program finds a program. Without it, it skips the test, or fails it in CI.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skipf("%v: see deploy/services", err)
	}
	return path
}
