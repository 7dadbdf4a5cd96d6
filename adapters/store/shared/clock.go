package shared

import (
	"context"
	"time"

	"recado/domain"
)

// selectStep returns how far the newest mark of a living process lies in the future.
// The tables are small: a row for each process and for each lane.
const selectStep = `
SELECT coalesce(max(at), 0) - now_ms()
FROM (SELECT max(beat_at) AS at FROM processes UNION ALL SELECT max(taken_at) FROM leases) marks`

// marks are the times at which a process did something. They stay in the future
// until RepairClock, so that any process finds the step.
var marks = []string{
	`UPDATE processes SET beat_at = now_ms() WHERE beat_at > now_ms()`,
	`UPDATE leases SET taken_at = now_ms() WHERE taken_at > now_ms()`,
}

// waits are the times for which something waits, except those in the health of endpoints. $1 is the step.
var waits = []string{
	`UPDATE outbox SET next_at = next_at - $1 WHERE next_at > now_ms()`,
	`UPDATE outbox SET accepted_at = accepted_at - $1 WHERE accepted_at > now_ms()`,
	`UPDATE outbox SET unknown_at = unknown_at - $1 WHERE unknown_at > now_ms()`,
	`UPDATE connections SET send_after = send_after - $1 WHERE send_after > now_ms()`,
	`UPDATE deliveries SET next_at = next_at - $1 WHERE state = 'due' AND attempts > 0 AND next_at > now_ms()`,
	`UPDATE deliveries SET failed_at = failed_at - $1 WHERE state = 'due' AND attempts > 0 AND failed_at > now_ms()`,
	`UPDATE deliveries SET refused_since = refused_since - $1 WHERE state = 'due' AND attempts > 0 AND refused_since > now_ms()`,
	`UPDATE endpoints SET previous_until = previous_until - $1 WHERE previous_until > now_ms()`,
	`UPDATE replay_queue SET next_at = next_at - $1 WHERE next_at > now_ms()`,
	`UPDATE replays SET not_before = not_before - $1 WHERE not_before > now_ms()`,
	`UPDATE media SET next_at = next_at - $1 WHERE state IN ('waiting', 'erasing') AND next_at > now_ms()`,
	`UPDATE chats SET price_due_at = price_due_at - $1 WHERE price_due_at <> 0 AND price_due_at > now_ms()`,
}

// RepairClock implements domain.Maintenance. Of several processes the first one
// finds marks to repair, and the others none.
func (q Queries) RepairClock(ctx context.Context) (time.Duration, error) {
	step, err := One(ctx, q.db, Value[int64], selectStep)
	if err != nil || step <= domain.DeadAfter.Milliseconds() {
		return 0, err
	}
	err = q.transact(ctx, func(ctx context.Context, tx Tx) error {
		for _, sql := range q.awaitWriters { // else what they write by the clock of before would wait for the step to pass
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		repaired := int64(0)
		for _, sql := range marks {
			n, err := tx.Exec(ctx, sql)
			if err != nil {
				return err
			}
			repaired += n
		}
		if repaired == 0 {
			step = 0
			return ErrRollback
		}
		for _, sql := range waits {
			if _, err := tx.Exec(ctx, sql, step); err != nil {
				return err
			}
		}
		return repairEndpoints(ctx, tx, q.ScanEndpoint, time.Duration(step)*time.Millisecond)
	})
	return time.Duration(step) * time.Millisecond, err
}

// repairEndpoints repairs the health of all endpoints, which is JSON. Its first
// statement locks them, and the last ones write what it sets.
func repairEndpoints(ctx context.Context, tx Tx, scan Scan[domain.Endpoint], step time.Duration) error {
	if _, err := tx.Exec(ctx, `UPDATE endpoints SET not_before = 0`); err != nil {
		return err
	}
	at, err := now(ctx, tx)
	if err != nil {
		return err
	}
	endpoints, err := List(ctx, tx, scan, SelectEndpoints)
	if err != nil {
		return err
	}
	for _, e := range endpoints {
		e.EndpointHealth = e.ClockSetBack(step, at)
		if _, err := tx.Exec(ctx, UpdateEndpoint, EndpointArgs(e)...); err != nil {
			return err
		}
	}
	return nil
}
