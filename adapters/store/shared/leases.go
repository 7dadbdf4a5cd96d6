package shared

import (
	"context"
	"fmt"

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

// Beat implements domain.Leases. No mark of time goes back before RepairClock has
// seen it.
func (q Queries) Beat(ctx context.Context, p domain.ProcessID) (bool, error) {
	n, err := q.vital.Exec(ctx, `
UPDATE processes SET beat_at = CASE WHEN beat_at > now_ms() THEN beat_at ELSE now_ms() END
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
ON CONFLICT (lane) DO UPDATE SET owner = excluded.owner,
    taken_at = CASE WHEN leases.taken_at > excluded.taken_at THEN leases.taken_at ELSE excluded.taken_at END
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

// HasWork implements domain.Leases.
func (q Queries) HasWork(ctx context.Context, l domain.Lane) (bool, error) {
	return One(ctx, q.db, Value[bool], `SELECT EXISTS (SELECT 1 FROM (`+laneQueries[l.Kind()].due+`) due WHERE owner = $1)`, l.Owner())
}

var selectDueLanes = `
SELECT due.lane FROM (` + eachLane(func(lane domain.LaneRow, q laneQuery) string {
	return fmt.Sprintf(`SELECT '%s:' || owner AS lane FROM (%s) l`, lane.Kind, q.due)
}) + `) due
LEFT JOIN leases l ON l.lane = due.lane
LEFT JOIN processes p ON p.id = l.owner AND p.beat_at > now_ms() - ` + deadAfter + `
WHERE p.id IS NULL`

// DueLanes implements domain.Maintenance.
func (q Queries) DueLanes(ctx context.Context) ([]domain.Lane, error) {
	return List(ctx, q.db, Value[domain.Lane], selectDueLanes)
}
