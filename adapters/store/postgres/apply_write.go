package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"recado/adapters/store/shared"
	"recado/domain"
)

// insertAll fills the rows into an INSERT … SELECT … FROM %s.
func insertAll[T any](sql string, cols []shared.Column[T], list []T) (string, []any) {
	from, args := unnest("u", 1, cols, list)
	return fmt.Sprintf(sql, from), args
}

// write stores the writes of a book and commits, in one round trip. It returns
// the endpoints that have events to deliver.
func write(ctx context.Context, t *tx, w domain.Writes, parked []domain.ParkedItem) (endpoints []domain.EndpointID, err error) {
	if len(w.Removed) > 0 {
		t.queue(`DELETE FROM messages WHERE id = ANY($1)`, w.Removed)
	}
	if len(w.UnusedChats) > 0 {
		t.queue(`DELETE FROM chats WHERE id = ANY($1)`, w.UnusedChats)
	}
	updateChats(t, shared.ChatState, w.Chats)
	updateChats(t, namedChat, w.Named)
	if len(w.Counts) > 0 {
		insert, args := insertAll(addCounts, shared.CountColumns, w.Counts)
		t.queue(insert, args...)
	}
	if len(w.Created) > 0 {
		cols := append(slices.Clone(shared.MessageBirth), shared.MessageState...)
		from, args := unnest("u", 1, cols, w.Created)
		t.queue(`INSERT INTO messages (`+shared.Names(cols)+`) SELECT `+shared.Names(cols)+` FROM `+from, args...)
	}
	if len(w.Changed) > 0 {
		from, args := unnest("u", 1, append(slices.Clone(shared.MessageKey), shared.MessageState...), w.Changed)
		t.queue(`UPDATE messages SET `+sets(shared.MessageState, "u")+` FROM `+from+` WHERE messages.id = u.id`, args...)
	}
	writeOutbox(t, w)
	writeAround(t, w)
	writeMedia(t, w)
	if len(parked) > 0 {
		insert, args := insertAll(insertParked, shared.ParkedColumns, parked)
		t.queue(insert, args...)
	}
	if len(w.Events) > 0 {
		into(t.insertEvents(w.Events), &endpoints, shared.Value[domain.EndpointID])
	}
	if len(w.Signals) > 0 {
		insert, args := insertAll(insertSignals, shared.SignalColumns, w.Signals)
		t.queue(insert, args...)
	}
	if len(w.Prices) > 0 {
		insert, args := insertAll(addPrices, shared.PriceColumns, w.Prices)
		t.queue(insert, args...)
	}
	if err := t.writeConnections(ctx, w.Connections); err != nil {
		return nil, err
	}
	err = t.commit(ctx) // it is what fills endpoints
	return endpoints, err
}

// writeConnections changes connections. Where another transaction changed how one fares,
// which is rare, this one is run again: it decided by what was before.
func (t *tx) writeConnections(ctx context.Context, changes []domain.ConnectionChange) error {
	if len(changes) == 0 {
		return nil
	}
	changed := int64(0)
	update, args := insertAll(changeConnections, slices.Concat(shared.ConnectionChangeColumns, shared.ConnectionStored), changes)
	t.queue(update, args...).Exec(func(done pgconn.CommandTag) error { changed = done.RowsAffected(); return nil })
	if !slices.ContainsFunc(changes, func(c domain.ConnectionChange) bool { return c.Watched != nil }) {
		return nil
	}
	if err := t.step(ctx); err != nil {
		return err
	}
	if changed < int64(len(changes)) {
		return domain.ErrAgain
	}
	return nil
}

var namedChat = slices.Concat(shared.ChatState, shared.ChatWords)

func updateChats(t *tx, cols []shared.Column[domain.Chat], chats []domain.Chat) {
	if len(chats) > 0 {
		from, args := unnest("u", 1, slices.Concat(shared.ChatKey, cols), chats)
		t.queue(`UPDATE chats SET `+sets(cols, "u")+` FROM `+from+` WHERE chats.id = u.id`, args...)
	}
}

// changeConnections comes last, so that what many send over is locked for the
// time of a commit.
const changeConnections = `
UPDATE connections c
SET status = CASE WHEN u.status <> '' THEN u.status WHEN u.resumed AND c.status IN ('suspended', 'disconnected') THEN 'ok' ELSE c.status END,
    cause = CASE WHEN u.cause <> '' THEN u.cause WHEN u.resumed THEN '' ELSE c.cause END,
    send_after = CASE WHEN u.resumed THEN u.send_after ELSE greatest(c.send_after, u.send_after) END,
    business = CASE u.business WHEN '' THEN c.business ELSE u.business END,
    number = CASE u.number WHEN '' THEN c.number ELSE u.number END,
    closed = CASE u.closed WHEN '' THEN c.closed ELSE u.closed END,
    watched = CASE u.watched WHEN '' THEN c.watched ELSE u.watched END,
    watched_at = CASE WHEN u.watched_at = 0 THEN c.watched_at WHEN c.watched_at = 0 THEN u.watched_at ELSE least(c.watched_at, u.watched_at) END
FROM %s
WHERE c.id = u.id AND (u.watched = '' OR c.watched = u.stored)`

const insertSignals = `
INSERT INTO signals (connection_id, at, kind, level, title, details)
SELECT connection_id, at, kind, level, title, details FROM %s`

const addPrices = `
INSERT INTO price_counts (subscription_id, month, category, type, messages)
SELECT subscription_id, month, category, type, messages FROM %s
ORDER BY subscription_id COLLATE "C", month COLLATE "C", category COLLATE "C", type COLLATE "C"` + shared.AddPrices

const insertPresses = `
INSERT INTO presses (connection_id, press, until)
SELECT connection_id, press, until FROM %s`

const addCounts = `
INSERT INTO dialog_counts (subscription_id, month, used, reserved, told)
SELECT subscription_id, month, used, reserved, told FROM %s
ORDER BY subscription_id COLLATE "C", month COLLATE "C"` + shared.AddCount

const insertOutbox = `
INSERT INTO outbox (message_id, connection_id, chat_id, seq, accepted_at, class, attempts, attempt_at, next_at, unknown_at, maybe_at)
SELECT message_id, connection_id, chat_id, seq, accepted_at, class, attempts, attempt_at, next_at, unknown_at, maybe_at FROM %s
ON CONFLICT (message_id) DO UPDATE
SET attempts = excluded.attempts, attempt_at = excluded.attempt_at, next_at = excluded.next_at, unknown_at = excluded.unknown_at,
    maybe_at = excluded.maybe_at`

const leaveOutbox = `DELETE FROM outbox WHERE message_id = ANY($1)`

// writeOutbox keeps a row for each message that waits with us, and none for another.
func writeOutbox(t *tx, w domain.Writes) {
	queued, left := shared.Outbox(w)
	if len(queued) > 0 {
		insert, args := insertAll(insertOutbox, shared.MessageWay, queued)
		t.queue(insert, args...)
	}
	if len(left) > 0 {
		t.queue(leaveOutbox, left)
	}
}

const insertAliases = `
INSERT INTO aliases (connection_id, peer_id, chat_id)
SELECT connection_id, peer_id, chat_id FROM %s
ON CONFLICT DO NOTHING`

// These give the names of chats that end to those that go on.
const (
	moveAliases = `UPDATE aliases SET chat_id = u.chat_id FROM %s WHERE aliases.chat_id = u.merged_id`
	moveMerged  = `UPDATE chats SET merged_into = u.chat_id FROM %s WHERE chats.merged_into = u.merged_id AND chats.merged_into <> ''`
	nameMerged  = `
INSERT INTO aliases (connection_id, peer_id, chat_id)
SELECT connection_id, peer_id, chat_id FROM %s
ON CONFLICT (connection_id, peer_id) DO UPDATE SET chat_id = excluded.chat_id`
)

const insertOrphans = `
INSERT INTO orphans (connection_id, provider_id, digest, kind, fact, at, received_at)
SELECT connection_id, provider_id, digest, kind, fact, at, received_at FROM %s
ON CONFLICT DO NOTHING`

const deleteOrphans = `
DELETE FROM orphans o USING %s
WHERE (o.connection_id, o.provider_id, o.digest) >= (k.connection_id, k.provider_id, k.digest)
  AND (o.connection_id, o.provider_id, o.digest) <= (k.connection_id, k.provider_id, k.digest) -- plan 1`

const insertRefs = `
INSERT INTO client_refs (company_id, client_ref, message_id, asked, at)
SELECT company_id, client_ref, message_id, asked, now_ms() FROM %s`

// writeAround stores what stands around the messages: names and what waits.
func writeAround(t *tx, w domain.Writes) {
	if len(w.Merges) > 0 {
		from, args := unnest("u", 1, shared.MergeColumns, w.Merges)
		for _, sql := range []string{moveAliases, moveMerged, nameMerged} {
			t.queue(fmt.Sprintf(sql, from), args...)
		}
	}
	if len(w.Aliases) > 0 {
		insert, args := insertAll(insertAliases, shared.AliasColumns, w.Aliases)
		t.queue(insert, args...)
	}
	if len(w.Orphans) > 0 {
		insert, args := insertAll(insertOrphans, shared.OrphanColumns, w.Orphans)
		t.queue(insert, args...)
	}
	if len(w.RemovedOrphans) > 0 {
		from, args := unnest("k", 1, shared.OrphanKey, w.RemovedOrphans)
		t.queue(fmt.Sprintf(deleteOrphans, from), args...)
	}
	if len(w.Presses) > 0 {
		insert, args := insertAll(insertPresses, shared.PressColumns, w.Presses)
		t.queue(insert, args...)
	}
	if len(w.Refs) > 0 {
		insert, args := insertAll(insertRefs, shared.RefColumns, w.Refs)
		t.queue(insert, args...)
	}
}

// insertEvents asks once for the stamp: the default of the column costs some
// microseconds for each row.
const insertEvents = `
INSERT INTO events (id, company_id, chat_id, type, seq, at, body, stamp)
SELECT id, company_id, chat_id, type, seq, at, body, (SELECT feed_stamp()) FROM %s`

// insertDeliveries gives each event to each endpoint that wants it, in the
// order of the events. It returns the endpoints. They are found once, not for each event.
const insertDeliveries = `
WITH added AS MATERIALIZED (
    SELECT id, company_id, chat_id, type FROM %s
), listening AS MATERIALIZED (
    SELECT id, company_id, events FROM endpoints WHERE company_id = ANY (ARRAY(SELECT DISTINCT company_id FROM added)) -- plan 2
), given AS (
    INSERT INTO deliveries (endpoint_id, event_id, chat_id, created_at)
    SELECT p.id, u.id, u.chat_id, now_ms()
    FROM added u
    JOIN listening p ON p.company_id = u.company_id AND p.events && ARRAY['*', u.type]
    ORDER BY u.id COLLATE "C", p.id
    RETURNING endpoint_id
)
SELECT DISTINCT endpoint_id FROM given`

var insertParked = `
INSERT INTO parked (hook_id, kind, account, body, error, at, expires_at)
SELECT hook_id, kind, account, body, error, now_ms(), now_ms() + ` + shared.SQLMillis(domain.ParkedRetention) + ` FROM %s`
