package shared

import (
	"context"
	"fmt"

	"recado/domain"
)

// sendable is until when a message of the connection c must have been accepted
// to be due: of one that is suspended, disconnected or waits only what waited for an hour,
// and ends.
var sendable = fmt.Sprintf(`now_ms() + CASE WHEN c.status IN ('suspended', 'disconnected') OR c.send_after > now_ms() THEN -%[1]d ELSE %[1]d END`,
	domain.GiveUpAfter.Milliseconds())

// SelectDue lists up to $2 messages of a connection $1 that may be sent: the first
// of their chats, as messages of a chat leave in order. One whose outcome is unknown
// does not hold up the others. It looks at the oldest messages, and asks of the
// first of each chat in that span whether an earlier one stands outside. Where a chat
// with a great backlog fills the span, a wheel finds the other chats, from the chat
// on whose attempt began last.
var SelectDue = fmt.Sprintf(`
WITH RECURSIVE span AS MATERIALIZED (
    SELECT o.*, min(o.seq) OVER (PARTITION BY o.chat_id) AS first_seq FROM (
        SELECT o.message_id, o.chat_id, o.seq, o.attempt_at, o.next_at, o.accepted_at FROM outbox o
        WHERE o.connection_id >= $1 AND (o.connection_id, o.accepted_at) < ($1, (SELECT %[1]s FROM connections c WHERE c.id = $1)) -- plan 1
          AND o.unknown_at = 0 -- plan 4
        ORDER BY o.connection_id, o.accepted_at LIMIT $2 + %[2]d
    ) o
), free AS MATERIALIZED (
    SELECT message_id, accepted_at FROM span o
    WHERE o.seq = o.first_seq AND o.attempt_at = 0 AND o.next_at <= now_ms() AND o.seq = (%[3]s)
    ORDER BY o.accepted_at LIMIT $2
), latest AS MATERIALIZED (
    SELECT coalesce((
        SELECT o.chat_id FROM outbox o WHERE o.connection_id >= $1 AND o.connection_id <= $1 AND o.attempt_at > 0 -- plans 1, 4
        ORDER BY o.connection_id DESC, o.attempt_at DESC LIMIT 1
    ), '') AS chat_id
), bound AS MATERIALIZED (
    SELECT %[1]s AS sendable FROM connections c WHERE c.id = $1
), %[4]s, heads AS MATERIALIZED (
    SELECT message_id FROM (
        SELECT (%[5]s) AS message_id FROM wheel w WHERE w.chat_id NOT IN (SELECT chat_id FROM span)
    ) head
    WHERE message_id IS NOT NULL
    LIMIT CASE WHEN (SELECT count(*) FROM span) < $2 + %[2]d THEN 0 ELSE $2 - (SELECT count(*) FROM free) END
)
SELECT message_id FROM (SELECT message_id, accepted_at FROM free UNION SELECT message_id, now_ms() FROM heads) due
ORDER BY accepted_at`, sendable, SpanMin, OutboxWheel.Head("q.seq", "$1", "o.chat_id", "seq"),
	OutboxWheel.Turn("$1", "(SELECT chat_id FROM latest)"),
	OutboxWheel.Head(ifDue("q.message_id", "(SELECT sendable FROM bound)"), "$1", "w.chat_id", "seq"))

// Due implements domain.Outbox.
func (q Queries) Due(ctx context.Context, c domain.ConnectionID, limit int) ([]domain.MessageID, error) {
	return List(ctx, q.db, Value[domain.MessageID], SelectDue, c, limit)
}

// Abandoned implements domain.Outbox.
func (q Queries) Abandoned(ctx context.Context, c domain.ConnectionID) ([]domain.MessageID, error) {
	return List(ctx, q.db, Value[domain.MessageID], `
SELECT message_id FROM outbox WHERE connection_id >= $1 AND connection_id <= $1 AND attempt_at > 0 -- plans 1, 4
ORDER BY connection_id, attempt_at`, c)
}
