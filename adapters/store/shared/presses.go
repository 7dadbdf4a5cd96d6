package shared

import (
	"context"

	"recado/domain"
)

// TakePresses implements domain.Outbox. Each claim of sends asks for them, and mostly
// there are none: a read finds that out without a transaction.
func (q Queries) TakePresses(ctx context.Context, c domain.ConnectionID, limit int) ([]domain.Acknowledgement, error) {
	_, waits, err := find(ctx, q.db, Value[int64], `SELECT id FROM presses WHERE connection_id = $1 LIMIT 1`, c)
	if err != nil || !waits {
		return nil, err
	}
	var taken []domain.Acknowledgement
	err = q.transact(ctx, func(ctx context.Context, tx Tx) error {
		list, err := List(ctx, tx, scanPress, `
DELETE FROM presses WHERE id IN (SELECT id FROM presses WHERE connection_id = $1 AND until > now_ms() ORDER BY id LIMIT $2)
RETURNING connection_id, press, until`, c, limit)
		taken = list
		return err
	})
	return taken, err
}

func scanPress(row Row) (domain.Acknowledgement, error) {
	var a domain.Acknowledgement
	err := row.Scan(&a.Connection, &a.Press, Moment(&a.Until))
	return a, err
}
