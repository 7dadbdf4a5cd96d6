package shared

import (
	"context"

	"recado/domain"
)

// RecordReplayed implements domain.ReplayQueue. What a replay that was stopped still
// had in flight is not counted.
func (q Queries) RecordReplayed(ctx context.Context, id domain.EndpointID, tries []domain.Try) (domain.Endpoint, []domain.Delivery, error) {
	var result domain.TriesRecord
	err := q.transact(ctx, func(ctx context.Context, tx Tx) error {
		logged, err := countFailed(ctx, tx, id, tries)
		if err != nil {
			return err
		}
		r, runs, err := lockRunning(ctx, tx, id)
		if err != nil {
			return err
		}
		e, err := One(ctx, tx, q.ScanEndpoint, SelectEndpoint, id)
		if err != nil {
			return err
		}
		own := e.Status
		at, err := now(ctx, tx)
		if err != nil {
			return err
		}
		e.EndpointHealth = r.health
		e.AttemptsLogged -= logged
		result = domain.RecordTries(e, tries, at)
		if !runs {
			return ErrRollback
		}
		if err := r.record(ctx, tx, tries, result); err != nil {
			return err
		}
		if own != domain.EndpointOK {
			result.Endpoint.Status = own
		}
		return nil
	})
	return result.Endpoint, result.Deliveries, err
}

// countFailed counts the tries that are to be logged with those of the endpoint. It
// locks the endpoint, unless there are none, before the replay is locked.
func countFailed(ctx context.Context, tx Tx, id domain.EndpointID, tries []domain.Try) (logged int64, err error) {
	for _, t := range tries {
		if t.Logged() {
			logged++
		}
	}
	if logged > 0 {
		_, err = tx.Exec(ctx, `UPDATE endpoints SET attempts = attempts + $2 WHERE id = $1`, id, logged)
	}
	return logged, err
}

// record stores what became of tries.
func (r *runningReplay) record(ctx context.Context, tx Tx, tries []domain.Try, result domain.TriesRecord) error {
	if err := logReplayed(ctx, tx, result); err != nil {
		return err
	}
	var delivered, failed int64
	lastError := ""
	for i, d := range result.Deliveries {
		if tries[i].Skipped {
			continue
		}
		if d.LastError != "" {
			lastError = d.LastError
		}
		state := domain.DeliveryReplaying
		switch {
		case d.State == domain.DeliveryDelivered:
			state = d.State
			delivered++
		case domain.ReplayGivesUp(d):
			state = domain.DeliveryGivenUp
			failed++
		}
		if err := recordReplayed(ctx, tx, d, state); err != nil {
			return err
		}
	}
	if result.Recovered {
		if _, err := tx.Exec(ctx, `UPDATE replay_queue SET next_at = 0 WHERE replay_id = $1`, r.id); err != nil {
			return err
		}
	}
	h := result.Endpoint.EndpointHealth
	if _, err := tx.Exec(ctx, `
UPDATE replays SET delivered = delivered + $2, failed = failed + $3, last_error = CASE $4 WHEN '' THEN last_error ELSE $4 END,
    status = $5, health = $6, not_before = $7
WHERE id = $1`, r.id, delivered, failed, lastError, h.Status, jsonOf(h, false), Millis(h.ReadyAt())); err != nil {
		return err
	}
	if h.Status == domain.EndpointDisabled {
		return stopReplay(ctx, tx, result.Endpoint.ID, r.id)
	}
	return finishReplay(ctx, tx, r.id)
}

// recordReplayed stores what became of a delivery that was tried, in the log, and in
// the queue, which names it.
func recordReplayed(ctx context.Context, tx Tx, d domain.Delivery, state domain.DeliveryState) error {
	if _, err := tx.Exec(ctx, `
UPDATE deliveries SET state = $2, attempts = $3, next_at = $4, failed_at = $5, last_error = $6, http_status = $7, took_ms = $8,
    done_at = CASE $2 WHEN 'replaying' THEN 0 ELSE now_ms() END
WHERE id = (SELECT delivery_id FROM replay_queue WHERE id = $1) AND state || '' = 'replaying' -- plan 5`,
		d.ID, state, d.Attempts, Millis(d.NextAt), Millis(d.FailedAt), Plain(d.LastError), d.Status, d.Took.Milliseconds()); err != nil {
		return err
	}
	if state != domain.DeliveryReplaying {
		_, err := tx.Exec(ctx, `DELETE FROM replay_queue WHERE id = $1`, d.ID)
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE replay_queue SET attempts = $2, retry = $3, next_at = $4 WHERE id = $1`,
		d.ID, d.Attempts, jsonOf(d.DeliveryRetry, false), Millis(d.NextAt))
	return err
}

// logReplayed logs the tries that did not succeed. What is in the queue no longer was
// erased while it was in flight: its attempts belong to no delivery.
func logReplayed(ctx context.Context, tx Tx, result domain.TriesRecord) error {
	for _, a := range result.Attempts {
		if _, err := tx.Exec(ctx, `
INSERT INTO attempts (endpoint_id, number, delivery_id, at, took_ms, http_status, error, answer, next_at)
VALUES ($1, $2, coalesce((SELECT delivery_id FROM replay_queue WHERE id = $3), 0), $4, $5, $6, $7, $8, $9)`,
			a.Endpoint, a.Number, a.Delivery, Millis(a.At), a.Took.Milliseconds(), a.Status, Plain(a.Error), Plain(a.Answer), Millis(a.NextAt)); err != nil {
			return err
		}
	}
	if len(result.Attempts) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, DropAttempts, result.Endpoint.ID, result.Endpoint.AttemptsLogged)
	return err
}

// finishReplay ends a replay that has sent everything.
func finishReplay(ctx context.Context, tx Tx, id domain.ReplayID) error {
	_, err := tx.Exec(ctx, `
UPDATE replays SET state = 'done', ended_at = now_ms()
WHERE id = $1 AND state = 'running' AND stamp >= end_stamp AND NOT EXISTS (SELECT 1 FROM replay_queue r WHERE r.replay_id = replays.id)`, id)
	return err
}
