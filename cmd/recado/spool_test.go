package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A patientWriter is the clients of a messenger that repeats a webhook until it is taken,
// and sends the next one of the same client only then.
type patientWriter struct {
	quit  chan struct{}
	calls sync.WaitGroup

	mu    sync.Mutex
	taken map[string]int           // by client: how many webhooks were answered 200, which are numbered
	waits map[bool][]time.Duration // for those answers, by whether the database was away
	away  bool                     // the database
}

func (w *world) writePatiently(clients int) *patientWriter {
	p := &patientWriter{quit: make(chan struct{}), taken: map[string]int{}, waits: map[bool][]time.Duration{}}
	for c := range clients {
		p.calls.Go(func() { p.write(w, fmt.Sprint(79990000000+c)) })
	}
	return p
}

func (p *patientWriter) write(w *world, peer string) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := 0; ; {
		select {
		case <-p.quit:
			return
		case <-tick.C:
		}
		began := time.Now()
		if w.post(textBody("106540352242922", peer, fmt.Sprint(peer, "-", i))) == http.StatusOK {
			i++
			p.took(peer, i, time.Since(began))
		}
	}
}

func (p *patientWriter) took(peer string, count int, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken[peer] = count
	p.waits[p.away] = append(p.waits[p.away], wait)
}

// setAway says whether the database is away from now on.
func (p *patientWriter) setAway(away bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = away
}

func (p *patientWriter) total() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, count := range p.taken {
		n += count
	}
	return n
}

// more waits until n more webhooks are taken.
func (p *patientWriter) more(t *testing.T, n int) {
	t.Helper()
	n += p.total()
	eventually(t, "webhooks are taken", time.Minute, func() bool { return p.total() >= n })
}

func (p *patientWriter) end() {
	close(p.quit)
	p.calls.Wait()
}

// percentile99 is the time in which 99 of 100 webhooks were answered 200.
func (p *patientWriter) percentile99(away bool) time.Duration {
	waits := slices.Sorted(slices.Values(p.waits[away]))
	return waits[len(waits)*99/100].Round(time.Millisecond)
}

// arrives waits until the CRM has heard of all that was taken: of each message once, and
// of those of a client in their order.
func (p *patientWriter) arrives(t *testing.T, crm *fakeCRM) {
	t.Helper()
	eventually(t, "the CRM hears of all that was taken", 5*time.Minute, func() bool { return len(crm.texts()) >= p.total() })
	heard := map[string][]string{}
	for _, e := range crm.heard("acme", 0) {
		if e.Type == "message.created" {
			heard[e.Chat.Peer] = append(heard[e.Chat.Peer], e.Data.Message.Text)
		}
	}
	for peer, count := range p.taken {
		for i := range max(count, len(heard[peer])) {
			if i >= len(heard[peer]) || heard[peer][i] != fmt.Sprint(peer, "-", i) {
				t.Errorf("of the %d messages of %s the CRM heard %d; number %d is missing, doubled or not in its place", count, peer, len(heard[peer]), i)
				break
			}
		}
	}
}

// A database goes away, comes back, and does that once more. Webhooks are taken all the
// time. The program is killed while it spools. Nothing is lost, doubled or out of order.
func TestWebhooksAreTakenWhileTheDatabaseIsAway(t *testing.T) {
	outage := time.Second
	if *long {
		outage = time.Minute
	}
	tests := []struct {
		name  string
		hangs bool
		kills []bool // for each outage: whether the program is killed
	}{
		{"it is down", false, []bool{true, false}},
		{"the network hangs", true, []bool{false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			database, crm := newCluster(t, nil), newCRM(t)
			network := newRedisProxy(t, database.address) // which may carry anything
			through := *database
			through.url = strings.Replace(database.url, database.address, network.addr, 1)
			w := newWorld(t, "postgres and redis")
			w.env["RECADO_DATABASE_URL"] = through.url
			w.env["RECADO_SPOOL_DIR"] = t.TempDir()
			w.declare("http://127.0.0.1:1", crm.url)
			w.start()
			says := func(part string) { // however long each answer takes
				t.Helper()
				eventually(t, "/readyz says "+part, time.Minute, func() bool {
					return strings.Contains(get(t, "http://"+w.private+"/readyz"), part)
				})
			}
			says("spool: empty")

			traffic := w.writePatiently(8)
			for _, kills := range tt.kills {
				traffic.more(t, 50)
				if tt.hangs {
					network.hang.Store(true)
				} else {
					database.stop()
				}
				traffic.setAway(true)
				began := time.Now()
				says("spooling")
				traffic.more(t, 200)
				says("webhooks wait for the database")
				if text := get(t, "http://"+w.private+"/metrics"); strings.Contains(text, "\nrecado_spool_webhooks 0\n") || !strings.Contains(text, "\nrecado_spool_webhooks ") {
					t.Error("the metrics do not say how many are spooled")
				}
				<-time.After(outage - time.Since(began))
				traffic.setAway(false)
				if kills {
					w.kill()
				}
				if tt.hangs {
					network.hang.Store(false)
				} else {
					database.run(t)
				}
				back := time.Now()
				if kills {
					w.start()
				}
				says("database: ok")
				says("spool: empty")
				t.Logf("the spool was empty %v after the database was back", time.Since(back).Round(time.Millisecond))
			}
			traffic.more(t, 50)
			traffic.end()
			traffic.arrives(t, crm)
			if p99 := traffic.percentile99(true); *long && p99 > time.Second {
				t.Errorf("without a database 99 of 100 webhooks were taken within %v", p99)
			}
			t.Logf("%d webhooks were taken, %d of them without a database, 99 of 100 within %v, with a database within %v",
				traffic.total(), len(traffic.waits[true]), traffic.percentile99(true), traffic.percentile99(false))
		})
	}
}
