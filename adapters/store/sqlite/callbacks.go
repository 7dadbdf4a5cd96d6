package sqlite

import (
	"context"

	"recado/adapters/store/shared"
	"recado/domain"
)

// dueDeliveries leaves out a chat whose oldest delivery waits for another try: the
// failing ones are few and have an index.
const dueDeliveries = shared.SelectDelivery + `(
    SELECT * FROM deliveries d
    WHERE d.endpoint_id = $1 AND d.state = 'due' AND d.chat_id NOT IN (SELECT value FROM json_each($2))
      AND NOT EXISTS (
        SELECT 1 FROM deliveries h WHERE h.endpoint_id = d.endpoint_id AND h.chat_id = d.chat_id
          AND h.state = 'due' AND h.attempts > 0 AND h.next_at > now_ms()
      )
    ORDER BY d.id
    LIMIT $3
) d
JOIN events e ON e.id = d.event_id
ORDER BY d.id`

// DueDeliveries implements domain.Callbacks.
func (s *Store) DueDeliveries(ctx context.Context, e domain.EndpointID, busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
	return shared.List(ctx, alone{s}, shared.ScanDelivery, dueDeliveries, e, list(busy), limit)
}

const updateDelivery = `
UPDATE deliveries
SET state = $2, attempts = $3, next_at = $4, failed_at = $5,
    failures = $6, refusals = $7, refused_since = $8, last_error = $9, done_at = CASE $2 WHEN 'due' THEN 0 ELSE now_ms() END
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
		_, err = t.Exec(ctx, shared.UpdateEndpoint, shared.EndpointArgs(r.Endpoint)...)
		if err == nil && r.StatusChanged {
			err = shared.TellEndpointStatus(ctx, t, r.Endpoint, 0)
		}
		return err
	})
	return r.Endpoint, r.Deliveries, err
}
