package main

import (
	"cmp"
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	chaosTime = flag.Duration("chaos", 2*time.Minute, "how long the faults of TestChaos go on")
	chaosOnly = flag.String("fault", "", "a part of the names of those faults that TestChaos tries; empty: of all")
	chaosSeed = flag.Uint64("seed", 0, "chooses the faults of TestChaos; 0: any")
)

// A disaster is a fault of chaos. Happen returns when it is over.
type disaster struct {
	name   string
	happen func(*chaos)
}

var disasters = []disaster{
	{"PostgreSQL crashes", func(c *chaos) { c.primary.crash(); c.wait(3); c.primary.run(c.t) }},
	{"PostgreSQL is stopped", func(c *chaos) { c.primary.stop(); c.wait(5); c.primary.run(c.t) }},
	{"the standby takes over", (*chaos).switchOver},
	{"PostgreSQL ends every connection", func(c *chaos) {
		execSQL(c.t, c.primary.url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`)
	}},
	{"everything waits for a lock", func(c *chaos) {
		release := lockTables(c.t, c.primary, "chats, messages")
		c.wait(3)
		release()
	}},
	{"the database's clock steps", func(c *chaos) { c.setClock(time.Duration(c.rand.IntN(480)-240) * time.Second) }},
	{"Redis is wiped", func(c *chaos) { c.hints.FlushAll(c.t.Context()) }},
	{"Redis is replaced", func(c *chaos) {
		_ = c.hints.ShutdownNoSave(c.t.Context()).Err() // it ends without an answer
		c.wait(3)
		c.hints = startRedis(c.t, c.hints.Options().Addr)
	}},
	{"the database's disk is full", func(c *chaos) { defer c.fill(c.primary.data())(); c.wait(5) }},
	{"the spool's disk is full, without a database", func(c *chaos) {
		free := c.fill(c.spool)
		c.primary.stop()
		c.wait(3)
		free()
		c.primary.run(c.t)
	}},
	{"a process is killed", func(c *chaos) { p := c.any(); p.kill(); c.wait(2); p.start() }},
	{"a process stalls", func(c *chaos) {
		p := c.any().process.Process
		_ = p.Signal(syscall.SIGSTOP)
		c.wait(4)
		_ = p.Signal(syscall.SIGCONT)
	}},
	{"the messenger hangs", func(c *chaos) { defer c.messenger.hang()(); c.wait(3) }},
	{"the CRM hangs", func(c *chaos) { defer c.callbacks.hang()(); c.wait(3) }},
	{"a stranger floods the hook", func(c *chaos) {
		for range 300 {
			c.postSigned("/webhooks/waba/meta", "sha256=00", []byte("{}"))
		}
	}},
}

// recovers waits until what was promised before now has arrived, and messages that
// came and were sent since flow, too. It also returns what arrived last.
func (c *chaos) recovers(name string) (took time.Duration, last string) {
	c.t.Helper()
	over := time.Now()
	c.heard.listen(c.crm)
	waiting, came, sent := c.missing(c.heard), len(c.heard.created), c.sentCount()
	eventually(c.t, "after that everything flows: "+name, 2*time.Minute, func() bool {
		c.heard.listen(c.crm)
		_ = c.missing(c.heard) // forgets what has arrived
		waiting = slices.DeleteFunc(waiting, func(what string) bool { return !c.isMissing(what) })
		if len(waiting) > 0 {
			last = waiting[0]
			return false
		}
		return len(c.heard.created) > came && c.sentCount() > sent
	})
	return time.Since(over), last
}

func (k *killing) sentCount() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.sent)
}

// Faults at random, one after another, under a load of messages, files, statuses and sends:
// nothing is lost, nothing is doubled, nothing is out of order. See also `make chaos`.
func TestChaos(t *testing.T) {
	t.Parallel()
	seed := *chaosSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("the seed is %d", seed)
	c := newChaos(t, seed)
	t.Cleanup(func() {
		if t.Failed() {
			missing := c.missing(c.heard)
			t.Logf("%d things have not arrived, such as %v", len(missing), missing[:min(5, len(missing))])
		}
	})
	c.everybodyWrites()
	faults := slices.DeleteFunc(slices.Clone(disasters), func(d disaster) bool { return !strings.Contains(d.name, *chaosOnly) })
	end, endFiles := c.load(), c.loadFiles()
	slowest := map[string]time.Duration{}
	count := 0
	for over, left := time.Now().Add(*chaosTime), []int(nil); time.Now().Before(over); left = left[1:] {
		if len(left) == 0 {
			left = c.rand.Perm(len(faults))
		}
		d := faults[left[0]]
		began := time.Now()
		d.happen(c)
		happened := time.Since(began)
		took, last := c.recovers(d.name)
		t.Logf("%s: over after %v, recovered %v later, when %s arrived", d.name, happened.Round(time.Millisecond), took.Round(time.Millisecond),
			cmp.Or(last, "something new"))
		if alone := *chaosTime > 2*time.Minute; alone && took > 10*time.Second {
			t.Errorf("%s: recovery took %v", d.name, took)
		}
		slowest[d.name], count = max(slowest[d.name], took), count+1
	}
	end()
	endFiles()
	eventually(t, "all that was promised has arrived", time.Minute, func() bool {
		c.heard.listen(c.crm)
		return len(c.missing(c.heard)) == 0
	})
	nothingWaits(t, c.primary.url)
	c.kills = count
	c.count(c.heard)
	c.countFiles()
	for _, name := range slices.Sorted(maps.Keys(slowest)) {
		t.Logf("the slowest recovery: %6v %s", slowest[name].Round(time.Millisecond), name)
	}
}
