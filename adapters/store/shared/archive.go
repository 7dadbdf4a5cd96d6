package shared

import (
	"context"
	"fmt"
	"math"
	"time"

	"recado/domain"
)

// selectChats lists chats in the order of an index: first, listed, last. Where and
// that order name what no other index has. The index knows the order to ten
// minutes; the rest is sorted within them.
func selectChats(first, where, last string) string {
	return fmt.Sprintf(`
SELECT %[1]s FROM (
    SELECT %[1]s, listed FROM chats WHERE %[3]s
    ORDER BY %[2]slisted DESC%[4]s
) c
WHERE (last_inbound_at, created_at, id) < ($3, $4, $5)
ORDER BY %[2]slisted DESC, last_inbound_at DESC, created_at DESC, id DESC
LIMIT $6`, read("%s", ChatBirth)+", "+read("%s", ChatState), first, where, last)
}

// inCompany and inConnection select the chats of $1, and of its connection $7. The
// index of connections begins with one value, so that who looks for a peer of a
// connection is not led through it.
const (
	inCompany    = "company_id >= $1 AND (company_id, listed) <= ($1, $2)"
	inConnection = "company_id || ' ' || connection_id = CAST($1 AS text) || ' ' || CAST($7 AS text) AND listed <= $2"
)

var (
	selectCompanyChats    = selectChats("company_id DESC, ", inCompany, "")
	selectConnectionChats = selectChats("", inConnection, "")
	selectBlockedChats    = selectChats("company_id DESC, ", inCompany+" AND blocked_at <> 0 AND ($7 = '' OR connection_id = $7)", ", blocked_at DESC")
)

// Chats implements domain.ChatReader.
func (q Queries) Chats(ctx context.Context, company domain.CompanyID, c domain.ChatQuery) ([]domain.Chat, error) {
	last, created := Millis(c.After.LastInboundAt), Millis(c.After.CreatedAt)
	if c.After.ID == "" {
		last = math.MaxInt64 // the first page is behind it
	}
	args := []any{company, listed(last, created), last, created, c.After.ID, c.Limit}
	switch {
	case c.Blocked:
		return List(ctx, q.db, ScanChat, selectBlockedChats, append(args, c.Connection)...)
	case c.Connection != "":
		return List(ctx, q.db, ScanChat, selectConnectionChats, append(args, c.Connection)...)
	}
	return List(ctx, q.db, ScanChat, selectCompanyChats, args...)
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
