package postgres

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// PostgreSQL refuses to change rows of a table that is published for replication and has
// no key.
func TestEveryTableCanBePublished(t *testing.T) {
	q := newQueues(t)
	q.exec(`CREATE PUBLICATION everything FOR ALL TABLES`)
	found, _ := q.pool.Query(t.Context(), `
SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND (indisreplident OR indisprimary AND relreplident = 'd'))`)
	keyless, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil || len(keyless) > 0 {
		t.Errorf("no key have %v: %v", keyless, err)
	}
	for range 3 {
		q.pass(1000)
	}
	q.reach(1000, 1000)
	q.exec(`
INSERT INTO chats (id, company_id, connection_id, kind, peer_id, created_at, words) VALUES ('chat', 'acme', 'wa-1', 'waba', 'peer', 1, 'before');
UPDATE chats SET words = 'after'`)
}

// A second row, as of a dump of the data alone, would keep every lane from its webhooks.
func TestTheInboxHasOneFloor(t *testing.T) {
	q := newQueues(t)
	if err := execute(q.url, `INSERT INTO inbox_floor DEFAULT VALUES`); err == nil {
		t.Error("it has two")
	}
	if err := execute(q.url, `UPDATE inbox_floor SET one = false`); err == nil {
		t.Error("it may have two")
	}
}

// A floor that cannot be moved keeps no other from it.
func TestAQueueThatCannotAdvanceHoldsUpNoOther(t *testing.T) {
	q := newQueues(t)
	q.exec(queueOfWebhooks+`; `+queueOfCalls, 1, 1)
	q.exec(`
UPDATE endpoints SET floor = 100; UPDATE inbox_floor SET floor = 100;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''it is torn''; END';
CREATE TRIGGER refuse BEFORE UPDATE ON inbox_floor FOR EACH ROW EXECUTE FUNCTION refuse()`)
	if err := q.AdvanceQueues(t.Context()); err == nil {
		t.Error("no error")
	}
	if webhooks, deliveries := q.waiting(); len(webhooks) != 0 || len(deliveries) != 1 {
		t.Errorf("found the webhooks %v and the deliveries %v, want only one delivery", webhooks, deliveries)
	}
	q.exec(`DROP TRIGGER refuse ON inbox_floor`)
	q.advance()
	if webhooks, _ := q.waiting(); len(webhooks) != 1 {
		t.Errorf("found the webhooks %v once the floor can be moved", webhooks)
	}
	for range 3 {
		q.exec(queueOfCalls, 1000)
		q.exec(`UPDATE deliveries SET state = 'delivered'`)
		q.advance()
	}
	q.reach(0, 1000)
}
