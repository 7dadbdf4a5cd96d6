package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/declaration"
	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// A file that can be played, but for what a test puts in place of the hooks.
const playable = `
hooks: [%s]
companies:
  - id: acme
    name: ACME
    time_zone: America/Mexico_City
    subscriptions:
      - {id: acme-waba, kind: waba, tariff: estandar, paid_until: 2099-12-31}
      - {id: acme-bots, kind: telegram_bot, tariff: estandar, paid_until: 2099-12-31}
    connections:
      - {id: waba-1, kind: waba, hook: meta, phone_number_id: "106540352242922", access_token: a-token, base_url: "http://127.0.0.1:8090/meta/v23.0"}
      - {id: bot-1, kind: telegram_bot, token: "110201543:AAHdqT", secret_token: secret-of_acme}
`

const playableHook = `{id: meta, kind: waba, app_secret: a-secret, verify_token: a-token}`

func TestSimulateTakesTheConnectionsOfAFile(t *testing.T) {
	r, err := declaration.Read("acme.yaml", fmt.Appendf(nil, playable, playableHook), environ(nil), connectors(Config{}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&simulateCmd{Recado: "http://recado", Seed: 7, Pace: time.Second, Crowd: 3, Steady: true}).config(r)
	want := simulator.Config{
		Seed: 7, Recado: "http://recado", Pace: time.Second, Crowd: 3, Steady: true,
		Players: players(),
		Connections: []simulator.Connection{
			{
				Connection: domain.Connection{ID: "waba-1", Company: "acme", Kind: domain.WABA, Hook: "meta", Account: "106540352242922", Settings: domain.Settings{
					"phone_number_id": "106540352242922", "access_token": "a-token", "base_url": "http://127.0.0.1:8090/meta/v23.0",
				}},
				HookSecrets: domain.Settings{"app_secret": "a-secret", "verify_token": "a-token"},
			},
			{
				Connection: domain.Connection{ID: "bot-1", Company: "acme", Kind: domain.TelegramBot, Hook: "bot-1", Settings: domain.Settings{
					"token": "110201543:AAHdqT", "secret_token": "secret-of_acme",
				}},
				HookSecrets: domain.Settings{"token": "110201543:AAHdqT", "secret_token": "secret-of_acme"},
			},
		},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v, config (-want +got):\n%s", err, diff)
	}
}

func TestSimulateRefuses(t *testing.T) {
	tests := []struct {
		name, file string
		args       []string
		want       string
	}{
		{"a hook that is elsewhere", fmt.Sprintf(playable, ""), nil, "connection waba-1: its hook meta is not in the file"},
		{"a file without connections", "hooks: []\n", nil, "the file has no connection that can be simulated"},
		{"an address that is none", "hooks: []\n", []string{"--recado=recado:8080"}, "--recado must be an http or https URL without user, query and fragment"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := run(t.Context(), append([]string{"simulate", "-f", written(t, tt.file)}, tt.args...), environ(nil), io.Discard, io.Discard)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

// Until it is stopped it prints a line for each thing that happens.
func TestSimulatePrintsWhatHappens(t *testing.T) {
	hooks := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer hooks.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	printed, screen := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		args := []string{
			"simulate", "-f", written(t, fmt.Sprintf(playable, playableHook)),
			"--recado", hooks.URL, "--listen=127.0.0.1:0", "--seed=7", "--pace=1ms",
		}
		ended <- run(ctx, args, environ(nil), screen, io.Discard)
		screen.Close()
	}()
	var text strings.Builder
	for buffer := make([]byte, 1<<10); strings.Count(text.String(), "\n") < 20; {
		n, err := printed.Read(buffer)
		text.Write(buffer[:n])
		if err != nil {
			t.Fatalf("%v after\n%s", err, &text)
		}
	}
	stop()
	go func() { _, _ = io.Copy(io.Discard, printed) }() // until it is closed
	if err := <-ended; err != nil {
		t.Error(err)
	}
	lines := strings.Split(text.String(), "\n")
	if want := "connection bot-1 has no base_url: Recado sends its messages to the messenger itself, not here"; lines[0] != want {
		t.Errorf("the first line is %q, want %q", lines[0], want)
	}
	if !strings.HasPrefix(lines[1], "simulating ") || !strings.Contains(lines[1], "Meta at http://127.0.0.1:") || !strings.HasSuffix(lines[1], "; seed 7") {
		t.Errorf("the second line is %q", lines[1])
	}
	for _, secret := range []string{"a-secret", "AAHdqT", "secret-of_acme"} {
		if strings.Contains(text.String(), secret) {
			t.Errorf("it prints the secret %s", secret)
		}
	}
}

// written writes a file of the test.
func written(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "recado.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
