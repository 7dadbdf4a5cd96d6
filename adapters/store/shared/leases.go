package shared

import (
	"context"
	"fmt"
	"strings"

	"recado/domain"
)

// deadAfter is how long a process may be silent, in SQL.
var deadAfter = SQLMillis(domain.DeadAfter)

// Join implements domain.Leases.
func (q Queries) Join(ctx context.Context) (domain.ProcessID, error) {
	p := domain.ProcessID("proc_" + NewID())
	_, err := q.vital.Exec(ctx, `INSERT INTO processes (id, beat_at) VALUES ($1, now_ms())`, p)
	return p, err
}

// Beat implements domain.Leases.
func (q Queries) Beat(ctx context.Context, p domain.ProcessID) (bool, error) {
	n, err := q.vital.Exec(ctx, `
UPDATE processes SET beat_at = now_ms()
WHERE id = $1 AND beat_at > now_ms() - `+deadAfter, p)
	return n == 1, err
}

// Leave implements domain.Leases.
func (q Queries) Leave(ctx context.Context, p domain.ProcessID) error {
	if _, err := q.db.Exec(ctx, `UPDATE leases SET owner = '' WHERE owner = $1`, p); err != nil {
		return err
	}
	_, err := q.db.Exec(ctx, `DELETE FROM processes WHERE id = $1`, p)
	return err
}

// A lease that was taken a moment ago is respected even if this statement's
// snapshot is too old to show its owner alive.
var takeLease = `
INSERT INTO leases (lane, owner, taken_at) VALUES ($1, $2, now_ms())
ON CONFLICT (lane) DO UPDATE SET owner = excluded.owner, taken_at = excluded.taken_at
WHERE leases.owner IN ('', excluded.owner) OR leases.taken_at < now_ms() - ` + deadAfter + ` AND NOT EXISTS (
    SELECT 1 FROM processes p WHERE p.id = leases.owner AND p.beat_at > now_ms() - ` + deadAfter + `
)`

// Take implements domain.Leases.
func (q Queries) Take(ctx context.Context, l domain.Lane, p domain.ProcessID) (bool, error) {
	n, err := q.db.Exec(ctx, takeLease, l, p)
	return n == 1, err
}

// Release implements domain.Leases.
func (q Queries) Release(ctx context.Context, l domain.Lane, p domain.ProcessID) error {
	_, err := q.db.Exec(ctx, `UPDATE leases SET owner = '' WHERE lane = $1 AND owner = $2`, l, p)
	return err
}

// What is due in the lanes of each kind: the owners' names.
var (
	dueInbox = `
SELECT CAST(l.column1 AS text) AS owner
FROM (VALUES ` + inboxLanes() + `) AS l
WHERE EXISTS (SELECT 1 FROM inbox WHERE lane = l.column1)`
	dueSend = `
SELECT c.id AS owner FROM connections c
WHERE c.id IN (SELECT connection_id FROM outbox WHERE attempt_at > 0)
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

// HasWork implements domain.Leases.
func (q Queries) HasWork(ctx context.Context, l domain.Lane) (bool, error) {
	return One(ctx, q.db, Value[bool], `SELECT EXISTS (SELECT 1 FROM (`+dueOf[l.Kind()]+`) due WHERE owner = $1)`, l.Owner())
}

var dueOf = map[string]string{domain.LaneInbox: dueInbox, domain.LaneSend: dueSend, domain.LaneCallback: dueCallback}

var selectDueLanes = `
SELECT due.lane FROM (
    SELECT '` + domain.LaneInbox + `:' || owner AS lane FROM (` + dueInbox + `) i
    UNION ALL
    SELECT '` + domain.LaneSend + `:' || owner FROM (` + dueSend + `) s
    UNION ALL
    SELECT '` + domain.LaneCallback + `:' || owner FROM (` + dueCallback + `) c
) due
LEFT JOIN leases l ON l.lane = due.lane
LEFT JOIN processes p ON p.id = l.owner AND p.beat_at > now_ms() - ` + deadAfter + `
WHERE p.id IS NULL`

// DueLanes implements domain.Upkeep.
func (q Queries) DueLanes(ctx context.Context) ([]domain.Lane, error) {
	return List(ctx, q.db, Value[domain.Lane], selectDueLanes)
}
