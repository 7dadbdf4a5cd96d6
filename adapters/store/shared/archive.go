package shared

import (
	"context"
	"math"
	"time"

	"recado/domain"
)

// The index knows the order to ten minutes; the rest is sorted within them.
var selectChats = SelectChat + `
WHERE company_id = $1 AND ($2 = '' OR connection_id = $2)
  AND listed <= $3 AND (last_inbound_at, created_at, id) < ($4, $5, $6)
ORDER BY listed DESC, last_inbound_at DESC, created_at DESC, id DESC
LIMIT $7`

// Chats implements domain.ChatReader.
func (q Queries) Chats(ctx context.Context, company domain.CompanyID, c domain.ChatQuery) ([]domain.Chat, error) {
	last, created := Millis(c.After.LastInboundAt), Millis(c.After.CreatedAt)
	if c.After.ID == "" {
		last = math.MaxInt64 // the first page is behind it
	}
	return List(ctx, q.db, ScanChat, selectChats, company, c.Connection, listed(last, created), last, created, c.After.ID, c.Limit)
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
	return One(ctx, q.db, ScanChat, SelectChat+`WHERE company_id = $1 AND id = $2`, company, id)
}

var selectMessages = SelectMessage + `
WHERE m.company_id = $1 AND m.chat_id = $2 AND (m.at, m.id) < ($3, $4)
ORDER BY m.at DESC, m.id DESC
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
