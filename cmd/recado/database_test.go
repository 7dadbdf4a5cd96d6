package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// onCluster is a world whose database is the test's own.
func onCluster(t *testing.T, c *cluster, crm string) *world {
	t.Helper()
	w := newWorld(t, "postgres and redis")
	w.env["RECADO_DATABASE_URL"] = c.url
	w.declare("http://127.0.0.1:1", crm)
	w.start()
	return w
}

// texts lists the texts of the messages that the CRM of acme heard of.
func (c *fakeCRM) texts() map[string]int {
	texts := map[string]int{}
	for _, e := range c.heard("acme", 0) {
		if e.Type == "message.created" {
			texts[e.Data.Message.Text]++
		}
	}
	return texts
}

// newClock returns what sets the clock of a server with that environment, at first to
// the right time.
func newClock(t *testing.T) (set func(offset string), env []string) {
	t.Helper()
	clock := filepath.Join(t.TempDir(), "clock") // libfaketime reads it again and again
	set = func(offset string) {
		if err := os.WriteFile(clock+".new", []byte(offset), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(clock+".new", clock); err != nil {
			t.Fatal(err)
		}
	}
	set("+0")
	for dir := filepath.Dir(clock); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil { // Postgres is another user
			t.Fatal(err)
		}
	}
	return set, []string{
		"LD_PRELOAD=" + fromServices(t, "TEST_FAKETIME"), "FAKETIME_TIMESTAMP_FILE=" + clock,
		"FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1",
	}
}

// What a process held that died an hour "later" is free as soon as after any other death.
func TestADatabaseWhoseClockIsSetBackHoldsNothingUp(t *testing.T) {
	t.Parallel()
	setClock, env := newClock(t)
	database := newCluster(t, nil, env...)
	crm := newCRM(t)
	w := onCluster(t, database, crm.url)

	died := make(chan struct{})
	called := make(chan struct{}, 100)
	crm.onEvent(func(e event) int { // the call is under way when the process dies
		called <- struct{}{}
		<-died
		return http.StatusOK
	})
	if status := w.post(textBody("106540352242922", "79990000001", "before")); status != http.StatusOK {
		t.Fatalf("answered %d", status)
	}
	<-called
	w.kill()
	close(died)
	crm.onEvent(nil)
	setClock("-1h")
	w.start()
	if status := w.post(textBody("106540352242922", "79990000002", "after")); status != http.StatusOK {
		t.Fatalf("answered %d", status)
	}
	eventually(t, "the CRM hears of both messages", 15*time.Second, func() bool {
		texts := crm.texts()
		return texts["before"] == 1 && texts["after"] == 1
	})
	log, err := os.ReadFile(w.log.Name())
	if err != nil || !strings.Contains(string(log), "the database's clock was set back") {
		t.Errorf("no warning names the step of the clock: %v", err)
	}
}

// While the disk of the database is full, webhooks are refused and the program says
// why. What it took before is not lost, and it goes on by itself.
func TestADatabaseWithoutSpaceLosesNothing(t *testing.T) {
	t.Parallel()
	var disk string
	database := newCluster(t, func(data string) {
		disk = data
		mountDisk(t, data, "96m")
	})
	crm := newCRM(t)
	w := onCluster(t, database, crm.url)
	ballast := filepath.Join(disk, "ballast")
	_ = os.WriteFile(ballast, make([]byte, 128<<20), 0o600) // as much as fits

	taken := map[string]bool{}
	refused := false
	for i := 0; !refused; i++ {
		text := fmt.Sprint("message-", i, "-", strings.Repeat("x", 3000))
		switch status := w.post(textBody("106540352242922", fmt.Sprint(79990000000+i), text)); status {
		case http.StatusOK:
			taken[text] = true
		case http.StatusServiceUnavailable:
			refused = true
		default:
			t.Fatalf("webhook %d is answered %d", i, status)
		}
	}
	w.answers(http.StatusServiceUnavailable, "No space left")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	w.answers(http.StatusOK, "database: ok")
	if status := w.post(textBody("106540352242922", "79990000009", "last")); status != http.StatusOK {
		t.Fatalf("afterwards a webhook is answered %d", status)
	}
	taken["last"] = true
	eventually(t, "the CRM hears of all that was taken", time.Minute, func() bool { return len(crm.texts()) == len(taken) })
	for text, n := range crm.texts() {
		if !taken[text] || n != 1 {
			t.Errorf("the CRM heard %d times of %.20s", n, text)
		}
	}
}
