package shared

import (
	"context"
	"fmt"
	"math"
	"time"

	"recado/domain"
)

// chatColumns are those that ScanChat scans.
var chatColumns = read("%s", ChatBirth) + ", " + read("%s", ChatState)

// A chatList names a list of chats.
type chatList struct{ ofConnection, unanswered, blocked bool }

// newChatLists writes the statements that list chats, in the way of the database:
// a page of up to $6 chats from the place $2 … $5. The statement's
//
//   - %[1]s are the columns,
//   - %[2]s = %[3]s selects the company $1, or its connection $7, and is the first
//     column of one index, %[5]s, whose second is listed,
//   - %[4]s selects among those.
//
// An index knows the order of the list to ten minutes; the rest is sorted within them.
func newChatLists(statement string) map[chatList]string {
	const (
		company         = "CAST($1 AS text)"
		connection      = company + " || ' ' || CAST($7 AS text)"
		ofConnection    = "company_id || ' ' || connection_id"
		areUnanswered   = " AND waiting_since <> 0"
		areBlocked      = " AND blocked_at <> 0"
		areOfConnection = " AND ($7 = '' OR connection_id = $7)" // those that are blocked are few
	)
	lists := map[chatList]string{}
	write := func(l chatList, scope, value, where, index string) {
		lists[l] = fmt.Sprintf(statement, chatColumns, scope, value, where, index)
	}
	write(chatList{}, "company_id", company, "", "chats_list")
	write(chatList{ofConnection: true}, ofConnection, connection, "", "chats_connection")
	write(chatList{unanswered: true}, "'unanswered ' || company_id", "'unanswered ' || "+company, areUnanswered, "chats_unanswered")
	write(chatList{ofConnection: true, unanswered: true}, "'unanswered ' || "+ofConnection, "'unanswered ' || "+connection, areUnanswered, "chats_connection_unanswered")
	for _, c := range []bool{false, true} {
		write(chatList{c, false, true}, "'blocked ' || company_id", "'blocked ' || "+company, areBlocked+areOfConnection, "chats_company_blocked")
		write(chatList{c, true, true}, "'blocked ' || company_id", "'blocked ' || "+company, areBlocked+areOfConnection+areUnanswered, "chats_company_blocked")
	}
	return lists
}

// Chats implements domain.ChatReader.
func (q Queries) Chats(ctx context.Context, company domain.CompanyID, c domain.ChatQuery) ([]domain.Chat, error) {
	if c.Search != "" {
		return q.findChats(ctx, company, c)
	}
	args := append(append([]any{company}, placeOf(c.After)...), c.Limit)
	if c.Connection != "" || c.Blocked {
		args = append(args, c.Connection)
	}
	return List(ctx, q.db, ScanChat, q.lists[chatList{c.Connection != "", c.Unanswered, c.Blocked}], args...)
}

// placeOf is a place in the list of chats: listed, last_inbound_at, created_at, id.
func placeOf(c domain.ChatCursor) []any {
	last, created := Millis(c.LastInboundAt), Millis(c.CreatedAt)
	if c.ID == "" {
		last = math.MaxInt64 // the first page is behind it
	}
	return []any{listed(last, created), last, created, c.ID}
}

// What the column listed is made of. The migration says the same.
const (
	listedStep    = 10 * time.Minute
	neverReceived = 100_000_000_000_000 // milliseconds; puts a chat without an incoming message behind all others
)

// listed is the column of that name, which the migration explains.
func listed(lastInbound, created int64) int64 {
	if lastInbound == 0 {
		lastInbound = created - neverReceived
	}
	return lastInbound / listedStep.Milliseconds()
}

// Chat implements domain.ChatReader.
func (q Queries) Chat(ctx context.Context, company domain.CompanyID, id domain.ChatID) (domain.Chat, error) {
	return One(ctx, q.db, ScanChat, SelectChat+`WHERE company_id || '' = $1 AND id = $2 -- plan 5`, company, id)
}

// selectMessages lists messages of a chat, selectWithActions also those that act on
// others.
var (
	selectOfChat = SelectMessage + `
WHERE m.company_id = $1 AND m.chat_id >= $2 AND (m.chat_id, m.at, m.id) < ($2, $3, $4) -- plan 1
`
	selectMessages    = selectOfChat + `AND m.target = ''` + newestFirst
	selectWithActions = selectOfChat + newestFirst
)

const newestFirst = `
ORDER BY m.chat_id DESC, m.at DESC, m.id DESC
LIMIT $5`

// Messages implements domain.ChatReader.
func (q Queries) Messages(ctx context.Context, company domain.CompanyID, m domain.MessageQuery) ([]domain.Message, error) {
	if _, err := q.Chat(ctx, company, m.Chat); err != nil {
		return nil, err
	}
	last := Millis(m.After.At)
	if m.After.ID == "" {
		last = math.MaxInt64
	}
	query := selectMessages
	if m.Actions {
		query = selectWithActions
	}
	return List(ctx, q.db, ScanMessage, query, company, m.Chat, last, m.After.ID, m.Limit)
}

// Message implements domain.ChatReader.
func (q Queries) Message(ctx context.Context, company domain.CompanyID, id domain.MessageID) (domain.Message, error) {
	return One(ctx, q.db, ScanMessage, SelectMessage+`WHERE m.company_id = $1 AND m.id = $2`, company, id)
}

// MessagesKnownAs implements domain.ChatReader.
func (q Queries) MessagesKnownAs(ctx context.Context, company domain.CompanyID, c domain.ConnectionID, ids []domain.ProviderID) (map[domain.ProviderID]domain.Message, error) {
	known := map[domain.ProviderID]domain.Message{}
	if len(ids) == 0 {
		return known, nil
	}
	list, err := List(ctx, q.db, ScanMessage, q.finds.messagesKnownAs, company, c, texts(ids))
	for _, m := range list {
		known[m.ProviderID] = m
	}
	return known, err
}

// RefUsed implements domain.ChatReader.
func (q Queries) RefUsed(ctx context.Context, company domain.CompanyID, ref string) (bool, error) {
	_, used, err := find(ctx, q.db, Value[int], `SELECT 1 FROM client_refs WHERE company_id = $1 AND client_ref = $2`, company, ref)
	return used, err
}

// LastMessages implements domain.ChatReader.
func (q Queries) LastMessages(ctx context.Context, company domain.CompanyID, chats []domain.Chat) (map[domain.ChatID]domain.Message, error) {
	ids := make([]string, len(chats))
	for i, c := range chats {
		ids[i] = string(c.ID)
	}
	messages, err := List(ctx, q.db, ScanMessage, q.finds.lastMessages, company, ids)
	last := map[domain.ChatID]domain.Message{}
	for _, m := range messages {
		last[m.Chat] = m
	}
	return last, err
}
