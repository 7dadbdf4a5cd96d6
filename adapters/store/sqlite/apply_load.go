package sqlite

import (
	"context"

	"recado/adapters/store/shared"
	"recado/domain"
)

// A CROSS JOIN is read in the order in which it is written: the keys first.
const resolvePeers = `
SELECT k.value ->> 0, k.value ->> 1, coalesce(c.id, a.chat_id)
FROM json_each($1) k
LEFT JOIN chats c ON c.connection_id = k.value ->> 0 AND c.peer_id = k.value ->> 1 AND c.merged_into = ''
LEFT JOIN aliases a ON a.connection_id = k.value ->> 0 AND a.peer_id = k.value ->> 1
WHERE c.id IS NOT NULL OR a.chat_id IS NOT NULL`

var loadMessages = shared.SelectMessage + `
WHERE m.rowid IN (
    SELECT p.rowid FROM json_each($1) k CROSS JOIN messages p ON p.id = k.value
    UNION ALL
    SELECT p.rowid FROM json_each($2) k
    CROSS JOIN messages p ON p.connection_id = k.value ->> 0 AND p.provider_id = k.value ->> 1 AND p.provider_id <> ''
)`

// loadChats reads chats, those that they are merged into, and of the chats of the
// second list all that are merged with them.
var loadChats = shared.SelectChat + `
WHERE id IN (
    SELECT value FROM json_each($1)
    UNION ALL
    SELECT c.merged_into FROM json_each($1) k CROSS JOIN chats c ON c.id = k.value AND c.merged_into <> ''
    UNION ALL
    SELECT m.id FROM json_each($2) k
    CROSS JOIN chats c ON c.id = k.value
    CROSS JOIN chats m ON m.merged_into = CASE c.merged_into WHEN '' THEN c.id ELSE c.merged_into END AND m.merged_into <> ''
)`

const loadOrphans = `
SELECT o.connection_id, o.provider_id, o.digest, o.kind, o.fact, o.at, o.received_at
FROM json_each($1) k
CROSS JOIN orphans o ON o.connection_id = k.value ->> 0 AND o.provider_id = k.value ->> 1
ORDER BY o.received_at, o.digest`

const loadWaiting = `
SELECT m.chat_id, m.inbound_seq, m.at
FROM chats c
CROSS JOIN messages m ON m.chat_id = c.id AND m.at >= c.waiting_since
WHERE c.id IN (SELECT value FROM json_each($1)) AND c.unanswered > 0 AND m.inbound_seq > c.answered_seq AND m.at > c.answered_at`

const loadRefs = `
SELECT r.company_id, r.client_ref, r.message_id, r.asked
FROM json_each($1) k
CROSS JOIN client_refs r ON r.company_id = k.value ->> 0 AND r.client_ref = k.value ->> 1`

var loadRefMessages = shared.SelectMessage + `
WHERE m.id IN (
    SELECT r.message_id FROM json_each($1) k
    CROSS JOIN client_refs r ON r.company_id = k.value ->> 0 AND r.client_ref = k.value ->> 1
)`

// setNames finds the chats and messages that the updates name. The messages need
// not be read again: nothing changes before setChats.
func setNames(ctx context.Context, t *tx, book *domain.Book) ([]domain.Message, error) {
	n := book.NeedNames()
	messages, err := shared.List(ctx, t, shared.ScanMessage, loadMessages, list(n.Messages), providerKeys(n))
	if err != nil {
		return nil, err
	}
	peers := map[domain.PeerKey]domain.ChatID{}
	keys := pairs(n.Peers, func(k domain.PeerKey) [2]string { return [2]string{string(k.Connection), string(k.Peer)} })
	if err := t.Query(ctx, shared.ScanPeer(peers), resolvePeers, keys); err != nil {
		return nil, err
	}
	book.SetNames(locations(messages), peers)
	return messages, nil
}

// setChats reads what Decide needs. A query that could find nothing is left out.
// It returns the chats that are to be created.
func setChats(ctx context.Context, t *tx, book *domain.Book, named []domain.Message) (created []domain.Chat, err error) {
	n := book.NeedChats()
	l := domain.Loaded{Messages: named}
	if l.Chats, err = shared.List(ctx, t, shared.ScanChat, loadChats, list(n.Existing), list(n.Whole)); err != nil {
		return nil, err
	}
	l.Chats = append(l.Chats, n.New...) // no other transaction can have created them
	if len(n.Providers) > 0 {
		if l.Orphans, err = shared.List(ctx, t, shared.ScanOrphan, loadOrphans, providerKeys(n.Names)); err != nil {
			return nil, err
		}
	}
	if len(n.Targets) > 0 {
		targets, err := shared.List(ctx, t, shared.ScanMessage, loadMessages, list(n.Targets), "[]")
		if err != nil {
			return nil, err
		}
		l.Messages = append(l.Messages, targets...)
	}
	if err := loadAround(ctx, t, n, &l); err != nil {
		return nil, err
	}
	return n.New, book.SetChats(l)
}

const selectCounts = `
SELECT d.subscription_id, d.month, d.used, d.reserved, d.told
FROM json_each($1) k CROSS JOIN dialog_counts d ON d.subscription_id = k.value ->> 0 AND d.month = k.value ->> 1`

// setCounts reads the counts of dialogs that have a limit and may rise.
func setCounts(ctx context.Context, t *tx, book *domain.Book) error {
	keys := book.NeedCounts()
	if len(keys) == 0 {
		book.SetCounts(nil)
		return nil
	}
	counts, err := shared.List(ctx, t, shared.ScanCount, selectCounts,
		pairs(keys, func(k domain.CountKey) [2]string { return [2]string{string(k.Subscription), k.Month} }))
	if err != nil {
		return err
	}
	book.SetCounts(counts)
	return nil
}

// loadAround reads what only some updates need.
func loadAround(ctx context.Context, t *tx, n domain.ChatNeeds, l *domain.Loaded) error {
	if len(n.Answerable) > 0 {
		l.Unanswered = map[domain.ChatID][]domain.UnansweredMessage{}
		if err := t.Query(ctx, shared.ScanUnanswered(l.Unanswered), loadWaiting, list(n.Answerable)); err != nil {
			return err
		}
	}
	if len(n.Refs) > 0 {
		l.Refs = map[domain.RefKey]domain.ClientRef{}
		keys := pairs(n.Refs, func(k domain.RefKey) [2]string { return [2]string{string(k.Company), k.Ref} })
		if err := t.Query(ctx, shared.ScanRef(l.Refs), loadRefs, keys); err != nil {
			return err
		}
		asked, err := shared.List(ctx, t, shared.ScanMessage, loadRefMessages, keys)
		if err != nil {
			return err
		}
		l.Messages = append(l.Messages, asked...)
	}
	if len(n.Media) > 0 {
		files, err := shared.List(ctx, t, shared.ScanMedia, loadMedia, list(n.Media))
		if err != nil {
			return err
		}
		l.Media = files
	}
	return nil
}

func providerKeys(n domain.Names) string {
	return pairs(n.Providers, func(k domain.ProviderKey) [2]string { return [2]string{string(k.Connection), string(k.ProviderID)} })
}

// locations lists where the messages are.
func locations(messages []domain.Message) []domain.MessageLocation {
	list := make([]domain.MessageLocation, len(messages))
	for i, m := range messages {
		list[i] = domain.MessageLocation{ID: m.ID, Chat: m.Chat, Connection: m.Connection, ProviderID: m.ProviderID, Status: m.Status, Target: m.Target}
	}
	return list
}
