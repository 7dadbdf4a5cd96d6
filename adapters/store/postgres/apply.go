package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"recado/adapters/store/shared"
	"recado/domain"
)

// apply makes four round trips, and a fifth where a dialog may open. See
// domain.Book for what happens between them.
func (s *Store) apply(ctx context.Context, batches []domain.Batch) (receipts []domain.Receipt, _ error) {
	updates := shared.Updates(batches)
	err := s.transact(ctx, func(t *tx) error {
		book := domain.NewBook(updates, shared.NewID)
		if err := s.setRoutes(ctx, t, batches, book); err != nil {
			return err
		}
		if err := setNames(ctx, t, book); err != nil {
			return err
		}
		if err := setChats(ctx, t, book); err != nil {
			return err
		}
		if err := setCounts(ctx, t, book); err != nil {
			return err
		}
		var err error
		receipts, err = shared.Settle(batches, updates, book, func(w domain.Writes, parked []domain.ParkedItem) ([]domain.EndpointID, error) {
			return write(ctx, t, w, parked)
		})
		return err
	})
	return receipts, err
}

// deleteInbox looks at a piece of the lane, whichever index is taken for it. The
// inbox is mostly empty when Postgres counts it, so that all plans look alike: by
// the ids alone it read at times all of a lane, or all lanes, for each of them.
const deleteInbox = `
DELETE FROM inbox
WHERE ctid = ANY (ARRAY( -- plan 6
    SELECT ctid FROM inbox
    WHERE lane = $2 AND id >= $3 AND id <= $4 AND (id IN (SELECT unnest($1::bigint[]))) IS TRUE -- plan 5
))`

const selectRoutes = shared.SelectRoute + `
WHERE c.id = ANY (ARRAY( -- plan 2
    SELECT unnest($1::text[])
    UNION ALL
    SELECT k.id FROM unnest($2::text[], $3::text[]) AS a(hook_id, account)
    JOIN connections k ON k.hook_id = a.hook_id AND k.account = a.account
    UNION ALL
    SELECT connection_id FROM chats WHERE id = ANY($4)
    UNION ALL
    SELECT id FROM connections WHERE hook_id = ANY($5)
))`

const selectFormerRoutes = shared.SelectFormerRoute + `
WHERE f.ctid = ANY (ARRAY( -- plan 2
    SELECT (SELECT k.ctid FROM former_hooks k WHERE k.hook_id = a.hook_id AND k.account = a.account LIMIT 1) -- plan 3
    FROM unnest($1::text[], $2::text[]) AS a(hook_id, account)
))`

// setRoutes deletes the webhooks from the inbox and finds the connections of the
// updates.
func (s *Store) setRoutes(ctx context.Context, t *tx, batches []domain.Batch, book *domain.Book) error {
	var now time.Time
	var routes []domain.Route
	gone := false
	t.now(&now)
	for _, b := range batches {
		if len(b.Inbox) > 0 {
			t.queue(deleteInbox, b.Inbox, b.Lane, slices.Min(b.Inbox), slices.Max(b.Inbox)).Exec(func(done pgconn.CommandTag) error {
				gone = gone || done.RowsAffected() != int64(len(b.Inbox))
				return nil
			})
		}
	}
	need := book.NeedRoutes()
	into(t.queue(selectRoutes, need.Connections,
		gather(need.Accounts, func(k *domain.AccountKey) string { return string(k.Hook) }),
		gather(need.Accounts, func(k *domain.AccountKey) string { return k.Account }), need.Chats, need.Hooks), &routes, s.Route)
	if err := t.step(ctx); err != nil {
		return err
	}
	if gone {
		return domain.ErrTaken
	}
	if unknown := shared.UnknownAccounts(need.Accounts, routes); len(unknown) > 0 {
		into(t.queue(selectFormerRoutes,
			gather(unknown, func(k *domain.AccountKey) string { return string(k.Hook) }),
			gather(unknown, func(k *domain.AccountKey) string { return k.Account })), &routes, s.Route)
		if err := t.step(ctx); err != nil {
			return err
		}
	}
	book.SetRoutes(now, routes)
	return nil
}

const resolveMessages = `
SELECT id, chat_id, connection_id, provider_id, status, target FROM messages
WHERE id = ANY (ARRAY(` + namedMessages + `)) -- plan 2`

const resolvePeers = `
SELECT k.connection_id, k.peer_id, coalesce(c.id, a.chat_id)
FROM unnest($1::text[], $2::text[]) AS k(connection_id, peer_id)
LEFT JOIN LATERAL (SELECT id FROM chats WHERE connection_id = k.connection_id AND peer_id = k.peer_id AND merged_into = '' LIMIT 1) c ON true -- plan 3
LEFT JOIN LATERAL (SELECT chat_id FROM aliases WHERE connection_id = k.connection_id AND peer_id = k.peer_id LIMIT 1) a ON true -- plan 3
WHERE c.id IS NOT NULL OR a.chat_id IS NOT NULL`

// setNames finds the chats and messages that the updates name. No lock is taken
// yet: statuses name a message, peers have aliases, and all chats are to be
// locked at once.
func setNames(ctx context.Context, t *tx, book *domain.Book) error {
	n := book.NeedNames()
	var messages []domain.MessageLocation
	peers := map[domain.PeerKey]domain.ChatID{}
	into(t.queue(resolveMessages, n.Messages, providerConnections(n.Providers), providerIDs(n.Providers)), &messages, shared.ScanLocation)
	each(t.queue(resolvePeers, peerConnections(n.Peers), peerIDs(n.Peers)), shared.ScanPeer(peers))
	if err := t.step(ctx); err != nil {
		return err
	}
	book.SetNames(messages, peers)
	return nil
}

func providerConnections(keys []domain.ProviderKey) []string {
	return gather(keys, func(k *domain.ProviderKey) string { return string(k.Connection) })
}

func providerIDs(keys []domain.ProviderKey) []string {
	return gather(keys, func(k *domain.ProviderKey) string { return string(k.ProviderID) })
}

func peerConnections(keys []domain.PeerKey) []string {
	return gather(keys, func(k *domain.PeerKey) string { return string(k.Connection) })
}

func peerIDs(keys []domain.PeerKey) []string {
	return gather(keys, func(k *domain.PeerKey) string { return string(k.Peer) })
}
