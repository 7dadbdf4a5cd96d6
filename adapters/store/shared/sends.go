package shared

import (
	"context"
	"fmt"

	"recado/domain"
)

// SelectDue lists messages of a connection $1 that may be sent, up to $2 of each
// class: the first of their chats, as messages of a chat leave in order. A message of
// bulk that holds up a live one counts as live.
var SelectDue = fmt.Sprintf(`
WITH latest AS MATERIALIZED (
    SELECT coalesce((
        SELECT o.chat_id FROM outbox o WHERE o.connection_id >= $1 AND o.connection_id <= $1 AND o.attempt_at > 0 -- plans 1, 4
        ORDER BY o.connection_id DESC, o.attempt_at DESC LIMIT 1
    ), '') AS chat_id
), bound AS MATERIALIZED (
    SELECT %s AS live, %s AS bulk FROM connections c WHERE c.id = $1
), live AS MATERIALIZED (%s), bulk AS MATERIALIZED (%s)
SELECT d.message_id, d.chat_id, coalesce((SELECT c.is_group FROM chats c WHERE c.id = d.chat_id), 1 = 0), d.class
FROM (
    SELECT message_id, chat_id, 1 AS class, accepted_at FROM live
    UNION ALL
    SELECT message_id, chat_id, 2, accepted_at FROM bulk WHERE message_id NOT IN (SELECT message_id FROM live)
) d
ORDER BY d.class, d.accepted_at`,
	sendable(domain.ClassLive), sendable(domain.ClassBulk), dueOf(LiveWheel, "live"), dueOf(BulkWheel, "bulk"))

// dueOf selects those of the chats that have messages of one class. It looks at the
// oldest messages of the class, and asks for the first message of each chat in that
// span. Where a chat with a great backlog fills the span, a wheel finds the other
// chats, from the chat on whose attempt began last.
func dueOf(class Wheel, bound string) string {
	return fmt.Sprintf(`
    WITH RECURSIVE span AS MATERIALIZED (
        SELECT q.chat_id, q.accepted_at FROM outbox q
        WHERE q.connection_id >= $1 AND (q.connection_id, q.accepted_at) < ($1, (SELECT %[2]s FROM bound)) -- plan 1
          AND %[1]s -- plan 4
        ORDER BY q.connection_id, q.accepted_at LIMIT $2 + %[3]d
    ), waiting AS MATERIALIZED (
        SELECT chat_id, min(accepted_at) AS accepted_at FROM span GROUP BY chat_id ORDER BY 2 LIMIT $2 + %[3]d
    ), free AS MATERIALIZED (
        SELECT message_id, chat_id, accepted_at FROM (
            SELECT (%[4]s) AS message_id, w.chat_id, w.accepted_at FROM waiting w LIMIT $2 + %[3]d
        ) head
        WHERE message_id IS NOT NULL
        LIMIT $2
    ), %[5]s, others AS MATERIALIZED (
        SELECT message_id, chat_id FROM (
            SELECT (%[4]s) AS message_id, w.chat_id FROM wheel w WHERE w.chat_id NOT IN (SELECT chat_id FROM waiting)
        ) head
        WHERE message_id IS NOT NULL
        LIMIT CASE WHEN (SELECT count(*) FROM span) < $2 + %[3]d THEN 0 ELSE $2 - (SELECT count(*) FROM free) END
    )
    SELECT message_id, chat_id, accepted_at FROM free UNION SELECT message_id, chat_id, now_ms() FROM others
`, class.Waits, bound, SpanMin, firstOfChat(ifDue("q.message_id", "CASE q.class WHEN 2 THEN (SELECT bulk FROM bound) ELSE (SELECT live FROM bound) END"), "w.chat_id"),
		class.Turn("$1", "(SELECT chat_id FROM latest)"))
}

// sendable is until when a message of the class and the connection c must have been
// accepted to be due: of one that is suspended or waits, only what is too old to wait
// on, and ends.
func sendable(class domain.Class) string {
	return fmt.Sprintf(`now_ms() + CASE WHEN c.status IN ('suspended', 'disconnected') OR c.send_after > now_ms() THEN -%[1]d ELSE %[1]d END`,
		class.GiveUpAfter().Milliseconds())
}

// ifDue is a value of a message q of the outbox that may be sent, else NULL.
func ifDue(value, sendable string) string {
	return `CASE WHEN q.attempt_at = 0 AND q.next_at <= now_ms() AND q.accepted_at < ` + sendable + ` THEN ` + value + ` END`
}

// firstOfChat selects a value of the message with which a chat goes on, of whatever
// class. One whose outcome is unknown does not hold up the others.
func firstOfChat(value, chat string) string {
	return fmt.Sprintf(`SELECT %[1]s FROM outbox q
        WHERE q.chat_id >= %[2]s AND q.chat_id <= %[2]s AND q.unknown_at = 0 -- plan 1
        ORDER BY q.chat_id, q.seq LIMIT 1`, value, chat)
}

// orDue holds for a connection c with chats whose first message may be sent, of those
// with messages of a class. It looks first for a message that is old enough to be
// sent: behind one that may not send, thousands wait that are not.
func orDue(class domain.Class, chats Wheel) string {
	of := fmt.Sprintf("CASE q.class WHEN 2 THEN %s ELSE %s END", sendable(domain.ClassBulk), sendable(domain.ClassLive))
	return fmt.Sprintf(`
OR (
    SELECT 1 FROM outbox q
    WHERE q.connection_id >= c.id AND (q.connection_id, q.accepted_at) < (c.id, %s) AND %s -- plans 1, 4
    ORDER BY q.connection_id, q.accepted_at LIMIT 1
) IS NOT NULL AND EXISTS (
    WITH RECURSIVE %s
    SELECT 1 FROM wheel w WHERE (%s) IS NOT NULL
)`, sendable(class), chats.Waits, chats.Turn("c.id", "''"), firstOfChat(ifDue("1", of), "w.chat_id"))
}

// oldestSend looks up the first message of each class of each connection.
var oldestSend = fmt.Sprintf(`SELECT min(at) FROM (%s UNION ALL %s) oldest`, oldestOf(LiveWheel), oldestOf(BulkWheel))

func oldestOf(class Wheel) string {
	return `SELECT (
    SELECT q.accepted_at FROM outbox q
    WHERE q.connection_id >= c.id AND q.connection_id <= c.id AND ` + class.Waits + ` -- plans 1, 4
    ORDER BY q.connection_id, q.accepted_at LIMIT 1
) AS at FROM connections c`
}

// Due implements domain.Outbox.
func (q Queries) Due(ctx context.Context, c domain.ConnectionID, limit int) ([]domain.Waiting, error) {
	return List(ctx, q.db, func(row Row) (domain.Waiting, error) {
		var w domain.Waiting
		err := row.Scan(&w.Message, &w.Chat, &w.Group, &w.Class)
		return w, err
	}, SelectDue, c, limit)
}

// CountBulk implements domain.Outbox.
func (q Queries) CountBulk(ctx context.Context, c domain.ConnectionID) (int, error) {
	return One(ctx, q.db, Value[int], `
SELECT count(*) FROM (
    SELECT 1 FROM outbox q WHERE q.connection_id >= $1 AND q.connection_id <= $1 AND `+BulkWheel.Waits+` -- plans 1, 4
    ORDER BY q.connection_id, q.accepted_at LIMIT $2
) bulk`, c, domain.CountBulkMax)
}

// Abandoned implements domain.Outbox.
func (q Queries) Abandoned(ctx context.Context, c domain.ConnectionID) ([]domain.MessageID, error) {
	return List(ctx, q.db, Value[domain.MessageID], `
SELECT message_id FROM outbox WHERE connection_id >= $1 AND connection_id <= $1 AND attempt_at > 0 -- plans 1, 4
ORDER BY connection_id, attempt_at`, c)
}
