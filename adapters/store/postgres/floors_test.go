package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/domain"
)

// queues is an open store with a lane of webhooks and the deliveries of an endpoint.
type queues struct {
	*Store
	t   *testing.T
	url string
}

const (
	queueOfWebhooks = `INSERT INTO inbox (lane, hook_id, kind, received_at, body) SELECT 1, 'meta', 'waba', now_ms(), '' FROM generate_series(1, %d)`
	queueOfCalls    = `INSERT INTO deliveries (endpoint_id, event_id, chat_id, created_at) SELECT 'crm', 'evt', 'chat_' || i %% 50, now_ms() FROM generate_series(1, %d) i`
)

func newQueues(t *testing.T) queues {
	t.Helper()
	url := newDatabases(t).create(t)
	v := testVault(t)
	secret, err := v.Seal(nil, "endpoint crm")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), url, v)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	exec(t, url, fmt.Sprintf(`
INSERT INTO companies VALUES ('acme', 'ACME', 'UTC');
INSERT INTO endpoints (id, company_id, url, secret, previous, events, last_success)
SELECT 'crm', 'acme', 'https://acme.example', sealed, sealed, '{*}', now_ms() FROM (SELECT decode('%x', 'hex') AS sealed) s;
INSERT INTO events (id, company_id, chat_id, seq, type, at, body) VALUES ('evt', 'acme', 'chat', 1, 'message.created', 1, '')`, secret))
	return queues{s, t, url}
}

func (q queues) exec(sql string, args ...any) {
	q.t.Helper()
	exec(q.t, q.url, fmt.Sprintf(sql, args...))
}

// pass lets so many webhooks and deliveries come and go, and the floors follow.
func (q queues) pass(many int) {
	q.t.Helper()
	q.exec(queueOfWebhooks+`; `+queueOfCalls, many, many)
	q.exec(`DELETE FROM inbox; UPDATE deliveries SET state = 'delivered', done_at = now_ms() WHERE state = 'due'`)
	q.advance()
}

func (q queues) advance() {
	q.t.Helper()
	if err := q.AdvanceQueues(q.t.Context()); err != nil {
		q.t.Fatal(err)
	}
}

// floors returns those of the inbox and of the endpoint.
func (q queues) floors() (inbox, endpoint int64) {
	q.t.Helper()
	err := q.pool.QueryRow(q.t.Context(), `SELECT (SELECT floor FROM inbox_floor), floor FROM endpoints`).Scan(&inbox, &endpoint)
	if err != nil {
		q.t.Fatal(err)
	}
	return inbox, endpoint
}

// reach lets the floors follow until they are there: any transaction on the server, also
// one of another test, holds them for as long as it is open.
func (q queues) reach(inbox, endpoint int64) {
	q.t.Helper()
	for late := time.Now().Add(time.Minute); ; <-time.After(10 * time.Millisecond) {
		q.advance()
		i, e := q.floors()
		if i >= inbox && e >= endpoint {
			return
		}
		if time.Now().After(late) {
			q.t.Fatalf("the floors stay at %d and %d", i, e)
		}
	}
}

// waiting returns the ids of what a look for work finds.
func (q queues) waiting() (webhooks, deliveries []int64) {
	q.t.Helper()
	hooks, err := q.Next(q.t.Context(), 1)
	if err != nil {
		q.t.Fatal(err)
	}
	for _, w := range hooks {
		webhooks = append(webhooks, w.ID)
	}
	due, err := q.DueDeliveries(q.t.Context(), "crm", nil, 1000)
	if err != nil {
		q.t.Fatal(err)
	}
	for _, d := range due {
		deliveries = append(deliveries, d.ID)
	}
	return webhooks, deliveries
}

// While any transaction is open, what left a queue cannot be removed. A search for work
// reads little of it.
func TestALookForWorkPassesOverLittleBesideAnOpenTransaction(t *testing.T) {
	const many, few = 20_000, 1000
	q := newQueues(t)
	exec(t, q.url, noAutovacuum)
	q.hold(`SELECT FROM inbox`)
	q.pass(many)
	q.pass(few)
	q.reach(many, many)
	q.exec(queueOfWebhooks+`; `+queueOfCalls, 1, 1)
	for _, look := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"for webhooks", func(ctx context.Context) error { return second(q.Next(ctx, 1)) }},
		{"for deliveries", func(ctx context.Context) error { return second(q.DueDeliveries(ctx, "crm", nil, 100)) }},
		{"whether there are webhooks", func(ctx context.Context) error { return second(q.HasWork(ctx, domain.LaneInbox.Of("1"))) }},
		{"whether there are none", func(ctx context.Context) error { return second(q.HasWork(ctx, domain.LaneInbox.Of("2"))) }},
		{"whether there are deliveries", func(ctx context.Context) error { return second(q.HasWork(ctx, domain.CallbackLane("crm"))) }},
		{"for what the sweep has to do", func(ctx context.Context) error { return second(q.SweepNeeds(ctx, domain.OrphanPlace{})) }},
	} {
		t.Run(look.name, func(t *testing.T) {
			before, err := weighed{q.Store}.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := look.do(t.Context()); err != nil {
				t.Fatal(err)
			}
			after, err := weighed{q.Store}.Read(t.Context())
			if n := after - before; err != nil || n > 4*few {
				t.Errorf("it reads %d rows where %d left the queue: %v", n, many, err)
			}
		})
	}
}

// hold begins a transaction, which stays open until the returned function is called or
// the test ends.
func (q queues) hold(sql string) (commit func()) {
	q.t.Helper()
	conn, err := pgx.Connect(q.t.Context(), q.url)
	if err != nil {
		q.t.Fatal(err)
	}
	q.t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.Exec(q.t.Context(), "BEGIN ISOLATION LEVEL REPEATABLE READ; "+sql); err != nil {
		q.t.Fatal(err)
	}
	return func() {
		q.t.Helper()
		if _, err := conn.Exec(q.t.Context(), "COMMIT"); err != nil {
			q.t.Fatal(err)
		}
	}
}

// A row that is committed late has a smaller id than rows that came and went before.
func TestWhatIsCommittedLateIsFound(t *testing.T) {
	q := newQueues(t)
	commit := q.hold(fmt.Sprintf(queueOfWebhooks+`; `+queueOfCalls, 1, 1))
	for range 4 {
		q.pass(1000)
	}
	commit()
	q.advance()
	webhooks, deliveries := q.waiting()
	if !slices.Equal(webhooks, []int64{1}) || !slices.Equal(deliveries, []int64{1}) {
		t.Errorf("found the webhooks %v and the deliveries %v, want 1 and 1", webhooks, deliveries)
	}
	q.exec(`DELETE FROM inbox; UPDATE deliveries SET state = 'delivered'`)
	q.pass(1000)
	q.pass(1000)
	q.reach(4000, 4000)
}

// A delivery that is tried again keeps its id, which may be far below the floor.
func TestADeliveryBelowTheFloorIsFoundWhenItIsTriedAgain(t *testing.T) {
	q := newQueues(t)
	for range 3 {
		q.pass(1000)
	}
	q.exec(`UPDATE deliveries SET state = 'given_up' WHERE id IN (5, 7)`)
	q.reach(1000, 1000)
	retry := func(id int64) {
		t.Helper()
		if err := q.RetryDelivery(t.Context(), "acme", id); err != nil {
			t.Fatal(err)
		}
	}
	retry(7)
	retry(5)
	for range 3 {
		q.exec(queueOfCalls, 1000)
		q.advance()
	}
	if _, deliveries := q.waiting(); len(deliveries) < 2 || deliveries[0] != 5 || deliveries[1] != 7 {
		t.Errorf("the first deliveries are %v, want 5 and 7", deliveries[:min(2, len(deliveries))])
	}
}

// A program from before there were floors puts a delivery back without lowering one.
func TestAFloorIsLoweredToWhatAnOlderProgramPutBack(t *testing.T) {
	q := newQueues(t)
	q.exec(queueOfWebhooks+`; `+queueOfCalls, 1, 1)
	q.exec(`UPDATE endpoints SET floor = 100; UPDATE inbox_floor SET floor = 100`)
	if webhooks, deliveries := q.waiting(); len(webhooks)+len(deliveries) > 0 {
		t.Fatalf("found the webhooks %v and the deliveries %v below the floors", webhooks, deliveries)
	}
	q.advance()
	if webhooks, deliveries := q.waiting(); len(webhooks) != 1 || len(deliveries) != 1 {
		t.Errorf("found the webhooks %v and the deliveries %v, want one of each", webhooks, deliveries)
	}
}

// In whatever order rows are committed, rolled back, or put back, while the floors move
// all the time: all of them are found.
func TestNothingStaysBelowAFloor(t *testing.T) {
	const writers, rounds = 6, 40
	q := newQueues(t)
	q.exec(`UPDATE endpoints SET last_success = now_ms() + 3600000`)
	ctx, stop := context.WithCancel(t.Context())
	var movers, writing sync.WaitGroup
	for range 2 { // two workers sweep
		movers.Go(func() {
			for ctx.Err() == nil {
				if err := q.AdvanceQueues(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	work := func() (deliveries []int64, found bool) {
		webhooks, deliveries := q.waiting()
		q.exec(`DELETE FROM inbox WHERE id = ANY ('{%s}')`, list(webhooks))
		q.exec(`UPDATE deliveries SET state = 'delivered' WHERE id = ANY ('{%s}')`, list(deliveries))
		return deliveries, len(webhooks)+len(deliveries) > 0
	}
	movers.Go(func() { // and one works: what is found is done, but the first of it may be given up and tried again
		for ctx.Err() == nil {
			deliveries, _ := work()
			if len(deliveries) > 0 && rand.IntN(3) == 0 {
				q.exec(`UPDATE deliveries SET state = 'given_up' WHERE id = %d`, deliveries[0])
				if err := q.RetryDelivery(t.Context(), "acme", deliveries[0]); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for range writers {
		writing.Go(func() {
			for range rounds {
				end := []string{"COMMIT", "COMMIT", "ROLLBACK"}[rand.IntN(3)]
				q.exec(`BEGIN; `+queueOfWebhooks+`; `+queueOfCalls+`; SELECT pg_sleep(%g); %s`, 100, 100, rand.Float64()/20, end)
			}
		})
	}
	writing.Wait()
	stop()
	movers.Wait()
	for found := true; found; {
		q.advance()
		_, found = work()
	}
	var left [2]int
	err := q.pool.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM deliveries WHERE state = 'due')`).Scan(&left[0], &left[1])
	if err != nil || left != [2]int{} {
		t.Errorf("%d webhooks and %d deliveries were never found: %v", left[0], left[1], err)
	}
	q.reach(1, 1)
}

func list(ids []int64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]")
}
