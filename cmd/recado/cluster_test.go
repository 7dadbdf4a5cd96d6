package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/adapters/porttest"
)

// A cluster is a Postgres of one test's own, which may do to it what it likes.
type cluster struct {
	dir     string // holds the data in data, and the log beside it
	address string
	url     string
	user    *syscall.Credential // nil: of the test
	env     []string            // of the server, beside the test's own
	stop    func()              // ends its connections, and then the server
	crash   func()              // ends the server at once, as `pg_ctl stop -m immediate` does
}

// fromServices returns what deploy/services found or installed. Without it, the test
// is skipped, or fails in CI.
func fromServices(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	switch {
	case value == "" && os.Getenv("CI") == "true":
		t.Fatalf("%s is not set: see deploy/services", name)
	case value == "":
		t.Skipf("%s is not set: see deploy/services", name)
	}
	return value
}

// newCluster starts a Postgres. Prepare, if not nil, sees the empty directory of its
// data before. The log of what is written lies elsewhere.
func newCluster(t *testing.T, prepare func(data string), env ...string) *cluster {
	t.Helper()
	c := newFolders(t, prepare)
	c.env = env
	c.do(t, "initdb", "-D", c.data(), "-U", "recado", "--auth=trust", "--encoding=UTF8", "--no-locale",
		"--no-sync", "--no-instructions", "--waldir="+c.wal())
	c.run(t)
	return c
}

// newFolders makes the folders of a cluster without a database.
func newFolders(t *testing.T, prepare func(data string)) *cluster {
	t.Helper()
	fromServices(t, "TEST_POSTGRES_BIN")
	dir, err := os.MkdirTemp("", "recado-cluster-") // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // what is left is in the temporary directory
	c := &cluster{dir: dir}
	if err := os.Mkdir(c.data(), 0o700); err != nil {
		t.Fatal(err)
	}
	if prepare != nil {
		prepare(c.data())
	}
	c.becomeServer(t, dir, c.data())
	return c
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }
func (c *cluster) wal() string  { return filepath.Join(c.dir, "wal") }

// do runs a program of Postgres to its end.
func (c *cluster) do(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := c.command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", program, err, out)
	}
}

// run starts the server, which ends with the test, or when stop ends it. The next run
// has the same address.
func (c *cluster) run(t *testing.T) {
	t.Helper()
	address := c.address
	if address == "" {
		address = porttest.Address(t)
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	c.address, c.url = address, fmt.Sprintf("postgres://recado@%s/postgres?sslmode=disable", address)
	server := c.command("postgres", "-D", c.data(), "-c", "listen_addresses=127.0.0.1", "-c", "port="+port,
		"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "shared_buffers=16MB",
		"-c", "wal_keep_size=1GB", "-c", "wal_retrieve_retry_interval=500ms") // of a standby that was away
	server.Env = append(os.Environ(), c.env...)
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	end := func(s os.Signal) {
		if !ended {
			ended = true
			_ = server.Process.Signal(s)
			_ = server.Wait() // how it ends is no news
			log.Close()
		}
	}
	c.stop = func() { end(syscall.SIGINT) }
	c.crash = func() { end(syscall.SIGQUIT) }
	t.Cleanup(func() {
		end(syscall.SIGQUIT) // at once
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("the log of Postgres ends with:\n%s", text[max(0, len(text)-4<<10):])
		}
	})
	eventually(t, "Postgres is ready", time.Minute, func() bool {
		conn, err := pgx.Connect(t.Context(), c.url)
		if err == nil {
			conn.Close(t.Context())
		}
		return err == nil
	})
}

// becomeServer gives the folders to a user that Postgres accepts: it refuses to be root.
func (c *cluster) becomeServer(t *testing.T, folders ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	owner, err := user.Lookup("postgres")
	if err != nil {
		owner, err = user.Lookup("nobody")
	}
	if err != nil {
		t.Fatal(err)
	}
	uid, uidErr := strconv.Atoi(owner.Uid)
	gid, gidErr := strconv.Atoi(owner.Gid)
	if uidErr != nil || gidErr != nil {
		t.Fatalf("user %+v", owner)
	}
	c.user = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	for _, folder := range folders {
		if err := os.Chown(folder, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
}

func (c *cluster) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(os.Getenv("TEST_POSTGRES_BIN"), program), args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.user}
	return cmd
}
