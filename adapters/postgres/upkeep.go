package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/adapters/rows"
	"recado/domain"
)

// trim deletes old rows by their place, whatever the table's key.
const trim = `DELETE FROM %[1]s WHERE ctid = ANY (ARRAY(SELECT ctid FROM %[1]s WHERE %[2]s LIMIT $1))`

// Trim implements domain.Upkeep.
func (s *Store) Trim(ctx context.Context) (bool, error) {
	more, err := s.TrimOld(ctx, trim)
	if err != nil {
		return false, err
	}
	return more, s.expire(ctx)
}

// expire ends deliveries that nobody took for seven days, and tells of it.
func (s *Store) expire(ctx context.Context) error {
	return s.transact(ctx, func(t *tx) error {
		var ended []domain.EndpointID
		var now time.Time
		t.queue("SELECT now_ms()").QueryRow(func(row pgx.Row) error { return row.Scan(rows.Moment(&now)) })
		into(t.queue(rows.ExpireDeliveries, rows.TrimRows), &ended, rows.Value[domain.EndpointID])
		if err := t.step(ctx); err != nil {
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
			var found []domain.Endpoint
			into(t.queue(rows.SelectEndpoint, id), &found, s.ScanEndpoint)
			if err := t.step(ctx); err != nil {
				return err
			}
			for _, e := range found {
				if err := tellEndpointStatus(ctx, t, e, n, now); err != nil {
					return err
				}
			}
		}
		return t.commit(ctx)
	})
}
