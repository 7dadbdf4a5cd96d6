package sqlite

import (
	"context"

	"recado/adapters/rows"
	"recado/domain"
)

// Declare implements domain.Registrar.
func (s *Store) Declare(ctx context.Context, r domain.Registry, dryRun bool) ([]string, error) {
	var lines []string
	err := s.transact(ctx, true, func(ctx context.Context, t *tx) error {
		var err error
		if lines, err = s.Compare(ctx, t, r); err == nil && dryRun {
			return errRollback
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return lines, nil
}

// Unpark implements domain.Parking.
func (s *Store) Unpark(ctx context.Context, id string) error {
	return s.transact(ctx, false, func(ctx context.Context, t *tx) error { return rows.Return(ctx, t, id) })
}
