package shared

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"recado/domain"
)

// selectParked lists what is parked of every kind of lanes, of each in a part of
// it: all, one, or a page.
func selectParked(part func(laneQuery) string) string {
	return `
SELECT id, lane, hook_id, kind, account, body, error, at, expires_at FROM (` + eachLane(func(lane domain.LaneRow, q laneQuery) string {
		if !lane.Parks {
			return ""
		}
		return fmt.Sprintf(`
SELECT '%[1]s:' || id AS id, '%[1]s' AS lane, hook_id, kind, account, body, error, at, expires_at FROM (%[2]s %[3]s) i`, lane.Kind, q.parked, part(q))
	}) + `) parked `
}

var (
	selectParkedPage = selectParked(func(q laneQuery) string { return q.parkedOrder + " LIMIT $1" }) + `ORDER BY at, id LIMIT $1`
	selectParkedItem = selectParked(func(laneQuery) string { return "" }) + `WHERE id = $1`
)

// parkedDeliveries selects the events that their endpoint refuses.
var parkedDeliveries = `
SELECT d.id, d.endpoint_id AS hook_id, '' AS kind, '' AS account, (SELECT e.body FROM events e WHERE e.id = d.event_id) AS body, d.last_error AS error, d.created_at AS at,
       d.created_at + ` + SQLMillis(domain.ParkedRetention) + ` AS expires_at
FROM deliveries d
WHERE d.state = 'parked' AND ` + ofEndpoint

func scanParked(row Row) (domain.ParkedItem, error) {
	var p domain.ParkedItem
	err := row.Scan(&p.ID, &p.Lane, &p.Hook, &p.Kind, &p.Account, &p.Body, &p.Error, Moment(&p.At), Moment(&p.Expires))
	return p, err
}

// Parked implements domain.ParkedItems.
func (q Queries) Parked(ctx context.Context, limit int) ([]domain.ParkedItem, error) {
	return List(ctx, q.db, scanParked, selectParkedPage, limit)
}

// ParkedItem implements domain.ParkedItems.
func (q Queries) ParkedItem(ctx context.Context, id string) (domain.ParkedItem, error) {
	return One(ctx, q.db, scanParked, selectParkedItem, id)
}

// DeleteParked implements domain.ParkedItems.
func (q Queries) DeleteParked(ctx context.Context, id string) error {
	lane, number, err := parkedID(id)
	if err != nil {
		return err
	}
	return some(q.db.Exec(ctx, lane.discard, number))
}

// Unpark implements domain.ParkedItems. The worker finds the item by its sweep.
func (q Queries) Unpark(ctx context.Context, id string) error {
	lane, number, err := parkedID(id)
	if err != nil {
		return err
	}
	return q.transact(ctx, func(ctx context.Context, tx Tx) error { return some(lane.unpark(ctx, tx, number)) })
}

func unparkWebhook(ctx context.Context, tx Tx, number int64) (int64, error) {
	return unpark(ctx, tx, takeParked+`id = $1`+returningWebhook, number)
}

func unparkDelivery(ctx context.Context, tx Tx, number int64) (int64, error) {
	return putBack(ctx, tx, number, `'parked'`)
}

// parkedID reads the id of a parked item: the kind of its lane and a number.
func parkedID(id string) (laneQuery, int64, error) {
	kind, digits, _ := strings.Cut(id, ":")
	number, err := strconv.ParseInt(digits, 10, 64)
	row, known := domain.LaneKind(kind).Row()
	if err != nil || !known || !row.Parks {
		return laneQuery{}, 0, fmt.Errorf("%q is not the id of something parked, such as inbox:12 or callback:7", id)
	}
	return laneQueries[row.Kind], number, nil
}
