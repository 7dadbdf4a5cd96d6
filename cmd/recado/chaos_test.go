package main

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

var (
	chaosTime = flag.Duration("chaos", 15*time.Second, "how long the faults of TestChaos go on")
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
	{"the database's clock steps", func(c *chaos) { c.setClock(fmt.Sprintf("%+d", c.rand.IntN(480)-240)) }},
	{"Redis is wiped", func(c *chaos) { c.hints.FlushAll(c.t.Context()) }},
	{"Redis is replaced", func(c *chaos) {
		_ = c.hints.ShutdownNoSave(c.t.Context()).Err() // it ends without an answer
		c.wait(3)
		c.hints = startRedis(c.t, c.hints.Options().Addr)
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

// chaos is an installation of three processes by role, on a PostgreSQL with a standby
// and a Redis of its own, under the load of a killing.
type chaos struct {
	*killing
	rand             *rand.Rand
	primary, standby *cluster
	address          *relay
	setClock         func(offset string)
	hints            *goredis.Client
	processes        []*world
	messenger        gate
	callbacks        gate
	heard            *tally
}

// A gate holds calls up while it is closed.
type gate struct{ sync.RWMutex }

func (g *gate) hang() (end func()) { g.Lock(); return g.Unlock }

func (g *gate) pass() { g.RLock(); g.RUnlock() } //nolint:staticcheck // it waits for hang to end

func newChaos(t *testing.T, seed uint64) *chaos {
	t.Helper()
	setClock, env := newClock(t)
	c := &chaos{rand: rand.New(rand.NewPCG(seed, 0)), setClock: setClock, hints: ownRedis(t), heard: newTally()}
	c.primary = newCluster(t, nil, env...)
	c.standby = c.primary.newStandby(t)
	c.address = newRelay(t, c.primary.address)
	ingress := newWorld(t, "postgres and redis")
	ingress.program = build(t)
	ingress.env["RECADO_DATABASE_URL"] = strings.Replace(c.primary.url, c.primary.address, c.address.addr, 1)
	ingress.env["RECADO_REDIS_URL"] = "redis://" + c.hints.Options().Addr
	c.killing = newKilling(ingress)
	meta := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.messenger.pass(); c.takeMessage(w, r) }))
	t.Cleanup(meta.Close)
	c.crm.onEvent(func(event) int { c.callbacks.pass(); return http.StatusOK })
	ingress.declare(meta.URL, c.crm.url)
	worker, api := ingress.twin(), ingress.twin()
	ingress.roles, worker.roles, api.roles = []string{roleIngress}, []string{roleWorker}, []string{roleWorker, roleAPI}
	ingress.env["RECADO_SPOOL_DIR"], ingress.api = t.TempDir(), api.public
	c.processes = []*world{ingress, worker, api}
	for _, p := range c.processes {
		p.start()
	}
	return c
}

func (c *chaos) any() *world { return c.processes[c.rand.IntN(len(c.processes))] }

// wait waits up to so many seconds.
func (c *chaos) wait(seconds int) {
	<-time.After(time.Duration(c.rand.Int64N(int64(seconds) * int64(time.Second))))
}

// switchOver promotes the standby, as operators do: the primary ends first, when the
// standby has everything. Then each has the other's part.
func (c *chaos) switchOver() {
	eventually(c.t, "the standby follows", time.Minute, func() bool {
		return execute(c.primary.url, `SELECT 1 / count(*) FROM pg_stat_replication WHERE state = 'streaming'`) == nil
	})
	c.primary.stop()
	execSQL(c.t, c.standby.url, "SELECT pg_promote()")
	c.wait(3)
	c.primary.follow(c.t, c.standby)
	c.primary, c.standby = c.standby, c.primary
	c.address.target.Store(c.primary.address)
}

// recovers waits until what was promised before now has arrived, and messages that
// came and were sent since flow, too.
func (c *chaos) recovers(name string) time.Duration {
	c.t.Helper()
	over := time.Now()
	c.heard.listen(c.crm)
	waiting, came, sent := c.missing(c.heard), len(c.heard.created), c.sentCount()
	eventually(c.t, "after that everything flows: "+name, 2*time.Minute, func() bool {
		c.heard.listen(c.crm)
		missing := map[string]bool{}
		for _, what := range c.missing(c.heard) {
			missing[what] = true
		}
		waiting = slices.DeleteFunc(waiting, func(what string) bool { return !missing[what] })
		return len(waiting) == 0 && len(c.heard.created) > came && c.sentCount() > sent
	})
	return time.Since(over)
}

func (k *killing) sentCount() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.sent)
}

// Faults at random, one after another, under a load of messages, statuses and sends:
// nothing is lost, nothing is doubled, nothing is out of order. See also `make chaos`.
func TestChaos(t *testing.T) {
	seed := *chaosSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("the seed is %d", seed)
	c := newChaos(t, seed)
	c.everybodyWrites()
	end := c.load()
	slowest := map[string]time.Duration{}
	count := 0
	for over, left := time.Now().Add(*chaosTime), []int(nil); time.Now().Before(over); left = left[1:] {
		if len(left) == 0 {
			left = c.rand.Perm(len(disasters))
		}
		d := disasters[left[0]]
		began := time.Now()
		d.happen(c)
		happened := time.Since(began)
		took := c.recovers(d.name)
		t.Logf("%s: over after %v, recovered %v later", d.name, happened.Round(time.Millisecond), took.Round(time.Millisecond))
		slowest[d.name], count = max(slowest[d.name], took), count+1
	}
	end()
	eventually(t, "all that was promised has arrived", time.Minute, func() bool {
		c.heard.listen(c.crm)
		return len(c.missing(c.heard)) == 0
	})
	nothingWaits(t, c.primary.url)
	c.kills = count
	c.count(c.heard)
	for _, name := range slices.Sorted(maps.Keys(slowest)) {
		t.Logf("the slowest recovery: %6v %s", slowest[name].Round(time.Millisecond), name)
	}
}
