package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Behind a PgBouncer as operations.md wants it, Recado works.
func TestBehindPgBouncer(t *testing.T) {
	w, crm := newWorld(t, "postgres and redis"), newCRM(t)
	w.declare("http://127.0.0.1:1", crm.url) // by a connection of its own, as operations.md says
	w.env["RECADO_DATABASE_URL"] = pgBouncer(t, w.env["RECADO_DATABASE_URL"])
	w.start()
	const messages = 50
	for i := range messages {
		if got := w.post(textBody("106540352242922", fmt.Sprintf("34600%06d", i%7), fmt.Sprint(i))); got != http.StatusOK {
			t.Fatalf("a webhook is answered %d", got)
		}
	}
	eventually(t, "the CRM has every message", 20*time.Second, func() bool { return len(crm.heard("acme", 0)) == messages })
	w.stop()
}

// pgBouncer starts a PgBouncer in session mode before the database of a URL, and returns the URL of
// the database behind it.
func pgBouncer(t *testing.T, database string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; exec.Command(program, "--version").Run() != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skipf("%v: see deploy/services", err)
		}
	}
	at := realServer(t, "TEST_DATABASE_URL")
	dir, err := os.MkdirTemp("/tmp", "pgbouncer") // its user may enter it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	addr := freeAddress(t)
	host, port, _ := net.SplitHostPort(addr)
	config := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf(`[databases]
* = host=%s port=%s user=%s
[pgbouncer]
listen_addr = %s
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = session
ignore_startup_parameters = extra_float_digits,statement_timeout,idle_in_transaction_session_timeout,jit,max_parallel_workers_per_gather,plan_cache_mode,enable_seqscan,enable_bitmapscan,enable_incremental_sort
`, at.Hostname(), at.Port(), at.User.Username(), host, port)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, config)
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}} // it refuses to be root
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	eventually(t, "PgBouncer listens", 10*time.Second, func() bool {
		c, err := net.Dial("tcp", addr)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return strings.Replace(database, at.Host, addr, 1)
}
