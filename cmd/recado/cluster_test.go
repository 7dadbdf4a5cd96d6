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
)

// A cluster is a Postgres of one test's own, which may do to it what it likes.
type cluster struct {
	t      *testing.T
	dir    string // holds the data in data, and the log beside it
	url    string
	user   *syscall.Credential // nil: of the test
	server func() *exec.Cmd    // makes the command that is running
	runs   *exec.Cmd           // nil: it is stopped
	log    *os.File
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
	bin := fromServices(t, "TEST_POSTGRES_BIN")
	dir, err := os.MkdirTemp("", "recado-cluster-") // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // what is left is in the temporary directory
	c := &cluster{t: t, dir: dir}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if prepare != nil {
		prepare(data)
	}
	c.becomeServer(t, dir, data)
	initdb := c.command(filepath.Join(bin, "initdb"), "-D", data, "-U", "recado", "--auth=trust", "--encoding=UTF8", "--no-locale",
		"--no-sync", "--no-instructions", "--waldir="+filepath.Join(dir, "wal"))
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v: %s", err, out)
	}
	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	c.url = fmt.Sprintf("postgres://recado@%s/postgres?sslmode=disable", address)
	c.server = func() *exec.Cmd {
		server := c.command(filepath.Join(bin, "postgres"), "-D", data, "-c", "listen_addresses=127.0.0.1", "-c", "port="+port,
			"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "shared_buffers=16MB")
		server.Env = append(os.Environ(), env...)
		server.Stdout, server.Stderr = c.log, c.log
		return server
	}
	if c.log, err = os.Create(filepath.Join(dir, "log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.stop()
		c.log.Close()
		if t.Failed() {
			text, _ := os.ReadFile(c.log.Name())
			t.Logf("the log of Postgres ends with:\n%s", text[max(0, len(text)-4<<10):])
		}
	})
	c.start()
	return c
}

// start starts the server and waits until it takes connections.
func (c *cluster) start() {
	c.t.Helper()
	c.runs = c.server()
	if err := c.runs.Start(); err != nil {
		c.t.Fatal(err)
	}
	eventually(c.t, "Postgres is ready", 20*time.Second, func() bool {
		conn, err := pgx.Connect(c.t.Context(), c.url)
		if err == nil {
			conn.Close(c.t.Context())
		}
		return err == nil
	})
}

// stop stops the server at once, as a failure of its machine does.
func (c *cluster) stop() {
	if c.runs == nil {
		return
	}
	_ = c.runs.Process.Signal(syscall.SIGQUIT)
	_ = c.runs.Wait() // how it ends is no news
	c.runs = nil
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
	cmd := exec.Command(program, args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.user}
	return cmd
}
