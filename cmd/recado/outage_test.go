package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// What a database does to its clients now and then. The full flow is there afterwards:
// nothing is lost, nothing is doubled.
func TestAnAccidentOfTheDatabaseIsOutlived(t *testing.T) {
	holds, window := 2*time.Second, 2*time.Second
	if *long {
		holds, window = time.Minute, 10*time.Second
	}
	accidents := map[string]func(*testing.T, *cluster, *world){
		"it is restarted at once": func(t *testing.T, c *cluster, _ *world) {
			c.crash()
			c.run(t)
		},
		"it ends every connection": func(t *testing.T, c *cluster, _ *world) {
			again := time.NewTicker(holds / 10)
			defer again.Stop()
			for range 10 {
				<-again.C
				execSQL(t, c.url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`)
			}
		},
		"every connection waits for a lock": func(t *testing.T, c *cluster, w *world) {
			release := lockTables(t, c, "chats, messages")
			endReading := steadily(100*time.Millisecond, func(int) { _, _ = w.call(anaKey, http.MethodGet, "/v1/chats", nil, nil) })
			defer endReading()
			eventually(t, "the pool is exhausted", time.Minute, w.exhausted)
			<-time.After(holds)
			release()
		},
	}
	for name, accident := range accidents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database, crm, meta := newCluster(t, nil), newCRM(t), newMoodyMeta(t)
			w := newWorld(t, "postgres and redis")
			w.env["RECADO_DATABASE_URL"] = database.url
			w.declare(meta.url, crm.url)
			w.start()
			traffic := w.writeSteadily(10 * time.Millisecond)
			eventually(t, "the CRM hears of messages", time.Minute, func() bool { return len(crm.texts()) > 50 })
			answers := w.sendSteadily(50 * time.Millisecond)
			eventually(t, "the messenger gets answers", time.Minute, func() bool { return meta.total() > 5 })
			before := crm.rate(window)

			accident(t, database, w)
			over := time.Now()
			reached := len(crm.texts())
			eventually(t, "the CRM hears of more messages", time.Minute, func() bool { return len(crm.texts()) > reached+50 })
			sent := meta.total()
			eventually(t, "the messenger gets more answers", time.Minute, func() bool { return meta.total() > sent+5 })
			flows := time.Since(over)
			after := crm.rate(window)

			traffic.end()
			answers.end()
			traffic.arrives(t, crm)
			unknown := answers.arrivesOrIsUnknown(t, meta, database.url)
			t.Logf("messages flow %v after it; the CRM heard of %.0f a second before and %.0f after; of %d sends %d are of unknown outcome",
				flows.Round(time.Millisecond), before, after, len(answers.accepted), unknown)
		})
	}
}

// exhausted reports whether every connection of the pool is in use. The program may be
// too busy to answer in time.
func (w *world) exhausted() bool {
	return strings.Contains(w.metrics(), `recado_store_pool_connections{pool="main",state="busy"} 24`)
}

// arrivesOrIsUnknown waits until the messenger has all that was accepted, each message
// once, but for those whose attempt was marked when the answer of the database was lost.
func (s *steadySender) arrivesOrIsUnknown(t *testing.T, meta *moodyMeta, database string) (unknown int) {
	t.Helper()
	nothingWaits(t, database)
	for _, id := range s.accepted {
		switch n := meta.count(id); n {
		case 0: // else it would wait
			unknown++
		case 1:
		default:
			t.Errorf("the messenger has %s %d times", id, n)
		}
	}
	return unknown
}

// nothingWaits waits until each message was sent, has failed, or is of unknown outcome.
func nothingWaits(t *testing.T, database string) {
	t.Helper()
	eventually(t, "nothing waits to be sent", time.Minute, func() bool {
		return execute(database, `SELECT 1 / (CASE WHEN count(*) = 0 THEN 1 ELSE 0 END) FROM outbox WHERE unknown_at = 0`) == nil
	})
}

// rate is of how many messages the CRM hears in a second.
func (c *fakeCRM) rate(window time.Duration) float64 {
	before, began := len(c.texts()), time.Now()
	<-time.After(window)
	return float64(len(c.texts())-before) / time.Since(began).Seconds()
}

// lockTables keeps everybody else from tables.
func lockTables(t *testing.T, c *cluster, tables string) (release func()) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.url)
	if err != nil {
		t.Fatal(err)
	}
	release = func() { _ = conn.Close(context.Background()) } // it may be closed already
	t.Cleanup(release)
	for {
		_, err := conn.Exec(t.Context(), "BEGIN; LOCK TABLE "+tables)
		if err == nil {
			return release
		}
		if !strings.Contains(err.Error(), "deadlock detected") { // with one who locks them in another order
			t.Fatal(err)
		}
		_, _ = conn.Exec(t.Context(), "ROLLBACK") // else the next BEGIN fails
	}
}
