package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/adapters/porttest"
	"recado/cmd/recado-telegram/dc"
)

var long = flag.Bool("long", false, "the long form of some tests, which takes minutes")

// The variables by which a test starts this program as a process of its own.
const (
	telegramAt = "RECADO_TELEGRAM_TEST_AT"
	settleFor  = "RECADO_TELEGRAM_TEST_SETTLE"
)

func TestMain(m *testing.M) {
	if at := os.Getenv(telegramAt); at != "" {
		where, err := dc.At(at)
		if err == nil {
			settle, _ := time.ParseDuration(os.Getenv(settleFor)) // none: the program's own
			p := program{getenv: os.Getenv, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, telegram: where, settle: settle}
			err = p.run(context.Background(), os.Args[1:])
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A process is a program as an operator runs it: the gateway, or Recado. It is started
// again after it was killed.
type process struct {
	t        *testing.T
	program  string // its file
	file     string // of its configuration
	internal string // its address
	args     []string
	env      []string
	public   string // its URL
	operator operator
	log      *lockedBuffer

	mu     sync.Mutex // guards the fields below
	cmd    *exec.Cmd
	exited chan struct{}
}

// newProcess prepares a gateway of the connection tg-1, with its data in dir.
func newProcess(t *testing.T, w *dc.World, recado, dir, database string) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "telegram.yaml")
	text := fmt.Sprintf("api_id: 1\napi_hash: the-hash-of-the-api\nrecado: %s\naccounts: [{connection: tg-1, token: %s, secret_token: %s}]\n", recado, secret, secret)
	if database != "" {
		text += "database: " + database + "\n"
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	public, internal := porttest.Address(t), porttest.Address(t)
	p := &process{
		t: t, program: os.Args[0], file: file, internal: internal, public: "http://" + public, log: &lockedBuffer{},
		operator: operator{url: "http://" + internal + "/accounts/tg-1/", in: strings.NewReader(dc.Code + "\n"), out: &lockedBuffer{}},
		args:     []string{"serve", "-f", file, "-listen", public, "-internal", internal, "-data", dir},
		env: append(os.Environ(), telegramAt+"="+w.Address(),
			"RECADO_SECRET_KEY="+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32))),
	}
	t.Cleanup(p.kill)
	return p
}

// command runs another command against the process, and returns what it prints.
func (p *process) command(args ...string) (string, error) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), p.program, append(args, "-internal", p.internal)...) //nolint:gosec // this test itself
	cmd.Env = p.env
	out, err := cmd.Output()
	return string(out), err
}

func (p *process) start() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	cmd := exec.Command(p.program, p.args...) //nolint:gosec // this test itself, or Recado
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, p.log, p.log
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait() // it is killed
		close(exited)
	}()
	p.cmd, p.exited = cmd, exited
}

// kill ends the process by SIGKILL, and returns once it is gone.
func (p *process) kill() {
	p.mu.Lock()
	cmd, exited := p.cmd, p.exited
	p.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Kill() // or it has ended
		<-exited
	}
}

// login logs the account in.
func (p *process) login() {
	p.t.Helper()
	eventually(p.t, "a login can begin", func() bool { _, err := p.operator.do(p.t.Context(), "login", dc.Phone); return err == nil })
	if err := p.operator.login(p.t.Context(), dc.Phone); err != nil {
		p.t.Fatalf("%v; the log:\n%s", err, p.log.text())
	}
}

// A lockedBuffer is written by a process, and read by a test.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
