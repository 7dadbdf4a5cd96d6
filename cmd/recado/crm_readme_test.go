package main

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The examples of the feed and of replay in the page for CRM developers, as they
// stand there.
func TestTheFeedsExamplesForCRMs(t *testing.T) {
	t.Parallel()
	w, crm := newWorld(t, "embedded"), newCRM(t)
	w.declare("http://127.0.0.1:1", crm.url)
	w.start()
	events := w.example(t, "python3", "feed.py")
	stream := w.example(t, "sh", "stream.sh")
	<-stream // the first comment: it is connected
	clientsWrite(w, 2)
	eventually(t, "the CRM hears of both clients", 10*time.Second, func() bool { return len(crm.heard("acme", 0)) == 2 })
	want := map[string]bool{}
	for _, e := range crm.heard("acme", 0) {
		want[e.ID+" message.created"] = true
	}
	for range want {
		if line := <-events; !want[line] {
			t.Errorf("feed.py prints %q", line)
		}
	}
	for line := range stream {
		if strings.HasPrefix(line, "data: {") {
			break
		}
	}
	replayed := make(chan event, 2)
	crm.onEvent(func(e event) int { replayed <- e; return http.StatusOK })
	if line := <-w.example(t, "sh", "replay.sh"); !strings.Contains(line, `"count":2`) {
		t.Errorf("replay.sh prints %q", line)
	}
	for range want {
		if e := <-replayed; !want[e.ID+" message.created"] {
			t.Errorf("event %s came again", e.ID)
		}
	}
}

// example runs a block of the page until the test ends, and returns the lines that
// it prints.
func (w *world) example(t *testing.T, command, name string) <-chan string {
	t.Helper()
	page, err := os.ReadFile("../../adapters/crm/README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?ms)^```\\w+ " + regexp.QuoteMeta(name) + "$\n(.*?)^```$").FindSubmatch(page)
	if block == nil {
		t.Fatalf("the page has no example %s", name)
	}
	for _, program := range []string{command, "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), block[1], 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), command, name)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "RECADO_URL=http://"+w.public, "RECADO_KEY="+anaKey)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 100)
	go func() {
		defer close(lines)
		for read := bufio.NewScanner(out); read.Scan(); {
			lines <- read.Text()
		}
		_ = cmd.Wait()
	}()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return lines
}
