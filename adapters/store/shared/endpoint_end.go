package shared

import (
	"context"
	"fmt"
	"slices"

	"recado/domain"
)

// An endpoint ends at once. Its row is gone, and nothing is claimed without it. What waited
// for it is expired by Trim, in portions, since it may be millions of rows. Until then no
// endpoint gets its id.

// ofEndpoint holds for a delivery d whose endpoint has not ended.
const ofEndpoint = `(d.endpoint_id IN (SELECT id FROM endpoints)) IS TRUE -- plan 5` + "\n"

// countWaiting counts what waits for the endpoint $1 and what is parked, up to countMax.
var countWaiting = fmt.Sprintf(`
SELECT count(*) FROM (
    SELECT 1 FROM deliveries WHERE endpoint_id = $1 AND state = 'due' -- plan 4
    UNION ALL
    SELECT 1 FROM (`+selectParkedOf+`) parked
    LIMIT %[1]d
) w`, countMax)

// selectParkedOf selects up to %[1]d deliveries to the endpoint $1 that are parked. Only
// the index of the log gives the order: that of what is parked is of all endpoints.
const selectParkedOf = `
        SELECT id FROM deliveries
        WHERE (state, id) > ('parked', 0) AND state <= 'parked' AND endpoint_id = $1 AND state <> 'due' -- plans 1, 4
        ORDER BY state, id LIMIT %[1]d
    `

// An earlier version of the program, which may run during an upgrade, does not know the
// table: it leaves the row of an endpoint whose id it gives to another.
const (
	insertEnded = `
INSERT INTO ended_endpoints (endpoint_id, ended_at, floor) SELECT id, now_ms(), floor FROM endpoints WHERE id = $1
ON CONFLICT (endpoint_id) DO UPDATE SET ended_at = excluded.ended_at, floor = excluded.floor`
	selectEnded = `SELECT endpoint_id FROM ended_endpoints WHERE endpoint_id NOT IN (SELECT id FROM endpoints) ORDER BY endpoint_id`
)

// endEndpoint ends an endpoint, and tells the company's other endpoints how much waited
// for it.
func endEndpoint(ctx context.Context, tx Tx, e domain.Endpoint) (expired int64, err error) {
	if expired, err = One(ctx, tx, Value[int64], countWaiting, e.ID); err != nil {
		return 0, err
	}
	for _, sql := range []string{
		insertEnded,
		dropUntried,
		giveUp,
		`DELETE FROM attempts WHERE endpoint_id = $1`,
		`DELETE FROM replays WHERE endpoint_id = $1`,
		`DELETE FROM endpoints WHERE id = $1`,
	} {
		if _, err := tx.Exec(ctx, sql, e.ID); err != nil {
			return 0, err
		}
	}
	e.Status = domain.EndpointDisabled
	return expired, insertStatus(ctx, tx, e, 0, expired)
}

// expiry are the statements that expire up to trimRows deliveries to an endpoint $1.
type expiry struct {
	late   string // waited or were parked for too long
	due    string // wait, from the id $2 on; they return their ids
	parked string
}

func newExpiry(d Dialect) expiry {
	expire := func(those string) string {
		return `
UPDATE deliveries SET state = 'expired', done_at = now_ms()
WHERE state || '' IN ('due', 'parked') -- plan 5, and nobody else was faster
  AND id ` + fmt.Sprintf(d.In, those)
	}
	return expiry{
		late: expire(selectLateOf),
		due: expire(fmt.Sprintf(`
    SELECT id FROM deliveries
    WHERE (endpoint_id, id) >= ($1, $2) AND endpoint_id >= $1 AND endpoint_id <= $1 AND state = 'due' -- plans 1, 4
    ORDER BY endpoint_id, id LIMIT %d`, trimRows)) + ` RETURNING id`,
		parked: expire(fmt.Sprintf(selectParkedOf, trimRows)),
	}
}

// waiting expires a portion of what waited for an endpoint that ended. It returns
// the last id of those that were due, and whether there may be more.
func (x expiry) waiting(ctx context.Context, tx Tx, id domain.EndpointID, floor int64) (last int64, more bool, err error) {
	due, err := List(ctx, tx, Value[int64], x.due, id, floor)
	if len(due) > 0 {
		last = slices.Max(due)
	}
	if err != nil || len(due) == trimRows {
		return last, true, err
	}
	parked, err := tx.Exec(ctx, x.parked, id)
	return last, parked == trimRows, err
}

// expireEnded expires a portion of what waited for endpoints that ended.
func (q Queries) expireEnded(ctx context.Context) (more bool, err error) {
	ended, err := List(ctx, q.db, Value[domain.EndpointID], selectEnded)
	for i := 0; err == nil && !more && i < len(ended); i++ {
		err = q.transact(ctx, func(ctx context.Context, tx Tx) (err error) {
			more, err = q.finds.expiry.ofEnded(ctx, tx, ended[i])
			return err
		})
	}
	return more, err
}

// ofEnded expires a portion of what waited for one of them. A last look, from the
// beginning, comes when each transaction has ended that may not have seen the endpoint end.
func (x expiry) ofEnded(ctx context.Context, tx Tx, id domain.EndpointID) (more bool, err error) {
	floor, ended, err := find(ctx, tx, Value[int64], `UPDATE ended_endpoints SET floor = floor WHERE endpoint_id = $1 RETURNING floor`, id)
	if err != nil || !ended {
		return false, err
	}
	last, more, err := x.waiting(ctx, tx, id, floor)
	if err != nil {
		return false, err
	}
	if more || floor > 0 {
		_, err = tx.Exec(ctx, `UPDATE ended_endpoints SET floor = $2 WHERE endpoint_id = $1`, id, last)
		return true, err
	}
	_, err = tx.Exec(ctx, `DELETE FROM ended_endpoints WHERE endpoint_id = $1 AND ended_at < now_ms() - `+SQLMillis(lookBack), id)
	return false, err
}

// takeID frees the id of an endpoint that is new of what waited for one that ended. It
// returns false if that is too much at once.
func (x expiry) takeID(ctx context.Context, tx Tx, id domain.EndpointID) (free bool, err error) {
	if _, err := tx.Exec(ctx, `DELETE FROM ended_endpoints WHERE endpoint_id = $1`, id); err != nil {
		return false, err
	}
	_, more, err := x.waiting(ctx, tx, id, 0)
	return !more, err
}
