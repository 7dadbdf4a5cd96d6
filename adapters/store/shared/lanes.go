package shared

import (
	"context"
	"fmt"
	"strings"

	"recado/domain"
)

// A laneQuery is what the store knows of the lanes of one kind.
type laneQuery struct {
	due     string // selects the owners of lanes in which work is due, as owner
	waiting string // selects a row for each piece of work that waits
	oldest  string // selects when the oldest of them came

	// Of a kind that Parks, else empty. $1 is the number in the item's id.
	parked  string // selects the items: the columns of selectParked but the lane, with the number as id
	discard string
	unpark  func(ctx context.Context, tx Tx, number int64) (int64, error)
}

// laneQueries has a line for every row of domain.Lanes.
var laneQueries = map[domain.LaneKind]laneQuery{
	domain.LaneInbox: {
		due:     dueInbox,
		waiting: `SELECT 1 FROM inbox`,
		oldest:  `SELECT received_at FROM inbox ORDER BY id LIMIT 1`,
		parked:  `SELECT id, hook_id, kind, account, body, error, at, expires_at FROM parked`,
		discard: `DELETE FROM parked WHERE id = $1`,
		unpark:  unparkWebhook,
	},
	domain.LaneSend: {
		due:     dueSend,
		waiting: `SELECT 1 FROM outbox WHERE unknown_at = 0`,
		oldest:  oldestSend,
	},
	domain.LaneCallback: {
		due:     dueCallback,
		waiting: `SELECT 1 FROM deliveries WHERE state = 'due'`,
		oldest:  `SELECT min((` + oldestDue + `)) FROM endpoints`,
		parked:  parkedDeliveries,
		discard: `UPDATE deliveries SET state = 'expired', done_at = now_ms() WHERE id = $1 AND state = 'parked'`,
		unpark:  unparkDelivery,
	},
}

// eachLane joins a SELECT for each kind of lanes; empty ones are left out.
func eachLane(query func(domain.LaneRow, laneQuery) string) string {
	var all []string
	for _, row := range domain.Lanes {
		if sql := query(row, laneQueries[row.Kind]); sql != "" {
			all = append(all, sql)
		}
	}
	return strings.Join(all, "\nUNION ALL\n")
}

// The owners of the lanes of each kind in which work is due.
var (
	dueInbox = `
SELECT CAST(l.column1 AS text) AS owner
FROM (VALUES ` + inboxLanes() + `) AS l
WHERE EXISTS (SELECT 1 FROM inbox WHERE lane = l.column1)`
	dueSend = `
SELECT c.id AS owner FROM connections c
WHERE c.id IN (SELECT connection_id FROM outbox WHERE attempt_at > 0)
OR c.id IN (SELECT connection_id FROM presses WHERE until > now_ms())
OR EXISTS (
    SELECT 1 FROM outbox o WHERE o.connection_id BETWEEN c.id AND c.id
      AND o.unknown_at = 0 AND o.next_at <= now_ms() AND o.accepted_at < ` + sendable + ` AND NOT EXISTS (
        SELECT 1 FROM outbox e WHERE e.chat_id BETWEEN o.chat_id AND o.chat_id AND e.seq < o.seq AND e.unknown_at = 0
      )
)`
	dueCallback = `
SELECT p.id AS owner FROM endpoints p
WHERE (p.status = 'ok' OR p.status = 'paused' AND p.probe_at <= now_ms())
  AND (
    SELECT 1 FROM deliveries d WHERE d.endpoint_id >= p.id AND d.endpoint_id <= p.id AND d.state = 'due'
      AND NOT EXISTS (
        SELECT 1 FROM deliveries h WHERE h.endpoint_id = p.id AND h.chat_id = d.chat_id
          AND h.state = 'due' AND h.attempts > 0 AND h.next_at > now_ms()
      )
    ORDER BY d.endpoint_id, d.id LIMIT 1
  ) IS NOT NULL`
)

// inboxLanes lists the numbers of the inbox lanes: "(0), (1), …".
func inboxLanes() string {
	numbers := make([]string, domain.InboxLanes)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("(%d)", i)
	}
	return strings.Join(numbers, ", ")
}

// oldestSend looks up the first message of each connection. Plan 1.
const oldestSend = `
SELECT min((
    SELECT o.accepted_at FROM outbox o
    WHERE o.connection_id >= c.id AND o.connection_id <= c.id AND o.unknown_at = 0
    ORDER BY o.connection_id, o.accepted_at LIMIT 1
)) FROM connections c`
