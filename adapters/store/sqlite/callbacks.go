package sqlite

import (
	"context"
	"fmt"
	"math"

	"recado/adapters/store/shared"
	"recado/domain"
)

// dueDeliveries looks at a window of $5 deliveries, the oldest. Where one chat with
// a great backlog fills it, a wheel finds the other chats, and takes the first
// deliveries of each. It leaves out chats that are busy, or whose oldest delivery
// waits for another try.
var dueDeliveries = `
WITH RECURSIVE span AS MATERIALIZED (
    SELECT d.id, d.chat_id FROM deliveries d
    WHERE d.endpoint_id = $1 AND d.state = 'due' AND EXISTS (SELECT 1 FROM endpoints WHERE id = $1) ORDER BY d.id LIMIT $5
), held AS MATERIALIZED (
    SELECT value AS chat_id FROM json_each($2)
    UNION ALL
    ` + shared.SelectRetried + `
), free AS MATERIALIZED (
    SELECT id FROM span WHERE chat_id NOT IN (SELECT chat_id FROM held) ORDER BY id LIMIT $3
), ` + shared.DeliveryWheel.Turn("$1", "$4") + `, others AS MATERIALIZED (
    SELECT w.chat_id
    FROM wheel w WHERE w.chat_id NOT IN (SELECT chat_id FROM held) AND w.chat_id NOT IN (SELECT chat_id FROM span)
    LIMIT CASE WHEN (SELECT count(*) FROM span) < $5 THEN 0 ELSE $3 - (SELECT count(*) FROM free) END
), heads AS MATERIALIZED (
    SELECT h.id FROM others o CROSS JOIN deliveries h
    WHERE h.endpoint_id = $1 AND h.chat_id = o.chat_id AND h.state = 'due'
      AND h.id <= coalesce((` + shared.DeliveryWheel.LastHead("q.id", "$1", "o.chat_id", "id") + `), ` + fmt.Sprint(int64(math.MaxInt64)) + `)
    ORDER BY h.id LIMIT $3 - (SELECT count(*) FROM free)
)` + shared.SelectDelivery + `(
    SELECT id AS due_id, false AS more FROM free
    UNION
    SELECT id, true FROM heads
) l CROSS JOIN deliveries d ON d.id = l.due_id CROSS JOIN events e ON e.id = d.event_id
ORDER BY d.id`

// DueDeliveries implements domain.Callbacks.
func (s *Store) DueDeliveries(ctx context.Context, e domain.EndpointID, busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
	return shared.List(ctx, alone{s}, shared.ScanDelivery, dueDeliveries, e, list(busy), limit, shared.WheelStart(busy), limit+shared.SpanMin)
}

const updateDelivery = `
UPDATE deliveries
SET state = $2, attempts = $3, next_at = $4, failed_at = $5,
    failures = $6, refusals = $7, refused_since = $8, last_error = $9, http_status = $10, took_ms = $11, done_at = CASE $2 WHEN 'due' THEN 0 ELSE now_ms() END
WHERE id = $1 AND state = 'due'`

// Record implements domain.Callbacks.
func (s *Store) Record(ctx context.Context, id domain.EndpointID, tries []domain.Try) (domain.Endpoint, []domain.Delivery, error) {
	var r domain.TriesRecord
	err := s.transact(ctx, false, func(ctx context.Context, t *tx) error {
		e, err := shared.One(ctx, t, s.ScanEndpoint, shared.SelectEndpoint, id)
		if err != nil {
			return err
		}
		r = domain.RecordTries(e, tries, s.now())
		if r.Recovered {
			if _, err := t.Exec(ctx, shared.ReleaseDeliveries, id); err != nil {
				return err
			}
		}
		if err := each(ctx, t, updateDelivery, shared.DeliveryColumns, r.Deliveries); err != nil {
			return err
		}
		if err := logAttempts(ctx, t, r); err != nil {
			return err
		}
		_, err = t.Exec(ctx, shared.UpdateEndpoint, shared.EndpointArgs(r.Endpoint)...)
		if err == nil && r.StatusChanged {
			err = shared.InsertEndpointStatus(ctx, t, r.Endpoint, 0)
		}
		return err
	})
	return r.Endpoint, r.Deliveries, err
}

// logAttempts logs the tries that did not succeed.
func logAttempts(ctx context.Context, t *tx, r domain.TriesRecord) error {
	if len(r.Attempts) == 0 {
		return nil
	}
	if err := insert(ctx, t, "attempts", shared.AttemptColumns, r.Attempts, ""); err != nil {
		return err
	}
	for _, sql := range []string{shared.CountAttempts, shared.DropAttempts} {
		if _, err := t.Exec(ctx, sql, r.Endpoint.ID, r.Endpoint.AttemptsLogged); err != nil {
			return err
		}
	}
	return nil
}
