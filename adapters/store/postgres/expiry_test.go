package postgres

import "testing"

// A step of Trim whose plans were made when the tables were counted as empty reads no more
// than its portions.
func TestWhatIsPutBackOrExpiredIsNotSearchedFor(t *testing.T) {
	const many, few = 10_000, 1000
	q := newQueues(t)
	exec(t, q.url, noAutovacuum)
	left := `INSERT INTO ended_endpoints VALUES ('gone', now_ms(), 0), ('other', now_ms(), 0); INSERT INTO unparking VALUES ('meta', 'nobody', 1000000)`
	exec(t, q.url, `VACUUM ANALYZE`)
	exec(t, q.url, left)
	for range 3 { // the plans are made
		if _, err := q.Trim(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	q.exec(`
INSERT INTO deliveries (endpoint_id, event_id, chat_id, created_at, state)
SELECT e, 'evt', 'chat', now_ms() - age, s FROM generate_series(1, %d),
    (VALUES ('gone', 'due', 0), ('other', 'parked', 0), ('crm', 'due', 700000000), ('crm', 'parked', 700000000)) v (e, s, age);
INSERT INTO parked (hook_id, kind, account, body, error, at, expires_at)
SELECT 'meta', 'waba', a, '', '', 1, now_ms() + 1000000 FROM generate_series(1, %[1]d), (VALUES ('nobody'), ('somebody')) v (a)`, many)
	exec(t, q.url, `DELETE FROM ended_endpoints; DELETE FROM unparking; `+left)
	for range 3 {
		before, err := weighed{q.Store}.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := q.Trim(t.Context()); err != nil {
			t.Fatal(err)
		}
		after, err := weighed{q.Store}.Read(t.Context())
		if n := after - before; err != nil || n > 100*few {
			t.Errorf("a step reads %d rows of %d: %v", n, 6*many, err)
		}
	}
}
