package main

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"recado/adapters/porttest"
)

// Each line that a serving process writes is JSON, also those of the libraries and
// the last one.
func TestJSONLogsHoldNothingElse(t *testing.T) {
	t.Run("while Redis is away", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "embedded")
		w.env["RECADO_REDIS_URL"] = "redis://" + porttest.Address(t)
		w.start()
		eventually(t, "the log tells of Redis", 10*time.Second, func() bool { return len(w.logLines()) > 5 })
		w.stop()
		w.checkLog("redis")
	})
	t.Run("when the address is taken", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "embedded")
		l, err := net.Listen("tcp", w.public)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		w.launch()
		<-w.ended
		w.checkLog(" is taken: another program listens there")
	})
	t.Run("when the environment is wrong", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, "embedded")
		w.env["RECADO_SECRET_KEY"] = "short"
		w.launch()
		<-w.ended
		w.checkLog("RECADO_SECRET_KEY must be")
	})
}

func (w *world) logLines() (lines []string) {
	w.t.Helper()
	file, err := os.Open(w.log.Name())
	if err != nil {
		w.t.Fatal(err)
	}
	defer file.Close()
	for scan := bufio.NewScanner(file); scan.Scan(); {
		lines = append(lines, scan.Text())
	}
	return lines
}

// checkLog checks that the log is JSON and that a line has the text.
func (w *world) checkLog(text string) {
	w.t.Helper()
	found := false
	for _, line := range w.logLines() {
		if !json.Valid([]byte(line)) {
			w.t.Errorf("a line is no JSON: %s", line)
		}
		found = found || strings.Contains(line, text)
	}
	if !found {
		w.t.Errorf("no line tells of %q", text)
	}
}
