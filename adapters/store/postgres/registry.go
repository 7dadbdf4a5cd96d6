package postgres

import (
	"context"

	"recado/adapters/store/shared"
	"recado/domain"
)

// Declare implements domain.Registrar. One caller at a time, so that nothing
// changes between its reading and its writing.
func (s *Store) Declare(ctx context.Context, r domain.Registry, dryRun bool) ([]string, error) {
	var lines []string
	err := s.transact(ctx, func(t *tx) error {
		t.queue(`SELECT pg_advisory_xact_lock(hashtext('recado registry'))`)
		var err error
		if lines, err = s.SaveRegistry(ctx, t, r); err != nil {
			return err
		}
		if dryRun || len(lines) == 0 {
			return shared.ErrRollback
		}
		return t.commit(ctx)
	})
	if err != nil {
		return nil, err
	}
	return lines, nil
}
