package shared

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"recado/domain"
)

// selectParked shows parts of webhooks and refused events as one list.
var selectParked = `
SELECT id, lane, hook_id, kind, account, body, error, at, expires_at FROM (
    SELECT 'inbox:' || id AS id, 'inbox' AS lane, hook_id, kind, account, body, error, at, expires_at FROM parked
    UNION ALL
    SELECT 'callback:' || d.id, 'callback', d.endpoint_id, '', '', e.body, d.last_error, d.created_at, d.created_at + ` + SQLMillis(domain.ParkedRetention) + `
    FROM deliveries d JOIN events e ON e.id = d.event_id
    WHERE d.state = 'parked'
) parked `

func scanParked(row Row) (domain.ParkedItem, error) {
	var p domain.ParkedItem
	err := row.Scan(&p.ID, &p.Lane, &p.Hook, &p.Kind, &p.Account, &p.Body, &p.Error, Moment(&p.At), Moment(&p.Expires))
	return p, err
}

// Parked implements domain.Parking.
func (q Queries) Parked(ctx context.Context, limit int) ([]domain.ParkedItem, error) {
	return List(ctx, q.db, scanParked, selectParked+`ORDER BY at, id LIMIT $1`, limit)
}

// ParkedItem implements domain.Parking.
func (q Queries) ParkedItem(ctx context.Context, id string) (domain.ParkedItem, error) {
	return One(ctx, q.db, scanParked, selectParked+`WHERE id = $1`, id)
}

// DeleteParked implements domain.Parking.
func (q Queries) DeleteParked(ctx context.Context, id string) error {
	lane, number, err := parkedID(id)
	if err != nil {
		return err
	}
	if lane == domain.LaneInbox {
		return some(q.db.Exec(ctx, `DELETE FROM parked WHERE id = $1`, number))
	}
	return some(q.db.Exec(ctx, `UPDATE deliveries SET state = 'expired', done_at = now_ms() WHERE id = $1 AND state = 'parked'`, number))
}

// Unpark implements domain.Parking. The worker finds it by its sweep.
func (q Queries) Unpark(ctx context.Context, id string) error {
	return q.transact(ctx, func(ctx context.Context, tx Tx) error { return putBack(ctx, tx, id) })
}

func putBack(ctx context.Context, tx Tx, id string) error {
	lane, number, err := parkedID(id)
	if err != nil {
		return err
	}
	if lane == domain.LaneInbox {
		n, err := unpark(ctx, tx, `id = $1`, number)
		return some(int64(n), err)
	}
	return some(tx.Exec(ctx, `
UPDATE deliveries SET state = 'due', next_at = 0, attempts = 0, refused_ms = 0, failed_at = 0
WHERE id = $1 AND state = 'parked'`, number))
}

// unpark puts parked parts of webhooks back into the inbox, in their order.
func unpark(ctx context.Context, tx Tx, where string, args ...any) (int, error) {
	back, err := List(ctx, tx, ScanWebhook, `DELETE FROM parked WHERE `+where+` RETURNING id, hook_id, kind, at, body`, args...)
	if err != nil || len(back) == 0 {
		return 0, err
	}
	slices.SortFunc(back, func(x, y domain.Webhook) int { return cmp.Compare(x.ID, y.ID) })
	return len(back), tx.Put(ctx, back)
}

func parkedID(id string) (lane string, number int64, err error) {
	lane, digits, _ := strings.Cut(id, ":")
	number, err = strconv.ParseInt(digits, 10, 64)
	if err != nil || lane != domain.LaneInbox && lane != domain.LaneCallback {
		return "", 0, fmt.Errorf("%q is not the id of something parked, such as inbox:12 or callback:7", id)
	}
	return lane, number, nil
}
