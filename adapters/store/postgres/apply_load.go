package postgres

import (
	"context"
	"slices"

	"recado/adapters/store/shared"
	"recado/domain"
)

const insertChats = `
INSERT INTO chats (id, company_id, connection_id, kind, peer_id, created_at)
SELECT id, company_id, connection_id, kind, peer_id, created_at FROM %s
ORDER BY connection_id COLLATE "C", peer_id COLLATE "C"
ON CONFLICT (connection_id, peer_id) DO NOTHING`

// lockChats takes the locks in the byte order of the chats' keys: no two
// transactions wait for each other. Who holds a chat holds its messages. The
// keys are an array: when another transaction held a row, PostgreSQL checks the row anew,
// which an array survives and a join may not. The collation in the order keeps the planner
// from reading an index for it. The chats that these are merged into are locked too,
// and of the fourth list all that are merged with one.
var lockChats = shared.SelectChat + `
WHERE id = ANY (ARRAY( -- plan 2
    SELECT unnest($1::text[])
    UNION ALL
    SELECT (SELECT id FROM chats WHERE connection_id = k.connection_id AND peer_id = k.peer_id)
    FROM unnest($2::text[], $3::text[]) AS k(connection_id, peer_id)
    UNION ALL
    SELECT (SELECT nullif(merged_into, '') FROM chats WHERE id = k.id) FROM unnest($1::text[]) AS k(id)
    UNION ALL
    SELECT m.id FROM unnest($4::text[]) AS k(id)
    CROSS JOIN LATERAL (SELECT coalesce(nullif(merged_into, ''), id) AS id FROM chats WHERE id = k.id LIMIT 1) c -- plan 3
    CROSS JOIN LATERAL (SELECT id FROM chats WHERE merged_into BETWEEN c.id AND c.id AND merged_into <> '' OFFSET 0) m -- plans 3, 4
))
ORDER BY connection_id || '', peer_id -- plan 5
FOR UPDATE OF chats`

// namedMessages are the ids of messages, and of those that the messenger named.
const namedMessages = `
    SELECT unnest($1::text[])
    UNION ALL
    SELECT (SELECT id FROM messages WHERE connection_id = k.connection_id AND provider_id = k.provider_id AND provider_id <> '') -- plan 4
    FROM unnest($2::text[], $3::text[]) AS k(connection_id, provider_id)`

var loadMessages = shared.SelectMessage + `WHERE m.id = ANY (ARRAY(` + namedMessages + `)) -- plan 2`

const loadOrphans = `
SELECT o.connection_id, o.provider_id, o.digest, o.kind, o.fact, o.at, o.received_at
FROM unnest($1::text[], $2::text[]) AS k(connection_id, provider_id)
JOIN orphans o ON (o.connection_id, o.provider_id) >= (k.connection_id, k.provider_id)
    AND (o.connection_id, o.provider_id) <= (k.connection_id, k.provider_id) -- plan 1
ORDER BY o.received_at, o.digest`

const loadWaiting = `
SELECT m.chat_id, m.inbound_seq, m.at
FROM chats c
CROSS JOIN LATERAL (SELECT * FROM messages WHERE chat_id = c.id AND at >= c.waiting_since OFFSET 0) m -- plan 3
WHERE c.id = ANY($1) AND c.unanswered > 0 AND m.inbound_seq > c.answered_seq AND m.at > c.answered_at`

const loadRefs = `
SELECT r.company_id, r.client_ref, r.message_id, r.asked
FROM unnest($1::text[], $2::text[]) AS k(company_id, client_ref)
CROSS JOIN LATERAL (SELECT * FROM client_refs WHERE company_id = k.company_id AND client_ref = k.client_ref LIMIT 1) r -- plan 3`

var loadRefMessages = shared.SelectMessage + `WHERE m.id = ANY (ARRAY( -- plan 2
    SELECT (SELECT message_id FROM client_refs WHERE company_id = k.company_id AND client_ref = k.client_ref)
    FROM unnest($1::text[], $2::text[]) AS k(company_id, client_ref)
))`

// setChats creates the chats of new peers, locks all chats of the batch and reads
// under the locks what Decide needs: each statement sees what was committed
// before the lock was granted. A statement that could find nothing is left out.
func setChats(ctx context.Context, t *tx, book *domain.Book) error {
	var l domain.Loaded
	n := book.NeedChats()
	if len(n.New) > 0 {
		insert, args := insertAll(insertChats, shared.ChatBirth, n.New)
		t.queue(insert, args...)
	}
	into(t.queue(lockChats, n.Existing,
		gather(n.New, func(c *domain.Chat) string { return string(c.Connection) }),
		gather(n.New, func(c *domain.Chat) string { return string(c.Peer) }), n.Whole), &l.Chats, shared.ScanChat)
	into(t.queue(loadMessages, slices.Concat(n.Messages, n.Targets), providerConnections(n.Providers), providerIDs(n.Providers)), &l.Messages, shared.ScanMessage)
	if len(n.Providers) > 0 {
		into(t.queue(loadOrphans, providerConnections(n.Providers), providerIDs(n.Providers)), &l.Orphans, shared.ScanOrphan)
	}
	if len(n.Answerable) > 0 {
		l.Unanswered = map[domain.ChatID][]domain.UnansweredMessage{}
		each(t.queue(loadWaiting, n.Answerable), shared.ScanUnanswered(l.Unanswered))
	}
	if len(n.Refs) > 0 {
		l.Refs = map[domain.RefKey]domain.ClientRef{}
		companies := gather(n.Refs, func(k *domain.RefKey) string { return string(k.Company) })
		refs := gather(n.Refs, func(k *domain.RefKey) string { return k.Ref })
		each(t.queue(loadRefs, companies, refs), shared.ScanRef(l.Refs))
		into(t.queue(loadRefMessages, companies, refs), &l.Messages, shared.ScanMessage)
	}
	if len(n.Media) > 0 {
		into(t.queue(loadMedia, n.Media), &l.Media, shared.ScanMedia)
	}
	if err := t.step(ctx); err != nil {
		return err
	}
	return book.SetChats(l)
}

const createCounts = `
INSERT INTO dialog_counts (subscription_id, month)
SELECT subscription_id, month FROM unnest($1::text[], $2::text[]) AS k(subscription_id, month)
ORDER BY subscription_id COLLATE "C", month COLLATE "C"
ON CONFLICT DO NOTHING`

const loadCounts = `
SELECT d.subscription_id, d.month, d.used, d.reserved, d.told
FROM unnest($1::text[], $2::text[]) AS k(subscription_id, month)
JOIN dialog_counts d ON d.subscription_id = k.subscription_id AND d.month = k.month
ORDER BY d.subscription_id, d.month
FOR UPDATE OF d`

// setCounts locks, after the chats, the counts of dialogs that have a limit and
// may rise, and reads them: of two workers at one below the limit, the second
// sees the dialog of the first.
func setCounts(ctx context.Context, t *tx, book *domain.Book) error {
	keys := book.NeedCounts()
	if len(keys) == 0 {
		book.SetCounts(nil)
		return nil
	}
	subscriptions := gather(keys, func(k *domain.CountKey) string { return string(k.Subscription) })
	months := gather(keys, func(k *domain.CountKey) string { return k.Month })
	var counts []domain.Count
	t.queue(createCounts, subscriptions, months)
	into(t.queue(loadCounts, subscriptions, months), &counts, shared.ScanCount)
	if err := t.step(ctx); err != nil {
		return err
	}
	book.SetCounts(counts)
	return nil
}
