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

	"recado/adapters/porttest"
)

// Behind a PgBouncer in session mode Recado works.
func TestBehindPgBouncer(t *testing.T) {
	w, crm := newWorld(t, "postgres and redis"), newCRM(t)
	w.env["RECADO_DATABASE_URL"] = pgBouncer(t, w.env["RECADO_DATABASE_URL"], "session")
	w.declare("http://127.0.0.1:1", crm.url)
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

// Behind one in transaction mode it does not start, and says what to do.
func TestPgBouncerInTransactionModeIsRefused(t *testing.T) {
	w := newWorld(t, "postgres and redis")
	w.declare("http://127.0.0.1:1", "http://127.0.0.1:1")
	w.env["RECADO_DATABASE_URL"] = pgBouncer(t, w.env["RECADO_DATABASE_URL"], "transaction")
	w.refusesToStart("or set pool_mode = session")
	if _, err := w.run("serve", "--no-migrate"); err == nil || !strings.Contains(err.Error(), "or set pool_mode = session") {
		t.Errorf("without migrations serve ends with %v", err)
	}
}

// pgBouncer starts a PgBouncer before the database of a URL, and returns the URL of the
// database behind it. Its mode is the only setting that its installation leaves open.
func pgBouncer(t *testing.T, database, mode string) string {
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
	addr := porttest.Address(t)
	host, port, _ := net.SplitHostPort(addr)
	config := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf(`[databases]
* = host=%s port=%s user=%s
[pgbouncer]
listen_addr = %s
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = %s
`, at.Hostname(), at.Port(), at.User.Username(), host, port, mode)
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
