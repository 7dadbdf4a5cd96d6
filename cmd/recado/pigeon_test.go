package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/pigeontest"
	"recado/adapters/messenger/pigeontest/pigeonplay"
	"recado/adapters/porttest"
	"recado/domain"
)

// addPigeons is all that a new messenger needs outside its folder: its row in the
// table of traits, and a line in the map. It is called before main, in a process
// of its own, so that no other test sees pigeons.
func addPigeons() {
	domain.Messengers = append(domain.Messengers, pigeontest.Traits)
	messengers[pigeontest.Kind] = messenger{func(c *http.Client, _ Config) domain.Connector { return pigeontest.New(c) }, pigeonplay.Player{}}
}

// A program with pigeons receives, answers and is simulated over them, and shows
// them in its OpenAPI document and its metrics.
func TestANewMessengerIsAFolderAndALine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "embedded")
	w.env["RECADO_TEST_PIGEONS"] = "1"
	loft := porttest.Address(t)
	file := written(t, fmt.Sprintf(`
companies:
  - id: acme
    name: ACME
    time_zone: America/Mexico_City
    subscriptions: [{id: acme-pigeons, kind: pigeon, tariff: estandar, paid_until: 2099-01-01}]
    connections: [{id: pigeon-1, kind: pigeon, token: a-token, base_url: "http://%s/loft"}]
    employees: [{id: ana, name: Ana, role: administrator, api_key: %q}]
`, loft, anaKey))
	if text, err := w.child("apply", "-f", file).CombinedOutput(); err != nil {
		t.Fatalf("recado apply: %v: %s", err, text)
	}
	w.start()
	simulator := w.child("simulate", "-f", file, "--recado=http://"+w.public, "--listen="+loft, "--pace=300ms", "--steady")
	simulator.Stdout, simulator.Stderr = w.log, w.log
	if err := simulator.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = simulator.Process.Kill()
		_ = simulator.Wait() // it was killed
	}()

	var chats struct {
		Data []struct {
			ID   string
			Kind string
			Peer string `json:"peer_id"`
		}
	}
	eventually(t, "a pigeon arrived in a chat", 20*time.Second, func() bool {
		status, err := w.call(anaKey, http.MethodGet, "/v1/chats", nil, &chats)
		return err == nil && status == http.StatusOK && len(chats.Data) == 1
	})
	if c := chats.Data[0]; c.Kind != "pigeon" || c.Peer != "roost-7" {
		t.Errorf("the chat is %+v", c)
	}

	var message struct{ ID, Status string }
	text := map[string]string{"chat_id": chats.Data[0].ID, "type": "text", "text": "Coo"}
	if status, err := w.call(anaKey, http.MethodPost, "/v1/messages", text, &message); err != nil || status != http.StatusAccepted {
		t.Fatalf("sending a text: status %d, %v", status, err)
	}
	eventually(t, "the answer is delivered", 20*time.Second, func() bool {
		_, err := w.call(anaKey, http.MethodGet, "/v1/messages/"+message.ID, nil, &message)
		return err == nil && message.Status == string(domain.Delivered)
	})
	var problem struct{ Code string }
	template := map[string]any{"chat_id": chats.Data[0].ID, "type": "template", "template": map[string]string{"name": "coo", "language": "es"}}
	if _, err := w.call(anaKey, http.MethodPost, "/v1/messages", template, &problem); err != nil || problem.Code != domain.ErrUnsupportedType.Error() {
		t.Errorf("a template gives the problem %q, %v; pigeons carry texts only", problem.Code, err)
	}

	if document := get(t, "http://"+w.public+"/v1/openapi.json"); !strings.Contains(document, `"telegram_bot","pigeon"`) {
		t.Error("the OpenAPI document lists no pigeon among the kinds")
	}
	metrics := get(t, "http://"+w.private+"/metrics")
	for _, want := range []string{`recado_updates_total{kind="pigeon",outcome="applied"}`, `recado_connections{kind="pigeon",status="ok"} 1`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	shown, err := w.child("simulate", "--help").CombinedOutput()
	if err != nil || !strings.Contains(string(shown), "Loft: no such roost") {
		t.Errorf("recado simulate --help: %v: %s", err, shown)
	}
}

// child makes a subcommand that runs in a process of its own.
func (w *world) child(args ...string) *exec.Cmd {
	c := exec.Command(w.program, args...)
	c.Env = append(os.Environ(), "RECADO_TEST_IS_PROGRAM=1")
	for name, value := range w.env {
		c.Env = append(c.Env, name+"="+value)
	}
	return c
}

func get(t *testing.T, url string) string {
	t.Helper()
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
