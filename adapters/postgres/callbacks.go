package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/adapters/rows"
	"recado/domain"
)

// claimDeliveries opens the attempts. The busy chats are hashed once: an array
// would be compared with each delivery from end to end. A chat whose oldest
// delivery waits for another try is held; the failing ones are few, and IS FALSE
// makes them be gathered once instead of joined. The endpoint is a range of one, so that no
// index but that of the due ones gives the order: the primary key would lead
// through all that was ever delivered.
const claimDeliveries = `
WITH due AS (
    SELECT d.id FROM deliveries d
    WHERE d.endpoint_id >= $1 AND d.endpoint_id <= $1 AND d.state = 'due' AND d.chat_id NOT IN (SELECT unnest($2::text[]))
      AND EXISTS (
        SELECT FROM deliveries h WHERE h.endpoint_id = d.endpoint_id AND h.chat_id = d.chat_id
          AND h.state = 'due' AND h.attempts > 0 AND h.next_at > now_ms()
      ) IS FALSE
    ORDER BY d.endpoint_id, d.id
    LIMIT $3
), claimed AS (
    UPDATE deliveries d SET attempt_at = now_ms() FROM due WHERE d.id = due.id
    RETURNING d.*
)
SELECT c.id, c.endpoint_id, c.event_id, c.chat_id, e.type, e.body, c.created_at, c.state, c.attempts,
       c.next_at, c.failed_at, c.refused_ms, c.last_error
FROM claimed c JOIN events e ON e.id = c.event_id
ORDER BY c.id`

// Claim implements domain.Callbacks, in one round trip. It does not wait for the
// disk: an attempt that a crash of the database forgets is made again, as one
// whose outcome is not recorded.
func (s *Store) Claim(ctx context.Context, e domain.EndpointID, busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
	if busy == nil {
		busy = []domain.ChatID{}
	}
	var claimed []domain.Delivery
	err := s.transact(ctx, func(t *tx) error {
		claimed = nil
		t.queue("SET LOCAL synchronous_commit = off")
		into(t.queue(claimDeliveries, e, busy, limit), &claimed, rows.Delivery)
		return t.commit(ctx)
	})
	return claimed, err
}

// updateDeliveries hides from the planner that only due deliveries are asked
// for: where there were few, it would read all of them to find these.
const updateDeliveries = `
UPDATE deliveries d
SET state = u.state, attempts = u.attempts, attempt_at = 0, next_at = u.next_at, failed_at = u.failed_at,
    refused_ms = u.refused_ms, last_error = u.last_error, done_at = CASE u.state WHEN 'due' THEN 0 ELSE now_ms() END
FROM %s
WHERE d.id = u.id AND d.state || '' = 'due'`

// Record implements domain.Callbacks. The endpoint's row is locked meanwhile,
// so that several workers count its failures right.
func (s *Store) Record(ctx context.Context, id domain.EndpointID, tried []domain.Try) (domain.Endpoint, []domain.Delivery, error) {
	var after domain.Endpoint
	var done []domain.Delivery
	err := s.transact(ctx, func(t *tx) error {
		var found []domain.Endpoint
		var now time.Time
		into(t.queue(rows.SelectEndpoint+" FOR UPDATE", id), &found, s.ScanEndpoint)
		t.queue("SELECT now_ms()").QueryRow(func(row pgx.Row) error { return row.Scan(rows.Moment(&now)) })
		if err := t.step(ctx); err != nil {
			return err
		}
		if len(found) == 0 {
			return domain.ErrNotFound
		}
		before := found[0]
		after = before
		done = make([]domain.Delivery, len(tried))
		for i, try := range tried {
			after, done[i] = domain.AfterTry(after, try, now)
		}
		update, args := insertAll(updateDeliveries, rows.DeliveryColumns, done)
		t.queue(update, args...)
		t.queue(rows.UpdateEndpoint, rows.EndpointArgs(after)...)
		if before.Status == domain.EndpointPaused && after.Status == domain.EndpointOK {
			t.queue(rows.ResumeDeliveries, id)
		}
		if after.Status != before.Status {
			if err := rows.TellEndpointStatus(ctx, t, after, 0); err != nil {
				return err
			}
		}
		return t.commit(ctx)
	})
	return after, done, err
}
