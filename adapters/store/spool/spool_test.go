package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"recado/domain"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A database is an Inbox that may be away.
type database struct {
	mu    sync.Mutex
	away  bool
	hangs chan struct{} // a call waits until it is closed; nil: none does
	slow  time.Duration // that a call takes
	hooks []domain.Webhook
}

func (d *database) Append(_ context.Context, hooks []domain.Webhook) error {
	d.mu.Lock()
	hangs := d.hangs
	d.mu.Unlock()
	if hangs != nil {
		<-hangs
	}
	time.Sleep(d.slow)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.away {
		return domain.ErrUnavailable
	}
	d.hooks = append(d.hooks, hooks...)
	return nil
}

func (d *database) set(away bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.away = away
}

func (d *database) bodies() (bodies []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.hooks {
		bodies = append(bodies, string(w.Body))
	}
	return bodies
}

// open opens a spool and runs it. The test closes it by the returned function.
func open(t *testing.T, dir string, limit int64, db *database) (s *Spool, end func()) {
	t.Helper()
	s = openOnly(t, dir, limit, db)
	return s, s.run(t)
}

func openOnly(t *testing.T, dir string, limit int64, db *database) *Spool {
	t.Helper()
	s, err := Open(Config{Dir: dir, Limit: limit, Inbox: db, Hint: func(domain.Lane) {}, Show: func(State) {}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Spool) run(t *testing.T) (end func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var runs sync.WaitGroup
	runs.Go(func() { s.Run(ctx) })
	end = sync.OnceFunc(func() {
		cancel()
		runs.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return end
}

func hook(id, body string) domain.Webhook {
	return domain.Webhook{Hook: domain.HookID(id), Kind: domain.WABA, Body: []byte(body), Received: time.UnixMilli(1_700_000_000_123)}
}

func (s *Spool) accept(t *testing.T, hooks ...domain.Webhook) {
	t.Helper()
	for _, w := range hooks {
		if err := s.Append(t.Context(), []domain.Webhook{w}); err != nil {
			t.Fatal(err)
		}
	}
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for late := time.Now().Add(time.Minute); !holds(); <-time.After(time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("it is not true that %s", what)
		}
	}
}

// While the database is there, nothing touches the disk. While it is away webhooks are
// accepted, and when it is back it has all of them in their order.
func TestWebhooksAreAcceptedWhileTheDatabaseIsAway(t *testing.T) {
	db, dir := &database{}, t.TempDir()
	s, _ := open(t, dir, 0, db)
	s.accept(t, hook("a", "1"))
	if s.State().Active {
		t.Error("it spools although the database is there")
	}
	db.set(true)
	s.accept(t, hook("a", "2"), hook("b", "3"))
	if state := s.State(); !state.Active || state.Webhooks != 2 {
		t.Errorf("its state is %+v", state)
	}
	db.set(false)
	s.accept(t, hook("a", "4")) // it comes behind the others
	eventually(t, "the spool is empty", func() bool { return !s.State().Active })
	s.accept(t, hook("a", "5"))
	if diff := cmp.Diff([]string{"1", "2", "3", "4", "5"}, db.bodies()); diff != "" {
		t.Error(diff)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*"+suffix)); err != nil || len(left) > 0 {
		t.Errorf("there are still %v, %v", left, err)
	}
}

// Whatever the database does, the webhooks of a sender who waits for each answer arrive
// in their order, although some may come twice.
func TestNothingOvertakes(t *testing.T) {
	const senders, each = 8, 300
	db := &database{}
	s, _ := open(t, t.TempDir(), 0, db)
	var sending sync.WaitGroup
	for sender := range senders {
		sending.Go(func() {
			for i := range each {
				if err := s.Append(t.Context(), []domain.Webhook{hook(fmt.Sprint(sender), fmt.Sprint(i))}); err != nil {
					t.Error(err)
				}
				if sender == 0 && i%20 == 0 {
					db.set(i%40 == 0)
				}
			}
		})
	}
	sending.Wait()
	db.set(false)
	eventually(t, "the spool is empty", func() bool { return !s.State().Active })
	next := map[domain.HookID]int{}
	for _, w := range db.hooks {
		if string(w.Body) == fmt.Sprint(next[w.Hook]) {
			next[w.Hook]++
		}
	}
	for sender := range senders {
		if n := next[domain.HookID(fmt.Sprint(sender))]; n != each {
			t.Errorf("the webhooks of sender %d end in order after %d", sender, n)
		}
	}
}

func TestADatabaseThatHangsIsNotWaitedFor(t *testing.T) {
	db := &database{hangs: make(chan struct{})}
	s, _ := open(t, t.TempDir(), 0, db)
	s.accept(t, hook("a", "1"), hook("a", "2"))
	if !s.State().Active {
		t.Error("it does not spool")
	}
	hangs := db.hangs
	db.mu.Lock()
	db.hangs = nil
	db.mu.Unlock()
	close(hangs)
	eventually(t, "the spool is empty", func() bool { return !s.State().Active })
	if bodies := db.bodies(); !slices.Contains(bodies, "1") || !slices.Contains(bodies, "2") {
		t.Errorf("the database has %q", bodies)
	}
}

// Only the webhook for which the database first took too long comes twice: it was
// spooled meanwhile, and a repetition is nothing new.
func TestASlowDatabaseGetsEachWebhookOnce(t *testing.T) {
	db := &database{slow: 2 * patience}
	s, _ := open(t, t.TempDir(), 0, db)
	var sent []string
	for i := range 100 {
		sent = append(sent, fmt.Sprintf("%03d", i))
		s.accept(t, hook("a", sent[i]))
		time.Sleep(10 * time.Millisecond) // they come while earlier ones are moved
	}
	eventually(t, "the database has them all", func() bool { return len(db.bodies()) > len(sent) })
	bodies := db.bodies()
	slices.Sort(bodies)
	if want := append([]string{"000"}, sent...); !slices.Equal(bodies, want) {
		t.Errorf("the database got %d webhooks, of %d", len(bodies), len(sent))
	}
	db.mu.Lock()
	db.slow = 0
	db.mu.Unlock()
	s.accept(t, hook("a", "last"))
	eventually(t, "the spool is empty", func() bool { return !s.State().Active })
}

// A crash at any byte loses nothing that was acknowledged: what is cut off had not been
// written to its end. A crash may also leave zeros, or what lay on the disk before.
func TestATornTailIsCutAtTheLastWholeRecord(t *testing.T) {
	sample := []domain.Webhook{hook("a", "first"), hook("b", ""), hook("meta", `{"object":"x"}`), hook("a", "last")}
	var file []byte
	var ends []int // of records
	for _, w := range sample {
		file = appendRecord(file, w)
		ends = append(ends, len(file))
	}
	for cut := range len(file) + 1 {
		whole := 0
		for whole < len(ends) && ends[whole] <= cut {
			whole++
		}
		for name, tail := range map[string][]byte{"": nil, " and zeros": make([]byte, 20), " and rubbish": bytes.Repeat([]byte{0xa5}, 20)} {
			dir, db := t.TempDir(), &database{}
			if err := os.WriteFile(filepath.Join(dir, nameOf(7)), append(file[:cut:cut], tail...), 0o600); err != nil {
				t.Fatal(err)
			}
			s, end := open(t, dir, 0, db)
			eventually(t, "the spool is empty", func() bool { return !s.State().Active })
			end()
			if diff := cmp.Diff(sample[:whole], db.hooks, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("cut at byte %d%s: %s", cut, name, diff)
			}
		}
	}
}

// What one process left the next one moves, before what comes then.
func TestASpoolOutlivesItsProcess(t *testing.T) {
	dir, db := t.TempDir(), &database{away: true}
	for i := range 3 {
		s, end := open(t, dir, 0, db)
		s.accept(t, hook("a", fmt.Sprint(i)))
		end()
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil || len(files) != 3 {
		t.Fatalf("there are %v, %v", files, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has the mode %v, %v", file, info.Mode(), err)
		}
	}
	db.set(false)
	s, _ := open(t, dir, 0, db)
	s.accept(t, hook("a", "3"))
	eventually(t, "the spool is empty", func() bool { return !s.State().Active })
	if diff := cmp.Diff([]string{"0", "1", "2", "3"}, db.bodies()); diff != "" {
		t.Error(diff)
	}
}

func TestAFullSpoolRefuses(t *testing.T) {
	db := &database{away: true}
	s, _ := open(t, t.TempDir(), 100, db)
	s.accept(t, hook("a", "1"))
	err := s.Append(t.Context(), []domain.Webhook{hook("a", string(make([]byte, 100)))})
	if !errors.Is(err, domain.ErrUnavailable) || !s.State().Refused {
		t.Errorf("a full spool answers %v, its state is %+v", err, s.State())
	}
	db.set(false)
	eventually(t, "the spool is empty", func() bool { return !s.State().Active })
	s.accept(t, hook("a", "2"))
	if s.State().Refused {
		t.Error("an empty spool still refuses")
	}
}

func TestASpoolHasOneProcess(t *testing.T) {
	dir := t.TempDir()
	_, end := open(t, dir, 0, &database{})
	if _, err := Open(Config{Dir: dir, Inbox: &database{}, Show: func(State) {}, Log: slog.New(slog.DiscardHandler)}); err == nil {
		t.Error("a second process opens it")
	}
	end()
	open(t, dir, 0, &database{})
}

// A disk that fails takes no webhook. Nothing is written behind what may be torn.
func TestNothingIsWrittenBehindAFailedWrite(t *testing.T) {
	dir, db := t.TempDir(), &database{away: true}
	s := openOnly(t, dir, 0, db)
	s.accept(t, hook("a", "1"))
	s.refuseWrites(t)
	if err := s.Append(t.Context(), []domain.Webhook{hook("a", "2")}); !errors.Is(err, domain.ErrUnavailable) {
		t.Errorf("a disk that fails answers %v", err)
	}
	s.accept(t, hook("a", "3"))
	if len(s.segments) != 2 || s.segments[1].webhooks != 1 {
		t.Errorf("there are %d segments", len(s.segments))
	}
	db.set(false)
	s.run(t)
	eventually(t, "the spool is empty", func() bool { return !s.State().Active })
	if diff := cmp.Diff([]string{"1", "3"}, db.bodies()); diff != "" {
		t.Error(diff)
	}
}

// refuseWrites makes the file that the spool writes one that can only be read. Call it
// before the spool runs.
func (s *Spool) refuseWrites(t *testing.T) {
	t.Helper()
	readOnly, err := s.dir.Open(nameOf(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.segments[0].file.Close(); err != nil {
		t.Fatal(err)
	}
	s.segments[0].file = readOnly
}
