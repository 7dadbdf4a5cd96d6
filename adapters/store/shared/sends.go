package shared

import (
	"context"
	"fmt"

	"recado/domain"
)

// sendable is until when a message of the connection c must have been accepted
// to be due: of one that is suspended or waits only what waited for an hour,
// and ends.
var sendable = fmt.Sprintf(`now_ms() + CASE WHEN c.status = 'suspended' OR c.send_after > now_ms() THEN -%[1]d ELSE %[1]d END`,
	domain.GiveUpAfter.Milliseconds())

// SelectDue lists up to $2 messages of a connection $1 that may be sent. It leaves
// out a message with an earlier one of its chat before it: messages of a chat
// leave in order. One whose outcome is unknown does not hold up the others. Of
// the ranges of one see SelectMessage.
var SelectDue = `
SELECT o.message_id FROM outbox o
WHERE o.connection_id >= $1 AND o.connection_id <= $1 AND o.attempt_at = 0 AND o.unknown_at = 0 AND o.next_at <= now_ms()
  AND o.accepted_at < (SELECT ` + sendable + ` FROM connections c WHERE c.id = $1)
  AND NOT EXISTS (
    SELECT 1 FROM outbox e WHERE e.chat_id BETWEEN o.chat_id AND o.chat_id AND e.seq < o.seq AND e.unknown_at = 0
  )
ORDER BY o.connection_id, o.accepted_at
LIMIT $2`

// Due implements domain.Outbox.
func (q Queries) Due(ctx context.Context, c domain.ConnectionID, limit int) ([]domain.MessageID, error) {
	return List(ctx, q.db, Value[domain.MessageID], SelectDue, c, limit)
}

// Abandoned implements domain.Outbox.
func (q Queries) Abandoned(ctx context.Context, c domain.ConnectionID) ([]domain.MessageID, error) {
	return List(ctx, q.db, Value[domain.MessageID],
		`SELECT message_id FROM outbox WHERE connection_id = $1 AND attempt_at > 0`, c)
}
