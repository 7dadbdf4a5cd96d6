package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recado/adapters/porttest"
	"recado/cmd/recado-telegram/dc"
)

// A client writes, an employee answers, the client reads: through Recado as it is shipped,
// the gateway, and Telegram. The gateway is killed once Telegram took the answer, and when
// it is back it does not reach Telegram at first. Meanwhile the employee writes on; every
// message arrives once.
func TestRecadoOverAGatewayThatIsKilled(t *testing.T) {
	t.Parallel()
	telegram := dc.New(t)
	r := newRecado(t)
	gateway := newProcess(t, telegram, r.public, t.TempDir(), "")
	r.declare(gateway.public)
	r.start()
	gateway.start()
	gateway.login()

	telegram.Says("¿Hay hora?", false)
	r.shows("¿Hay hora?", "")

	killed := make(chan struct{})
	telegram.OnCall(func(method string, _ bool) {
		if method == dc.Took {
			telegram.OnCall(nil)
			gateway.kill()
			close(killed)
		}
	})
	r.answers("A las cinco")
	<-killed
	r.answers("¿Le va bien?")
	r.shows("A las cinco", "queued")
	telegram.Cut()
	gateway.start()
	eventually(t, "Recado tries it again and again", func() bool { return strings.Contains(r.log.text(), `"attempt":5`) })
	telegram.Restore()
	r.shows("A las cinco", "sent")
	r.shows("¿Le va bien?", "sent")
	if n := telegram.Messages(); n != 2 {
		t.Errorf("Telegram has %d messages, want 2", n)
	}

	telegram.Reads(100, false)
	r.shows("A las cinco", "read")
	r.shows("¿Le va bien?", "read")
}

// A recado is Recado with its embedded store.
type recado struct{ *process }

const employeeKey = "key-of-ana-in-the-test"

// newRecado builds Recado, and prepares a process of it.
func newRecado(t *testing.T) *recado {
	t.Helper()
	program := filepath.Join(t.TempDir(), "recado")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/recado")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	public, data := porttest.Address(t), t.TempDir()
	p := &process{
		t: t, program: program, file: filepath.Join(data, "recado.yaml"), args: []string{"serve"}, public: "http://" + public, log: &lockedBuffer{},
		env: append(os.Environ(), "RECADO_LISTEN="+public, "RECADO_INTERNAL_LISTEN="+porttest.Address(t), "RECADO_DATA_DIR="+data),
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("Recado's log:\n%s", p.log.text())
		}
	})
	return &recado{p}
}

// declare declares the connection tg-1 over the gateway, and an employee.
func (r *recado) declare(gateway string) {
	r.t.Helper()
	text := fmt.Sprintf(`
companies:
  - id: acme
    name: ACME
    time_zone: Europe/Madrid
    subscriptions: [{id: acme-people, kind: telegram_personal, tariff: estandar, paid_until: 2099-01-01}]
    connections: [{id: tg-1, kind: telegram_personal, token: %q, secret_token: %q, base_url: %q, pace: 20/s}]
    employees: [{id: ana, name: Ana, role: administrator, api_key: %q}]
`, secret, secret, gateway, employeeKey)
	if err := os.WriteFile(r.file, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
	for _, args := range [][]string{{"migrate"}, {"apply", "-f", r.file}} {
		cmd := exec.CommandContext(r.t.Context(), r.program, args...) //nolint:gosec // it was built above
		cmd.Env = r.env
		if out, err := cmd.CombinedOutput(); err != nil {
			r.t.Fatalf("recado %s: %v\n%s", args[0], err, out)
		}
	}
}

// answers sends a text to Ana as the employee does.
func (r *recado) answers(text string) {
	r.t.Helper()
	status, err := r.call(http.MethodPost, "/v1/messages", map[string]any{"connection_id": "tg-1", "peer_id": fmt.Sprint(dc.Ana), "type": "text", "text": text}, nil)
	if err != nil || status != http.StatusAccepted {
		r.t.Fatalf("the answer %q: HTTP status %d, %v", text, status, err)
	}
}

// shows waits until Ana's chat has the text once, with the status; empty: she wrote it.
func (r *recado) shows(text, status string) {
	r.t.Helper()
	eventually(r.t, fmt.Sprintf("Recado shows %q as %q", text, status), func() bool {
		var chats struct {
			Data []struct {
				ID   string
				Peer string `json:"peer_id"`
			}
		}
		if _, err := r.call(http.MethodGet, "/v1/chats?connection=tg-1", nil, &chats); err != nil || len(chats.Data) != 1 || chats.Data[0].Peer != fmt.Sprint(dc.Ana) {
			return false
		}
		var page struct {
			Data []struct{ Text, Status string }
		}
		if _, err := r.call(http.MethodGet, "/v1/chats/"+chats.Data[0].ID+"/messages", nil, &page); err != nil {
			return false
		}
		var found []string
		for _, m := range page.Data {
			if m.Text == text {
				found = append(found, m.Status)
			}
		}
		return slices.Equal(found, []string{status})
	})
}

// call calls Recado's API as the employee.
func (r *recado) call(method, path string, in, out any) (status int, err error) {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return 0, err
		}
	}
	request, err := http.NewRequestWithContext(r.t.Context(), method, r.public+path, &body)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "Bearer "+employeeKey)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if out != nil {
		err = json.NewDecoder(answer.Body).Decode(out)
	}
	return answer.StatusCode, err
}
