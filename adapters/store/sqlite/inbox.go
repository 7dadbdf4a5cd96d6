package sqlite

import (
	"context"
	"errors"

	"recado/adapters/store/shared"
	"recado/domain"
)

// insert is one transaction.
func (s *Store) insert(ctx context.Context, hooks []domain.Webhook) error {
	return s.transact(ctx, false, func(ctx context.Context, t *tx) error { return t.Put(ctx, hooks) })
}

const selectNext = `
SELECT id, hook_id, kind, received_at, body FROM inbox WHERE lane = $1 ORDER BY id LIMIT $2`

// errEnough ends the reading.
var errEnough = errors.New("enough")

// Next implements domain.Inbox. Rows are read as they are wanted.
func (s *Store) Next(ctx context.Context, lane int) ([]domain.Webhook, error) {
	hooks := []domain.Webhook{}
	size := 0
	err := s.read.query(ctx, func(row shared.Row) error {
		w, err := shared.ScanWebhook(row)
		if err != nil {
			return err
		}
		if size += len(w.Body); size > domain.InboxBatchBytes && len(hooks) > 0 {
			return errEnough
		}
		hooks = append(hooks, w)
		return nil
	}, selectNext, lane, domain.InboxBatchRows)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return hooks, err
}
