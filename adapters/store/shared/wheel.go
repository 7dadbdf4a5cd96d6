package shared

import (
	"fmt"

	"recado/domain"
)

// A Wheel visits the chats that have rows in a queue, one after another by their
// ids: with it, who looks for work passes over all that waits in a chat in one
// step. Once round, it ends.
type Wheel struct {
	Queue string // a table
	Owner string // its column of a lane's owner
	Waits string // holds for rows q that wait; the table's index of (Owner, chat_id, …) has the same WHERE
}

// The queues that have chats.
var (
	DeliveryWheel = Wheel{"deliveries", "endpoint_id", "q.state = 'due'"}
	LiveWheel     = Wheel{"outbox", "connection_id", "q.unknown_at = 0 AND q.class = 1"}
	BulkWheel     = Wheel{"outbox", "connection_id", "q.unknown_at = 0 AND q.class = 2"}
)

// Turn is the common table expression wheel (chat_id, lap) of an owner. It lists the
// chats behind start in order (lap 0), then an end (NULL), then those from the first
// chat up to start (lap 1). It may list start twice, and start or the empty id
// although they have no work. Each step compares pairs: whatever plan is made, only
// the index of chats gives their order. A blank is behind the id that it follows and
// before all others, since SQLite finds the first pair that is >=, but not the first
// that is >. The empty subquery lends start the column's collation.
func (w Wheel) Turn(owner, start string) string {
	return fmt.Sprintf(`wheel (chat_id, lap) AS (
    SELECT coalesce((SELECT q.chat_id FROM %[1]s q WHERE 1 = 0), %[5]s), 0
    UNION ALL
    SELECT CASE WHEN w.chat_id IS NULL THEN '' ELSE (
        SELECT q.chat_id FROM %[1]s q
        WHERE (q.%[2]s, q.chat_id) >= (%[4]s, w.chat_id || ' ') AND q.%[2]s <= %[4]s AND %[3]s -- plans 1, 4
        ORDER BY q.%[2]s, q.chat_id LIMIT 1
    ) END, w.lap + CASE WHEN w.chat_id IS NULL THEN 1 ELSE 0 END
    FROM wheel w WHERE w.lap = 0 AND (w.chat_id IS NOT NULL OR %[5]s > '') OR w.lap = 1 AND w.chat_id < %[5]s
)`, w.Queue, w.Owner, w.Waits, owner, start)
}

// Head selects columns of the oldest row of a chat; order is what comes behind
// chat_id in the index.
func (w Wheel) Head(columns, owner, chat, order string) string {
	return w.rows(columns, owner, chat, order, "1")
}

// Heads selects columns of the oldest HeadsMax rows of a chat.
func (w Wheel) Heads(columns, owner, chat, order string) string {
	return w.rows(columns, owner, chat, order, fmt.Sprint(HeadsMax))
}

// LastHead selects columns of the last of the Heads of a chat, if it has so many.
func (w Wheel) LastHead(columns, owner, chat, order string) string {
	return w.rows(columns, owner, chat, order, fmt.Sprintf("1 OFFSET %d", HeadsMax-1))
}

func (w Wheel) rows(columns, owner, chat, order, limit string) string {
	return fmt.Sprintf(`SELECT %[1]s FROM %[2]s q
WHERE q.%[3]s = %[5]s AND q.chat_id >= %[6]s AND q.chat_id <= %[6]s AND %[4]s -- plans 1, 4
ORDER BY q.chat_id, q.%[7]s LIMIT %[8]s`, columns, w.Queue, w.Owner, w.Waits, owner, chat, order, limit)
}

// HeadsMax is how many rows of each chat a claim takes beside a great backlog. With
// one, a chat in which much happens would wait for a claim for each.
const HeadsMax = 8

// SpanMin is how many rows of a queue are looked at, beyond those that are asked
// for, before a wheel passes over whole chats.
const SpanMin = 256

// WheelStart is where the wheel of a claim starts: not always in the same place, so
// that no chat starves. The busy chats are in no order.
func WheelStart(busy []domain.ChatID) domain.ChatID {
	if len(busy) == 0 {
		return ""
	}
	return busy[0]
}

// FirstDue selects columns of the oldest delivery q that is due to the endpoint of a row
// that the statement has under the given name. The pair finds where to begin; the range
// keeps PostgreSQL from another index, since it takes a pair for less selective.
func FirstDue(columns, endpoint string) string {
	return fmt.Sprintf(`SELECT %[1]s FROM deliveries q
    WHERE (q.endpoint_id, q.id) >= (%[2]s.id, %[2]s.floor) AND q.endpoint_id >= %[2]s.id AND q.endpoint_id <= %[2]s.id
      AND q.state = 'due' -- plans 1, 4
    ORDER BY q.endpoint_id, q.id LIMIT 1`, columns, endpoint)
}

// SelectRetried selects the chats of an endpoint $1 whose oldest delivery waits for
// another try.
const SelectRetried = `SELECT chat_id FROM (
        SELECT h.chat_id FROM deliveries h
        WHERE (h.endpoint_id, h.next_at) > ($1, now_ms()) AND h.endpoint_id >= $1 AND h.endpoint_id <= $1
          AND h.state = 'due' AND h.attempts > 0 -- plans 1, 4
        ORDER BY h.endpoint_id, h.next_at
    ) retried`
