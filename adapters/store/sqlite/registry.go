package sqlite

import (
	"context"

	"recado/adapters/store/shared"
	"recado/domain"
)

// Declare implements domain.Registrar.
func (s *Store) Declare(ctx context.Context, r domain.Registry, dryRun bool) ([]string, error) {
	var lines []string
	err := s.transact(ctx, true, func(ctx context.Context, t *tx) error {
		var err error
		if lines, err = s.SaveRegistry(ctx, t, r); err == nil && dryRun {
			return shared.ErrRollback
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return lines, nil
}
