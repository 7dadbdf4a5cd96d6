package jobs

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

// An office is the Leases of a store that may be away, or declare a process dead.
type office struct {
	mu    sync.Mutex
	away  bool
	dead  map[domain.ProcessID]bool
	notes []string
}

func (o *office) set(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f()
}

// process runs a process of the office until stop is called.
func (o *office) process(t *testing.T) (p *process, log *bytes.Buffer, stop func()) {
	joined := 0
	s := newStore()
	s.join = func() (id domain.ProcessID, err error) {
		o.set(func() {
			if err = errAway; o.away {
				return
			}
			joined++
			id, err = domain.ProcessID(fmt.Sprintf("p%d", joined)), nil
			o.notes = append(o.notes, "join "+string(id))
		})
		return id, err
	}
	s.beat = func(id domain.ProcessID) (ok bool, err error) {
		o.set(func() {
			if ok = !o.dead[id]; o.away {
				err = errAway
			}
		})
		return ok, err
	}
	s.leave = func(id domain.ProcessID) error {
		o.set(func() { o.notes = append(o.notes, "leave "+string(id)) })
		return nil
	}
	log = &bytes.Buffer{}
	p = &process{leases: s, log: slog.New(slog.NewTextHandler(log, nil))}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { p.run(ctx) })
	synctest.Wait()
	return p, log, func() { cancel(); wg.Wait() }
}

func TestAProcessJoinsAndLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		p, _, stop := o.process(t)
		time.Sleep(time.Minute)
		if !p.alive("p1") {
			t.Error("it does not live")
		}
		stop()
		if got := strings.Join(o.notes, ", "); got != "join p1, leave p1" {
			t.Error(got)
		}
	})
}

func TestAProcessThatWasDeclaredDeadJoinsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		p, log, stop := o.process(t)
		o.set(func() { o.dead = map[domain.ProcessID]bool{"p1": true} })
		time.Sleep(domain.HeartbeatEvery)
		synctest.Wait()
		if p.alive("p1") || !p.alive("p2") {
			t.Error("it is still the old one")
		}
		stop()
		if !slices.Equal(o.notes, []string{"join p1", "join p2", "leave p2"}) || !strings.Contains(log.String(), "declared dead") {
			t.Errorf("did %v, logged %s", o.notes, log)
		}
	})
}

func TestAProcessWithoutItsStoreTakesItselfForDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		p, _, stop := o.process(t)
		defer stop()
		o.set(func() { o.away = true })
		time.Sleep(domain.DeadAfter - 1)
		if !p.alive("p1") {
			t.Error("it gave up too early")
		}
		time.Sleep(time.Nanosecond)
		if _, alive := p.id(); alive {
			t.Error("it may be dead for the others and works on")
		}
		o.set(func() { o.away = false })
		time.Sleep(domain.HeartbeatEvery)
		synctest.Wait()
		if !p.alive("p1") {
			t.Error("the store knows it, and it does not come back")
		}
	})
}

func TestAProcessThatCannotJoinTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &office{away: true}
		p, _, stop := o.process(t)
		time.Sleep(10 * time.Second)
		if _, alive := p.id(); alive {
			t.Error("it lives without having joined")
		}
		o.set(func() { o.away = false })
		time.Sleep(domain.HeartbeatEvery)
		synctest.Wait()
		if !p.alive("p1") {
			t.Error("it does not join")
		}
		stop()
	})
}

// The others count from the moment at which a beat was stored, which is later
// than the moment at which it was sent: the process itself must stop first.
func TestASlowBeatCountsFromItsSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		p := &process{leases: s, log: slog.New(slog.DiscardHandler)}
		s.join = func() (domain.ProcessID, error) { time.Sleep(1500 * time.Millisecond); return "p1", nil }
		if err := p.heartbeat(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		if _, alive := p.id(); alive {
			t.Error("it lives on from the answer")
		}
	})
}
