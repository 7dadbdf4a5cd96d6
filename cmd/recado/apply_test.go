package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"recado/adapters/declaration"
	"recado/adapters/messenger/waba/wabatest"
	"recado/adapters/porttest"
	"recado/domain"
)

// A registrar is a store whose Declare is a function.
type registrar func(dryRun bool) ([]string, error)

func (r registrar) Declare(_ context.Context, _ domain.Registry, dryRun bool) ([]string, error) {
	return r(dryRun)
}

func TestDeclarePrintsWhatChanges(t *testing.T) {
	errHook := errors.New("hook earlier does not exist")
	tests := []struct {
		name   string
		lines  []string
		err    error
		dryRun bool
		want   string
	}{
		{"a line each", []string{"+ connection waba-1", "~ endpoint crm: url"}, nil, false, "+ connection waba-1\n~ endpoint crm: url\n"},
		{"the same in a dry run", []string{"+ connection waba-1"}, nil, true, "+ connection waba-1\n"},
		{"a file that was applied before", nil, nil, false, "no changes\n"},
		{"what the store refuses", nil, errHook, false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := registrar(func(dryRun bool) ([]string, error) {
				if dryRun != tt.dryRun {
					t.Errorf("dry run %t, want %t", dryRun, tt.dryRun)
				}
				return tt.lines, tt.err
			})
			var printed bytes.Buffer
			if err := declare(t.Context(), store, domain.Registry{}, tt.dryRun, &printed); !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			if got := printed.String(); got != tt.want {
				t.Errorf("printed %q, want %q", got, tt.want)
			}
		})
	}
}

// Before something ends an operator sees what, and says yes.
func TestApplyAsksBeforeSomethingEnds(t *testing.T) {
	lines := []string{"- connection waba-1: its chats stay with company acme", "~ company acme: name", "- hook old"}
	tests := []struct {
		name, answer string
		lines        []string
		err, want    string
	}{
		{"yes", "y\n", lines, "", "- connection waba-1: its chats stay with company acme\n- hook old\nThese 2 will be ended. Continue? [y/N] \n"},
		{"no", "n\n", lines, "nothing was changed; answer y, or add --yes", "- connection waba-1: its chats stay with company acme\n- hook old\nThese 2 will be ended. Continue? [y/N] \n"},
		{"nobody there to answer", "", lines, "nothing was changed; answer y, or add --yes", "- connection waba-1: its chats stay with company acme\n- hook old\nThese 2 will be ended. Continue? [y/N] \n"},
		{"nothing ends", "", lines[1:2], "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var printed bytes.Buffer
			store := registrar(func(dryRun bool) ([]string, error) {
				if !dryRun {
					t.Error("changed before the answer")
				}
				return tt.lines, nil
			})
			said := ""
			if err := confirmEnds(t.Context(), store, domain.Registry{}, environment{stdin: strings.NewReader(tt.answer), stdout: &printed}); err != nil {
				said = err.Error()
			}
			if said != tt.err || printed.String() != tt.want {
				t.Errorf("printed %q, error %q; want %q, error %q", &printed, said, tt.want, tt.err)
			}
		})
	}
}

func TestApplyReportsMistakesOfTheEnvironmentAndOfTheFileTogether(t *testing.T) {
	err := run(t.Context(), []string{"apply", "-f", "testdata/mistake.yaml"}, environ(goodBut("RECADO_LOG_LEVEL=loud")), new(bytes.Buffer), new(bytes.Buffer))
	want := "RECADO_LOG_LEVEL must be debug, info, warn or error\n" +
		"testdata/mistake.yaml:2: the key company is unknown; the keys here are hooks, companies"
	if err == nil || strings.TrimSpace(err.Error()) != want {
		t.Errorf("error:\n%v, want\n%s", err, want)
	}
}

// The example says in its head what its values need.
func TestTheExampleNamesItsVariables(t *testing.T) {
	text, err := os.ReadFile("../../deploy/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(text), "\nhooks:")
	for _, match := range regexp.MustCompile(`\$\{([A-Z_]+)\}`).FindAllStringSubmatch(body, -1) {
		if !strings.Contains(head, " "+match[1]+"=") {
			t.Errorf("it does not say how %s is set", match[1])
		}
	}
}

func TestTheExampleReads(t *testing.T) {
	const path = "../../deploy/example.yaml"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	set := func(name string) string { // a value of the right form
		if strings.HasSuffix(name, "_URL") {
			return "https://host.example/path"
		}
		sum := sha256.Sum256([]byte(name))
		return "whsec_" + base64.StdEncoding.EncodeToString(sum[:])
	}
	if _, err := declaration.Read(path, data, set, connectors(Config{})); err != nil {
		t.Error(err)
	}
}

// What the file no longer names ends in the running installation.
func TestApplyPruneEndsWhatTheFileDoesNotName(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, on)
			w.declare("http://"+porttest.Address(t), "http://"+porttest.Address(t))
			rest := filepath.Join(t.TempDir(), "rest.yaml")
			err := os.WriteFile(rest, []byte(fmt.Sprintf(`
companies:
  - id: zeta
    name: Zeta
    time_zone: Europe/Madrid
    employees: [{id: zoe, name: Zoe, role: owner, api_key: %q}]
`, zoeKey)), 0o600)
			if err != nil {
				t.Fatal(err)
			}
			w.start()
			if status := w.post(textBody("106540352242922", "16505551234", "Hola")); status != http.StatusOK {
				t.Fatalf("before: the webhook is answered %d", status)
			}
			if _, err := w.aside("apply", "-f", rest, "--prune"); err == nil {
				t.Error("it ends things without an answer")
			}
			printed, err := w.aside("apply", "-f", rest, "--prune", "--yes")
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"- company acme: its chats and messages are erased", "- connection waba-2", "- endpoint zeta-crm", "- hook meta"} {
				if !strings.Contains(printed, want) {
					t.Errorf("it prints nothing of %q:\n%s", want, printed)
				}
			}
			body := textBody("106540352242922", "16505551234", "¿Hola?")
			never := w.postSigned("/webhooks/waba/never-declared", wabatest.Sign(appSecret, body), body)
			if status := w.post(body); status != never || status == http.StatusOK {
				t.Errorf("a webhook that still comes is answered %d; one for a hook that never was, %d", status, never)
			}
			for key, want := range map[string]int{anaKey: http.StatusUnauthorized, zoeKey: http.StatusOK} {
				if status, err := w.call(key, http.MethodGet, "/v1/connections", nil, nil); err != nil || status != want {
					t.Errorf("the call of %s is answered %d, %v; want %d", key, status, err, want)
				}
			}
			if printed, err := w.aside("apply", "-f", rest, "--prune"); err != nil || printed != "no changes\n" {
				t.Errorf("once more: %s, %v", printed, err)
			}
		})
	}
}
