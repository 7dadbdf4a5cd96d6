package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// chaos is an installation of three processes by role, on a PostgreSQL with a standby
// and a Redis of its own, under the load of a killing.
type chaos struct {
	*killing
	rand             *rand.Rand
	primary, standby *cluster
	address          *relay
	hints            *goredis.Client
	spool            string // the folder of the ingress
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
	c := &chaos{rand: rand.New(rand.NewPCG(seed, 0)), hints: ownRedis(t), heard: newTally(), spool: t.TempDir()}
	ownDisk := func(folder string) { mountDisk(t, folder, roomy) }
	c.primary = newCluster(t, ownDisk)
	c.standby = c.primary.newStandby(t, ownDisk)
	ownDisk(c.spool)
	c.address = newRelay(t, c.primary.address)
	ingress := newWorld(t, "postgres and redis")
	ingress.program = build(t)
	ingress.env["RECADO_DATABASE_URL"] = strings.Replace(c.primary.url, c.primary.address, c.address.addr, 1)
	ingress.env["RECADO_REDIS_URL"] = "redis://" + c.hints.Options().Addr
	c.killing = newKilling(ingress)
	c.crm.onEvent(func(event) int { c.callbacks.pass(); return http.StatusOK })
	ingress.declare(serve(t, c.meta), c.crm.url)
	worker, api := ingress.twin(), ingress.twin()
	ingress.roles, worker.roles, api.roles = []string{roleIngress}, []string{roleWorker}, []string{roleWorker, roleAPI}
	ingress.env["RECADO_SPOOL_DIR"], ingress.api = c.spool, api.public
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

// setClock sets the clock of the database as Recado reads it. The library that steps the
// clock of a whole Postgres, see newClock, crashes it now and then.
func (c *chaos) setClock(ahead time.Duration) {
	execSQL(c.t, c.primary.url, fmt.Sprintf(`CREATE OR REPLACE FUNCTION now_ms() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT (extract(epoch FROM statement_timestamp()) * 1000)::bigint + %d $$`, ahead.Milliseconds()))
}

// roomy is the size of a disk with space: of half the memory.
const roomy = "50%"

// fill makes the disk of a folder full.
func (c *chaos) fill(folder string) (free func()) {
	fillDisk(c.t, folder)
	return func() {
		if err := resizeDisk(folder, roomy); err != nil {
			c.t.Fatal(err)
		}
	}
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
