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
//   - %[2]s = %[3]s selects the company $1, or its connection $7,
//   - %[4]s selects among those,
//   - %[5]s is the index to be read, which ends with listed and, in the list of a
//     part, %[6]s.
//
// The index of connections begins with one value, so that who looks for a peer of a
// connection is not led through it. An index knows the order of the list to ten
// minutes; the rest is sorted within them.
func newChatLists(statement string) map[chatList]string {
	lists := map[chatList]string{}
	write := func(l chatList, where, index, last string) {
		scope, value := "company_id", "CAST($1 AS text)"
		if l.ofConnection && !l.blocked {
			scope, value = "company_id || ' ' || connection_id", "CAST($1 AS text) || ' ' || CAST($7 AS text)"
		}
		lists[l] = fmt.Sprintf(statement, chatColumns, scope, value, where, index, last)
	}
	const areUnanswered = " AND waiting_since <> 0"
	write(chatList{}, "", "chats_list", "")
	write(chatList{ofConnection: true}, "", "chats_connection", "")
	write(chatList{unanswered: true}, areUnanswered, "chats_unanswered", ", waiting_since DESC")
	write(chatList{ofConnection: true, unanswered: true}, areUnanswered, "chats_connection_unanswered", ", waiting_since DESC")
	for _, ofConnection := range []bool{false, true} { // those that are blocked are few
		const areBlocked = " AND blocked_at <> 0 AND ($7 = '' OR connection_id = $7)"
		write(chatList{ofConnection, false, true}, areBlocked, "chats_blocked", ", blocked_at DESC")
		write(chatList{ofConnection, true, true}, areBlocked+areUnanswered, "chats_blocked", ", blocked_at DESC")
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
	return One(ctx, q.db, ScanChat, SelectChat+`WHERE company_id || '' = $1 AND id = $2`, company, id)
}

var selectMessages = SelectMessage + `
WHERE m.company_id = $1 AND m.chat_id >= $2 AND (m.chat_id, m.at, m.id) < ($2, $3, $4)
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
	return List(ctx, q.db, ScanMessage, selectMessages, company, m.Chat, last, m.After.ID, m.Limit)
}

// Message implements domain.ChatReader.
func (q Queries) Message(ctx context.Context, company domain.CompanyID, id domain.MessageID) (domain.Message, error) {
	return One(ctx, q.db, ScanMessage, SelectMessage+`WHERE m.company_id = $1 AND m.id = $2`, company, id)
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
