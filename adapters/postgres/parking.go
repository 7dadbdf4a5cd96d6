package postgres

import (
	"context"

	"recado/adapters/rows"
)

// Unpark implements domain.Parking.
func (s *Store) Unpark(ctx context.Context, id string) error {
	return s.transact(ctx, func(t *tx) error {
		if err := rows.Return(ctx, t, id); err != nil {
			return err
		}
		return t.commit(ctx)
	})
}
