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
	parked      string // selects the items: the columns of selectParked but the lane, with the number as id
	parkedOrder string // of an index: the oldest first
	discard     string
	unpark      func(ctx context.Context, tx Tx, number int64) (int64, error)
}

// laneQueries has a line for every row of domain.Lanes.
var laneQueries = map[domain.LaneKind]laneQuery{
	domain.LaneInbox: {
		due:         dueInbox,
		waiting:     `SELECT 1 FROM inbox WHERE id >= ` + InboxFloor,
		oldest:      `SELECT received_at FROM inbox WHERE id >= ` + InboxFloor + ` ORDER BY id LIMIT 1`,
		parked:      `SELECT id, hook_id, kind, account, body, error, at, expires_at FROM parked`,
		parkedOrder: `ORDER BY id`,
		discard:     `DELETE FROM parked WHERE id = $1`,
		unpark:      unparkWebhook,
	},
	domain.LaneSend: {
		due:     dueSend,
		waiting: `SELECT 1 FROM outbox WHERE unknown_at = 0`,
		oldest:  oldestSend,
	},
	domain.LaneCallback: {
		due:         dueCallback,
		waiting:     `SELECT 1 FROM deliveries d WHERE d.state = 'due' AND ` + ofEndpoint,
		oldest:      `SELECT min((` + oldestDue + `)) FROM endpoints`,
		parked:      parkedDeliveries,
		parkedOrder: `ORDER BY d.created_at`,
		discard:     `UPDATE deliveries SET state = 'expired', done_at = now_ms() WHERE id = $1 AND state = 'parked'`,
		unpark:      unparkDelivery,
	},
	domain.LaneReplay: {
		due:     dueReplay,
		waiting: `SELECT 1 FROM replay_queue`,
		oldest:  `SELECT created_at FROM replay_queue ORDER BY id LIMIT 1`,
	},
	domain.LaneMedia: {
		due:     dueMedia,
		waiting: `SELECT 1 FROM media WHERE state = 'waiting'`,
		oldest:  oldestMedia,
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
WHERE (
    SELECT 1 FROM inbox
    WHERE (lane, id) >= (l.column1, ` + InboxFloor + `) AND lane >= l.column1 AND lane <= l.column1 -- plan 1
    ORDER BY lane, id LIMIT 1
) IS NOT NULL -- plan 3
`
	dueSend = `
SELECT c.id AS owner FROM connections c
WHERE (` + openAttempt + `) IS NOT NULL
OR c.id IN (SELECT connection_id FROM presses WHERE until > now_ms())
` + orDue(domain.ClassLive, LiveWheel) + orDue(domain.ClassBulk, BulkWheel)
	dueCallback = `
SELECT p.id AS owner FROM endpoints p
WHERE p.status <> 'disabled' AND p.not_before <= now_ms() AND CASE (
    ` + FirstDue(`coalesce(`+ifTried+`, 0)`, "p") + `
) WHEN 1 THEN true WHEN 0 THEN EXISTS ( -- the oldest waits for another try: others may be due
    WITH RECURSIVE ` + DeliveryWheel.Turn("p.id", "''") + `
    SELECT 1 FROM wheel w WHERE (` + DeliveryWheel.Head(ifTried, "p.id", "w.chat_id", "id") + `) IS NOT NULL
) ELSE false END`
)

// InboxFloor is the id below which nothing is in the inbox; see AdvanceQueues of package
// postgres. That of an endpoint is in its row.
const InboxFloor = `coalesce((SELECT floor FROM inbox_floor), 0)`

// ifTried is 1 for a delivery q that an endpoint p may be sent now, else NULL: a
// paused endpoint is probed whatever the delivery waits for.
const ifTried = `CASE WHEN p.status = 'paused' OR q.next_at <= now_ms() THEN 1 END`

// openAttempt selects an open attempt of a connection c.
const openAttempt = `SELECT 1 FROM outbox o
    WHERE o.connection_id >= c.id AND o.connection_id <= c.id AND o.attempt_at > 0 -- plans 1, 4
    ORDER BY o.connection_id, o.attempt_at LIMIT 1`

// inboxLanes lists the numbers of the inbox lanes: "(0), (1), …".
func inboxLanes() string {
	numbers := make([]string, domain.InboxLanes)
	for i := range numbers {
		numbers[i] = fmt.Sprintf("(%d)", i)
	}
	return strings.Join(numbers, ", ")
}
