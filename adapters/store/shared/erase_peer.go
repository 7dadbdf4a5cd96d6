package shared

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"recado/domain"
)

const selectChatCalled = `
SELECT id FROM chats WHERE connection_id = $1 AND peer_id = $2
UNION ALL
SELECT chat_id FROM aliases WHERE connection_id = $1 AND peer_id = $2
LIMIT 1`

// selectChatSize counts what goes with the chat $1.
const selectChatSize = `
SELECT count(*), coalesce(sum((SELECT count(*) FROM media f WHERE f.message_id = m.id AND f.state <> 'erasing')), 0),
    coalesce(sum((SELECT sum(f.size) FROM media f WHERE f.message_id = m.id AND f.state <> 'erasing')), 0)
FROM messages m WHERE m.chat_id = $1`

// PeerChats implements domain.Eraser.
func (q Queries) PeerChats(ctx context.Context, company domain.CompanyID, name string) ([]domain.PeerChat, error) {
	ids, err := q.chatsCalled(ctx, company, name)
	if err != nil {
		return nil, err
	}
	chats, err := q.withMerged(ctx, company, ids)
	if err != nil {
		return nil, err
	}
	list := make([]domain.PeerChat, 0, len(chats))
	for _, c := range chats {
		size, err := One(ctx, q.db, func(row Row) (domain.PeerChat, error) {
			found := domain.PeerChat{Chat: c}
			err := row.Scan(&found.Messages, &found.Files, &found.Bytes)
			return found, err
		}, selectChatSize, c.ID)
		if err != nil {
			return nil, err
		}
		list = append(list, size)
	}
	slices.SortFunc(list, func(a, b domain.PeerChat) int {
		switch {
		case a.MergedInto == b.ID:
			return -1
		case b.MergedInto == a.ID:
			return 1
		}
		return cmp.Or(cmp.Compare(b.MergedInto, a.MergedInto), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

// chatsCalled finds the chats whose peer has the name.
func (q Queries) chatsCalled(ctx context.Context, company domain.CompanyID, name string) (ids []domain.ChatID, err error) {
	connections, err := q.Connections(ctx, company)
	if err != nil {
		return nil, err
	}
	for _, c := range connections {
		peer, err := c.Kind.ParsePeer(name)
		if err != nil {
			continue // no peer of the kind is called so
		}
		for _, p := range append([]domain.PeerID{peer}, c.Kind.Variants(peer)...) {
			id, exists, err := find(ctx, q.db, Value[domain.ChatID], selectChatCalled, c.ID, p)
			if err != nil {
				return nil, err
			}
			if exists {
				ids = append(ids, id)
				break // another spelling is another person
			}
		}
	}
	found, err := q.Chats(ctx, company, domain.ChatQuery{Search: name, Limit: maxFound})
	for _, c := range found {
		if !c.IsGroup && (sameNumber(c.Phone, name) || sameNumber(string(c.Peer), name) || c.Username != "" && strings.EqualFold(c.Username, strings.TrimPrefix(name, "@"))) {
			ids = append(ids, c.ID)
		}
	}
	return ids, err
}

// sameNumber reports whether both are spellings of one phone number.
func sameNumber(a, b string) bool {
	number := func(text string) string {
		return strings.TrimPrefix(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("+()-. ", r) }), ""), "00")
	}
	a, b = number(a), number(b)
	return a != "" && isNumber(a) && a == b
}

// withMerged returns the chats and those that are merged with them.
func (q Queries) withMerged(ctx context.Context, company domain.CompanyID, ids []domain.ChatID) ([]domain.Chat, error) {
	known := map[domain.ChatID]bool{}
	var all []domain.Chat
	for len(ids) > 0 {
		id := ids[0]
		ids = ids[1:]
		if known[id] {
			continue
		}
		known[id] = true
		found, err := List(ctx, q.db, ScanChat, SelectChat+`WHERE company_id || '' = $1 AND id = $2 -- plan 5`, company, id)
		if err != nil || len(found) == 0 {
			return all, err
		}
		merged, err := List(ctx, q.db, Value[domain.ChatID], `SELECT id FROM chats WHERE merged_into = $1 AND merged_into <> '' -- plan 4`, id)
		if err != nil {
			return nil, err
		}
		all = append(all, found[0])
		if ids = append(ids, merged...); found[0].MergedInto != "" {
			ids = append(ids, found[0].MergedInto)
		}
	}
	return all, nil
}
