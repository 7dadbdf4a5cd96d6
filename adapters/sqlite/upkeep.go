package sqlite

import (
	"context"

	"recado/adapters/rows"
	"recado/domain"
)

// trim deletes old rows by their place, whatever the table's key.
const trim = `DELETE FROM %[1]s WHERE rowid IN (SELECT rowid FROM %[1]s WHERE %[2]s LIMIT $1)`

// Trim implements domain.Upkeep.
func (s *Store) Trim(ctx context.Context) (bool, error) {
	more, err := s.TrimOld(ctx, trim)
	if err != nil {
		return false, err
	}
	return more, s.transact(ctx, false, s.expire)
}

// expire ends deliveries that nobody took for seven days, and tells of it.
func (s *Store) expire(ctx context.Context, t *tx) error {
	ended, err := rows.List(ctx, t, rows.Value[domain.EndpointID], rows.ExpireDeliveries, rows.TrimRows)
	if err != nil {
		return err
	}
	if len(ended) == 0 {
		return errRollback
	}
	expired := map[domain.EndpointID]int64{}
	for _, id := range ended {
		expired[id]++
	}
	for id, n := range expired {
		e, err := rows.One(ctx, t, s.ScanEndpoint, rows.SelectEndpoint, id)
		if err != nil {
			return err
		}
		if err := tellEndpointStatus(ctx, t, e, n); err != nil {
			return err
		}
	}
	return nil
}
