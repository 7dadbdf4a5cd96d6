package sqlite

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"recado/adapters/vault"
	"recado/domain"
)

// isChild tells this program that it is the other process of the tests that
// follow, which works in its current directory.
const isChild = "RECADO_TEST_IS_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(isChild) == "" {
		os.Exit(m.Run())
	}
	fmt.Fprintln(os.Stderr, work(context.Background()))
	os.Exit(1)
}

// work is what the other process does until it is killed: it applies and
// appends, and prints the number of each webhook when it was acknowledged.
func work(ctx context.Context) error {
	v, err := vault.New(sealingKey)
	if err != nil {
		return err
	}
	s, err := Open(ctx, ".", v)
	if err != nil {
		return err
	}
	go func() {
		for n := 0; ; n++ {
			if _, err := s.Apply(ctx, domain.Batch{Updates: arrivals(n)}); err != nil {
				return // killed
			}
		}
	}()
	for i := 0; ; i++ {
		hook := domain.Webhook{Hook: "meta", Kind: domain.WABA, Received: time.Now(), Body: []byte(strconv.Itoa(i))}
		if err := s.Append(ctx, []domain.Webhook{hook}); err != nil {
			return err
		}
		fmt.Printf("acknowledged %d\n", i)
	}
}

// child starts the other process and returns it when it acknowledged so many
// webhooks, with what reads the numbers of the next ones.
func child(t *testing.T, dir string, acknowledged int) (*exec.Cmd, func() (last int)) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), isChild+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	last := -1
	next := func() bool {
		for lines.Scan() {
			if digits, ok := strings.CutPrefix(lines.Text(), "acknowledged "); ok {
				if n, err := strconv.Atoi(digits); err == nil {
					last = n
					return true
				}
			}
		}
		return false
	}
	for last < acknowledged-1 {
		if !next() {
			t.Fatalf("the other process ended: %v", cmd.Wait())
		}
	}
	return cmd, func() int {
		for next() {
		}
		return last
	}
}

func TestASecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	first, rest := child(t, dir, 1)
	s, err := Open(t.Context(), dir, sealer(t))
	if err == nil {
		s.Close()
		t.Fatal("opened")
	}
	if want := fmt.Sprintf("data directory %s is in use by another recado (pid %d)", dir, first.Process.Pid); err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest()
	_ = first.Wait() // it was killed
	opened(t, dir)
}

// What was acknowledged before kill -9 is there after it, and the batch that was
// being applied is there whole or not at all.
func TestWhatAKilledProcessAcknowledgedIsThere(t *testing.T) {
	dir := t.TempDir()
	office(t, dir).Close()
	for round := range 3 {
		writing, rest := child(t, dir, 20)
		if err := writing.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		acknowledged := rest() + 1
		_ = writing.Wait() // it was killed
		s := opened(t, dir)
		var bodies []string
		for lane := range 16 {
			for {
				hooks, err := s.Next(t.Context(), lane)
				if err != nil {
					t.Fatal(err)
				}
				if len(hooks) == 0 {
					break
				}
				var ids []int64
				for _, h := range hooks {
					ids = append(ids, h.ID)
					bodies = append(bodies, string(h.Body))
				}
				if _, err := s.Apply(t.Context(), domain.Batch{Lane: lane, Inbox: ids}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(bodies) < acknowledged || len(bodies) > acknowledged+1 {
			t.Fatalf("round %d: %d webhooks, acknowledged were %d", round, len(bodies), acknowledged)
		}
		for i, body := range bodies {
			if body != strconv.Itoa(i) {
				t.Fatalf("round %d: webhook %d is %q", round, i, body)
			}
		}
		var messages, damage []byte
		if err := s.read.db.QueryRow(`SELECT count(*) % 500 FROM messages`).Scan(&messages); err != nil {
			t.Fatal(err)
		}
		if err := s.read.db.QueryRow(`PRAGMA integrity_check`).Scan(&damage); err != nil {
			t.Fatal(err)
		}
		if string(messages) != "0" || !bytes.Equal(damage, []byte("ok")) {
			t.Errorf("round %d: %s messages of half a batch; integrity %s", round, messages, damage)
		}
		s.Close()
	}
}
