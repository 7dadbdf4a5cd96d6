package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"recado/adapters/store/shared"
	"recado/domain"
)

// A queue is empty when Postgres counts it, and so is what is new. A plan made
// then, when all ways cost the same, is kept, and must look only at what is asked
// for when the table is full.
func TestPlansMadeForAnEmptyTableDoForAFullOne(t *testing.T) {
	const (
		waiting = 4000 // rows of each table, in four lanes and connections
		asked   = 50
	)
	cfg, err := poolConfig(newDatabases(t).create(t))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), cfg.ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	run := func(sql string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), fmt.Sprintf(sql, args...), pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	series := func(insert, values string) {
		run("INSERT INTO "+insert+" SELECT "+values+" FROM generate_series(0, %d) i", waiting-1)
	}
	fill := func() {
		series("inbox (lane, hook_id, kind, received_at, body)", "i %% 4, 'meta', 'waba', 1, ''")
		series("outbox", "'msg_' || i, 'waba-' || i %% 4, 'chat_' || i, i, 1, 0, (i %% 8 = 1)::int, 0, 0")
		series("orphans", "'waba-' || i %% 4, 'wamid.' || i, 'digest', 'status', '', 1, 1")
		series("chats (id, company_id, connection_id, kind, peer_id, created_at)", "'chat_' || i, 'acme', 'waba-' || i %% 4, 'waba', 'peer-' || i, 1")
		series("messages", "'msg_' || i, 'chat_' || i, 'waba-' || i %% 4, 'acme', i, 'outbound', 'api', '', 'text', '', '', '', 'wamid.' || i, "+
			"'', '', 1, 0, 0, 'queued', '', 0, 0, 0, 0, 0, 0, ''")
		series("client_refs", "'acme', 'ref-' || i, 'msg_' || i, '', 1")
		series("events", "'evt_' || i, 'acme', 'chat_' || i, i, 'message.created', 1, ''")
		series("deliveries (endpoint_id, event_id, chat_id, created_at)", "'crm-' || i %% 4, 'evt_' || i, 'chat_' || i, 1")
	}
	fill()
	run("INSERT INTO companies VALUES ('acme', 'ACME', 'UTC'); INSERT INTO hooks VALUES ('meta', 'waba', ''); " +
		"INSERT INTO connections VALUES ('waba-1', 'acme', 'waba', 'meta', '1', '')")
	run("INSERT INTO hooks VALUES ('former', 'waba', '')")
	numbers := func() { series("former_hooks", "'former', 'phone-' || i, 'waba-1'") }
	numbers()
	for _, table := range []string{"former_hooks", "inbox", "outbox", "orphans", "chats", "messages", "client_refs", "events", "deliveries"} {
		run("DELETE FROM %s", table)
		run("VACUUM ANALYZE %s", table)
	}
	every := func(name func(i int) string) string { // fourth
		list := make([]string, asked)
		for i := range list {
			list[i] = name(4*i + 1)
		}
		return "'{" + strings.Join(list, ",") + "}'"
	}
	numbered := func(prefix string) string { return every(func(i int) string { return prefix + strconv.Itoa(i) }) }
	same := func(name string) string { return every(func(int) string { return name }) }
	here, names, peers, refs := same("waba-1"), numbered("wamid."), numbered("peer-"), same("acme")+", "+numbered("ref-")
	first := waiting + 2 // of lane 1, when the inbox is filled again
	ids := every(func(i int) string { return strconv.Itoa(waiting + 1 + i) })
	orphans, _ := unnest("k", 1, shared.OrphanKey, nil)
	statements := []struct{ name, sql, args string }{
		{"take webhooks", deleteInbox, fmt.Sprintf("%s, 1, %d, %d", ids, first, first+4*(asked-1))},
		{"next webhooks", selectNext, fmt.Sprintf("1, %d, 1000000", asked)},
		{"find the connections of numbers that moved to another hook", selectFormerRoutes, same("former") + ", " + numbered("phone-")},
		{"find messages", resolveMessages, numbered("msg_") + ", '{}', '{}'"},
		{"find messages by the messenger's names", resolveMessages, "'{}', " + here + ", " + names},
		{"find peers", resolvePeers, here + ", " + peers},
		{"lock chats", lockChats, numbered("chat_") + ", '{}', '{}', '{}'"},
		{"lock chats with those merged", lockChats, numbered("chat_") + ", '{}', '{}', " + numbered("chat_")},
		{"lock chats of peers", lockChats, "'{}', " + here + ", " + peers + ", '{}'"},
		{"load refs", loadRefs, refs},
		{"load messages by refs", loadRefMessages, refs},
		{"load messages", loadMessages, numbered("msg_") + ", '{}', '{}'"},
		{"load messages by the messenger's names", loadMessages, "'{}', " + here + ", " + names},
		{"load orphans", loadOrphans, here + ", " + names},
		{"delete orphans", fmt.Sprintf(deleteOrphans, orphans), here + ", " + names + ", " + same("digest")},
		{"leave the outbox", leaveOutbox, numbered("msg_")},
		{"due deliveries", dueDeliveries, fmt.Sprintf("'crm-1', '{}', %d, '', %d", asked, 2*asked)},
		{"due sends", shared.SelectDue, fmt.Sprintf("'waba-1', %d", asked)},
	}
	for i, s := range statements {
		run("PREPARE s%d AS %s", i, s.sql)
		run("EXECUTE s%d (%s)", i, s.args)
	}
	fill()
	numbers()
	for i, s := range statements {
		t.Run(s.name, func(t *testing.T) {
			tx, err := conn.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = tx.Rollback(context.Background()) }() // the test is over
			var output []byte
			explain := fmt.Sprintf("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE s%d (%s)", i, s.args)
			if err := tx.QueryRow(t.Context(), explain, pgx.QueryExecModeSimpleProtocol).Scan(&output); err != nil {
				t.Fatal(err)
			}
			var plans []struct {
				Plan struct {
					Hit  int `json:"Shared Hit Blocks"`
					Read int `json:"Shared Read Blocks"`
				}
			}
			if err := json.Unmarshal(output, &plans); err != nil {
				t.Fatal(err)
			}
			if p := plans[0].Plan; p.Hit+p.Read > 20*asked || strings.Contains(string(output), "Rows Removed by Join Filter") {
				t.Errorf("reads %d blocks for %d:\n%s", p.Hit+p.Read, asked, output)
			}
		})
	}
}

// What was delivered is kept for thirty days, and behind a number that may not
// send, messages wait by the ten thousand. Those who look for what is to be done,
// each second or each minute, must not read all of it.
func TestASweepPassesWhatThereIsNothingToDoAbout(t *testing.T) {
	const many = 20_000
	url := newDatabases(t).create(t)
	s, err := Open(t.Context(), url, nil) // it seals nothing here
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	duties := []struct {
		name string
		do   func(context.Context) error
	}{
		{"look what the sweep has to do", func(ctx context.Context) error { return second(s.SweepNeeds(ctx, domain.OrphanPlace{})) }},
		{"find due lanes", func(ctx context.Context) error { return second(s.DueLanes(ctx)) }},
		{"ask whether a number has work", func(ctx context.Context) error { return second(s.HasWork(ctx, domain.SendLane("waba-1"))) }},
		{"find attempts that nobody ended", func(ctx context.Context) error { return second(s.Abandoned(ctx, "waba-1")) }},
		{"find what may be sent", func(ctx context.Context) error { return second(s.Due(ctx, "waba-1", 50)) }},
		{"find due deliveries", func(ctx context.Context) error { return second(s.DueDeliveries(ctx, "crm", nil, 50)) }},
		{"find evidence that is overdue", func(ctx context.Context) error { return second(s.OverdueEvidence(ctx, 500)) }},
		{"find prices that are overdue", func(ctx context.Context) error { return second(s.OverduePrices(ctx, 500)) }},
		{"trim", func(ctx context.Context) error { return second(s.Trim(ctx)) }},
	}
	for _, d := range duties { // as a process that is there from the first day on
		if err := d.do(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	exec(t, url, fmt.Sprintf(`
INSERT INTO companies VALUES ('acme', 'ACME', 'UTC');
INSERT INTO hooks VALUES ('meta', 'waba', '');
INSERT INTO connections (id, company_id, kind, hook_id, account, settings, status) VALUES ('waba-1', 'acme', 'waba', 'meta', '1', '', 'suspended');
INSERT INTO endpoints (id, company_id, url, secret, previous, events, status) VALUES ('crm', 'acme', 'https://acme.example', '', '', '{*}', 'ok');
INSERT INTO events (id, company_id, chat_id, seq, type, at, body)
SELECT 'evt_' || lpad(i::text, 26, '0'), 'acme', 'chat_1', i, 'message.created', now_ms() - 2500000000 + i * 90000, '' FROM generate_series(1, %[1]d) i;
INSERT INTO deliveries (endpoint_id, event_id, chat_id, created_at, state)
SELECT 'crm', 'evt_' || lpad(i::text, 26, '0'), 'chat_1', now_ms() - 2500000000 + i * 90000, 'delivered' FROM generate_series(1, %[1]d) i;
INSERT INTO outbox SELECT 'msg_' || i, 'waba-1', 'chat_' || i, i, now_ms(), 0, 0, 0, 0 FROM generate_series(1, %[1]d) i`, many))
	read := func() (rows int) {
		for _, c := range s.pool.AcquireAllIdle(t.Context()) {
			if _, err := c.Exec(t.Context(), "SELECT pg_stat_force_next_flush()"); err != nil {
				t.Error(err)
			}
			c.Release()
		}
		err := s.pool.QueryRow(t.Context(), `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))
			FROM pg_stat_user_tables WHERE relname IN ('events', 'deliveries', 'outbox')`).Scan(&rows)
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	for _, state := range []string{"planned for empty tables", "planned for full ones"} {
		for _, d := range duties {
			t.Run(state+"/"+d.name, func(t *testing.T) {
				before := read()
				if err := d.do(t.Context()); err != nil {
					t.Fatal(err)
				}
				if n := read() - before; n > many/4 {
					t.Errorf("it reads %d rows, of %d in each table", n, many)
				}
			})
		}
		exec(t, url, "VACUUM ANALYZE")
		s.pool.Reset()
	}
}

// Rows that are deleted by their place are read one by one. Had the places to be joined,
// a plan could read the whole table for them.
func TestWhatIsDeletedByItsPlaceIsNotSearchedFor(t *testing.T) {
	cfg, err := poolConfig(newDatabases(t).create(t))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.ConnectConfig(t.Context(), cfg.ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for name, sql := range map[string]string{
		"webhooks": deleteInbox, "what is too old": fmt.Sprintf(trim, "attempts", "at < now_ms()"),
	} {
		if _, err := conn.Prepare(t.Context(), name, sql); err != nil {
			t.Fatal(err)
		}
		var plan string
		args := "1"
		if sql == deleteInbox {
			args = "'{1}', 1, 1, 1"
		}
		err := conn.QueryRow(t.Context(), fmt.Sprintf(`EXPLAIN (FORMAT JSON) EXECUTE "%s" (%s)`, name, args), pgx.QueryExecModeSimpleProtocol).Scan(&plan)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, "Tid Scan") || strings.Contains(plan, "Join") {
			t.Errorf("%s are deleted by another way than their places:\n%s", name, plan)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Every message moves its chat. If an index had to follow, that would cost more
// than all the rest of it. One does for the first message that waits for an answer,
// and for the answer.
func TestAMessageLeavesTheIndexesOfItsChatAlone(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), newDatabases(t).create(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	const noon = 1_790_000_400_000 // a time that begins ten minutes
	var moved, listed int
	for _, step := range []struct {
		sql  string
		args []any
		into *int
	}{
		{sql: "BEGIN"},
		{sql: `INSERT INTO chats (id, company_id, connection_id, kind, peer_id, created_at, last_inbound_at, inbound_seq, seq, unanswered, waiting_since)
			VALUES ('chat_1', 'acme', 'waba-1', 'waba', '79990001122', $1, $1, 1, 1, 1, $1)`, args: []any{noon}},
		{sql: "UPDATE chats SET last_inbound_at = $1, inbound_seq = 2, seq = 2, unanswered = 2", args: []any{noon + 599_999}},
		{sql: "SELECT pg_stat_get_xact_tuples_hot_updated('chats'::regclass)", into: &moved},
		{sql: "UPDATE chats SET last_inbound_at = $1", args: []any{noon + 600_000}},
		{sql: "SELECT pg_stat_get_xact_tuples_hot_updated('chats'::regclass)", into: &listed},
	} {
		if step.into == nil {
			_, err = conn.Exec(t.Context(), step.sql, step.args...)
		} else {
			err = conn.QueryRow(t.Context(), step.sql, step.args...).Scan(step.into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if moved != 1 || listed != 1 {
		t.Errorf("updates beside the indexes: %d within ten minutes, %d later; want 1 and no more", moved, listed)
	}
}

// Postgres counts a table anew whenever a tenth of it changed, which is once a
// minute for a queue. How much it reads goes by the column that wants the most.
func TestToCountABusyTableIsCheap(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), newDatabases(t).create(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	found, _ := conn.Query(t.Context(), `
SELECT attrelid::regclass || '.' || attname FROM pg_attribute
WHERE attrelid = ANY ($1::text[]::regclass[]) AND attnum > 0 AND NOT attisdropped AND attstattarget IS DISTINCT FROM 10`,
		[]string{"inbox", "chats", "messages", "events", "deliveries"})
	dear, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if len(dear) > 0 {
		t.Errorf("a migration must SET STATISTICS 10 for %v, as 00004 did for the others", dear)
	}
}

// To start a parallel worker costs a hundred times what it does here, and no
// statement of ours is long enough to need one. (Plan 7 makes small scans look dear.)
func TestNoStatementStartsParallelWorkers(t *testing.T) {
	s, err := Open(t.Context(), newDatabases(t).create(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	rows, err := s.pool.Query(t.Context(), "EXPLAIN SELECT sum(at) FROM (SELECT max(beat_at) AS at FROM processes UNION ALL SELECT max(taken_at) FROM leases) marks")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(plan, "\n"); strings.Contains(text, "Gather") {
		t.Error(text)
	}
}
