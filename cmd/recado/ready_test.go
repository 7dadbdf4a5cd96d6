package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"recado/adapters/porttest"
	"recado/adapters/store/spool"
)

// soon is how long what operators ask for may take, whatever hangs.
const soon = 2 * time.Second

// get asks the internal listener.
func (w *world) get(path string) (status int, text string) {
	w.t.Helper()
	begun := time.Now()
	answer, err := client.Get("http://" + w.private + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if took := time.Since(begun); took > soon {
		w.t.Errorf("%s took %v", path, took)
	}
	return answer.StatusCode, string(body)
}

// answers waits until the status of /readyz and a part of its text are wanted.
func (w *world) answers(status int, part string) {
	w.t.Helper()
	eventually(w.t, "/readyz says "+part, 10*time.Second, func() bool {
		got, text := w.get("/readyz")
		return got == status && strings.Contains(text, part)
	})
}

// refusesToStart starts the program, which must end with the words.
func (w *world) refusesToStart(words string) {
	w.t.Helper()
	if w.process != nil {
		w.kill()
	}
	_, err := w.run("serve")
	if err == nil || !strings.Contains(err.Error(), words) {
		w.t.Errorf("serve ends with %v, want %q", err, words)
	}
}

func TestReadyMeansThatTheDatabaseTakesWhatComes(t *testing.T) {
	w := newWorld(t, "postgres and redis")
	database := createDatabase(t) // which no other test can use
	t.Cleanup(func() { dropDatabase(t, database) })
	w.env["RECADO_DATABASE_URL"] = database
	w.declare("http://127.0.0.1:1", "http://127.0.0.1:1")
	w.start()
	w.answers(http.StatusOK, "database: ok")
	u := parsed(t, database)
	admin := os.Getenv("TEST_DATABASE_URL")
	disconnect := `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`

	execSQL(t, admin, "ALTER DATABASE "+u.Path[1:]+" SET default_transaction_read_only = on")
	execSQL(t, admin, disconnect, u.Path[1:])
	w.answers(http.StatusServiceUnavailable, "read-only")
	execSQL(t, admin, "ALTER DATABASE "+u.Path[1:]+" RESET default_transaction_read_only")
	execSQL(t, admin, disconnect, u.Path[1:])
	w.answers(http.StatusOK, "database: ok")

	execSQL(t, database, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (90000, true)")
	w.answers(http.StatusServiceUnavailable, "newer than this program's")
	w.refusesToStart("newer than this program's")
}

func TestReadyMeansThatTheDiskTakesWhatComes(t *testing.T) {
	w := newWorld(t, "embedded")
	dir := w.env["RECADO_DATA_DIR"]
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("a disk of its own needs the right to mount one: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	w.declare("http://127.0.0.1:1", "http://127.0.0.1:1")
	w.start()
	w.answers(http.StatusOK, "database: ok")
	ballast := filepath.Join(dir, "ballast")
	_ = os.WriteFile(ballast, make([]byte, 32<<20), 0o600) // as much as fits
	w.answers(http.StatusServiceUnavailable, "no space left")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	w.answers(http.StatusOK, "database: ok")
}

func TestAnotherSecretKeyIsRefused(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			w := newWorld(t, on)
			w.declare("http://127.0.0.1:1", "http://127.0.0.1:1")
			key := make([]byte, 32)
			_, _ = rand.Read(key)
			w.env["RECADO_SECRET_KEY"] = base64.StdEncoding.EncodeToString(key)
			w.refusesToStart("was sealed with another RECADO_SECRET_KEY")
		})
	}
}

func TestALostSecretKeyIsNotReplaced(t *testing.T) {
	w := newWorld(t, "embedded")
	w.declare("http://127.0.0.1:1", "http://127.0.0.1:1")
	file := filepath.Join(w.env["RECADO_DATA_DIR"], "secret.key")
	key, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		w.refusesToStart("secret.key is missing")
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the refused start left a key")
	}
	if err := os.WriteFile(file, key, 0o600); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.answers(http.StatusOK, "database: ok")
}

// A Redis that takes nothing is mentioned like one that is away: nothing is lost.
func TestReadySaysThatRedisTakesNothing(t *testing.T) {
	tests := []struct {
		name  string
		set   []any
		reset []any
		want  string
	}{
		{"out of memory", []any{"CONFIG", "SET", "maxmemory", "1"}, []any{"CONFIG", "SET", "maxmemory", "0"}, "OOM"},
		{"a replica", []any{"REPLICAOF", "127.0.0.1", "1"}, []any{"REPLICAOF", "NO", "ONE"}, "READONLY"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "postgres and redis")
			server := ownRedis(t)
			w.env["RECADO_REDIS_URL"] = "redis://" + server.Options().Addr
			w.declare("http://127.0.0.1:1", "http://127.0.0.1:1")
			w.start()
			w.answers(http.StatusOK, "redis: ok\n")
			if err := server.Do(t.Context(), tt.set...).Err(); err != nil {
				t.Fatal(err)
			}
			w.answers(http.StatusOK, tt.want)
			if got := w.post([]byte("{}")); got != http.StatusOK {
				t.Errorf("a webhook is answered %d", got)
			}
			if err := server.Do(t.Context(), tt.reset...).Err(); err != nil {
				t.Fatal(err)
			}
			w.answers(http.StatusOK, "redis: ok\n")
		})
	}
}

func TestWhileRedisHangs(t *testing.T) {
	w := newWorld(t, "postgres and redis")
	u := parsed(t, w.env["RECADO_REDIS_URL"])
	proxy := newRedisProxy(t, u.Host)
	u.Host = proxy.addr
	w.env["RECADO_REDIS_URL"] = u.String()
	w.declare("http://127.0.0.1:1", "http://127.0.0.1:1")

	for _, hangs := range []string{"before the start", "while it runs"} {
		t.Run(hangs, func(t *testing.T) {
			proxy.hang.Store(hangs == "before the start")
			begun := time.Now()
			w.start()
			if took := time.Since(begun); took > 2*soon { // on a busy machine
				t.Errorf("the start took %v", took)
			}
			proxy.hang.Store(true)
			if got := w.post([]byte("{}")); got != http.StatusOK {
				t.Errorf("a webhook is answered %d", got)
			}
			w.answers(http.StatusOK, "redis: does not answer")
			if status, text := w.get("/metrics"); status != http.StatusOK || !strings.Contains(text, "recado_webhooks_total") {
				t.Errorf("/metrics answers %d and %d bytes", status, len(text))
			}
			begun = time.Now()
			if err := w.process.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			<-w.ended
			if took := time.Since(begun); took > 2*soon {
				t.Errorf("the stop took %v", took)
			}
			w.process = nil
			proxy.hang.Store(false)
		})
	}
	log, err := os.ReadFile(w.log.Name())
	if err != nil || bytes.Contains(log, []byte("panic")) {
		t.Errorf("the log has a panic, or %v", err)
	}
}

// A single look that fails is no reason for a load balancer to leave every process.
func TestReadinessDoesNotFlap(t *testing.T) {
	const works, fails = true, false
	tests := []struct {
		name  string
		looks []bool
		want  []int
	}{
		{"it works", []bool{works, works}, []int{200, 200}},
		{"one look fails", []bool{works, fails, works, fails}, []int{200, 200, 200, 200}},
		{"it goes and comes back", []bool{works, fails, fails, fails, works}, []int{200, 200, 503, 503, 200}},
		{"it was never there", []bool{fails, works}, []int{503, 200}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var up bool
			r := &readiness{
				database: func(context.Context) error {
					if up {
						return nil
					}
					return errors.New("no connection")
				},
				redis: func(context.Context) error { return nil },
				files: func(context.Context) error { return nil },
			}
			for i, look := range tt.looks {
				up = look
				status, text := r.look()
				if status != tt.want[i] || !look && !strings.Contains(text, "\ndatabase: cannot be worked with: no connection\nredis: ok") {
					t.Errorf("look %d: %d %s, want %d", i, status, text, tt.want[i])
				}
			}
		})
	}
}

// A process that spools takes webhooks without a database, until its spool takes no more.
func TestAProcessThatSpoolsIsReady(t *testing.T) {
	var spooled spool.State
	works := func(context.Context) error { return nil }
	r := &readiness{
		database: func(context.Context) error { return errors.New("no connection") },
		redis:    works, files: works, spool: func() spool.State { return spooled },
	}
	tests := []struct {
		state  spool.State
		status int
		texts  []string
	}{
		{spool.State{}, http.StatusOK, []string{"spooling\n", "\nspool: empty"}},
		{spool.State{Active: true, Webhooks: 7, Bytes: 3 << 20, Limit: 2 << 30}, http.StatusOK, []string{"spooling\n", "\nspool: 7 webhooks wait for the database, in 3.0 of 2048 MiB"}},
		{spool.State{Active: true, Webhooks: 7, Refused: true}, http.StatusServiceUnavailable, []string{"not ready\n", "\nspool: full, or its disk is: webhooks are refused; 7 wait"}},
	}
	for _, tt := range tests {
		spooled = tt.state
		status, text := r.look()
		for _, part := range append(tt.texts, "no connection") {
			if status != tt.status || !strings.Contains(text, part) {
				t.Errorf("%+v: %d %q, want %d and %q", tt.state, status, text, tt.status, part)
			}
		}
	}
}

// While a send is in flight the first signal waits for it, and says so; a second
// signal ends the process at once.
func TestASecondSignalEndsAtOnce(t *testing.T) {
	called, answer := make(chan struct{}), make(chan struct{})
	meta := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(called)
		<-answer
	}))
	defer meta.Close()
	defer close(answer)
	w := newWorld(t, "embedded")
	w.declare(meta.URL, "http://127.0.0.1:1")
	w.start()
	if status := w.post(textBody("106540352242922", "16505551234", "1")); status != http.StatusOK {
		t.Fatalf("the webhook is answered %d", status)
	}
	var sent struct{ ID string }
	status, err := w.call(anaKey, http.MethodPost, "/v1/messages", map[string]any{
		"connection_id": "waba-1", "peer_id": "16505551234", "type": "template",
		"template": map[string]string{"name": "hello", "language": "es"},
	}, &sent)
	if err != nil || status != http.StatusAccepted {
		t.Fatalf("the message is answered %d, %v", status, err)
	}
	<-called
	signal := func() {
		if err := w.process.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	signal()
	w.answers(http.StatusServiceUnavailable, "stopping")
	again := time.NewTicker(soon / 10) // the first of these may come before the program has let go of signals
	defer again.Stop()
	deadline := time.After(soon)
	for {
		select {
		case <-w.ended:
			w.process = nil
			return
		case <-again.C:
			_ = w.process.Process.Signal(syscall.SIGTERM) // unless it has ended
		case <-deadline:
			t.Errorf("it lives %v after the second signal", soon)
			return
		}
	}
}

// ownRedis starts a Redis that the test may spoil.
func ownRedis(t *testing.T) *goredis.Client {
	t.Helper()
	return startRedis(t, porttest.Address(t))
}

// startRedis starts an empty Redis at the address.
func startRedis(t *testing.T, addr string) *goredis.Client {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	_, port, _ := net.SplitHostPort(addr)
	server := exec.Command(program, "--bind", "127.0.0.1", "--port", port, "--save", "", "--dir", t.TempDir())
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it was killed
	})
	c := goredis.NewClient(&goredis.Options{Addr: addr})
	t.Cleanup(func() { c.Close() })
	eventually(t, "the Redis of the test answers", 10*time.Second, func() bool { return c.Ping(t.Context()).Err() == nil })
	return c
}
