package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/adapters/store/shared"
	"recado/domain"
)

// While somebody's transaction is open, PostgreSQL cannot remove the rows that left a
// queue since it began, and who looks for work would pass over all of them. So a queue
// has a floor, below which nothing waits nor will: it moves up to a mark, an id that was
// handed out earlier, when each transaction that may write a smaller one has ended.

// passable holds when the transactions that were there when the mark was made have
// ended. A mark newer than all transactions was made in another cluster, of which this
// database is a dump: what was under way there is not here.
const passable = `(mark_xid <= pg_snapshot_xmin(pg_current_snapshot()) OR mark_xid >= pg_snapshot_xmax(pg_current_snapshot()))`

// floorUse is how long after its last success an endpoint's floor may move.
const floorUse = time.Minute

// selectFloors finds the floors worth moving: that of the inbox, and up to 256 of
// endpoints in use.
var selectFloors = `
SELECT EXISTS (
    SELECT 1 FROM inbox_floor WHERE pg_sequence_last_value('inbox_id_seq') - mark >= 1e3 AND ` + passable + `
), ARRAY (
    SELECT id FROM endpoints
    WHERE last_success > now_ms() - ` + shared.SQLMillis(floorUse) + ` AND pg_sequence_last_value('deliveries_id_seq') - mark >= 1e3 AND ` + passable + `
    ORDER BY mark LIMIT 256
)`

// A mark is read in two statements: the ids come before the transaction's own.
const (
	selectMarks  = `SELECT coalesce(pg_sequence_last_value('inbox_id_seq'), 0), coalesce(pg_sequence_last_value('deliveries_id_seq'), 0)`
	selectNewest = `SELECT pg_current_xact_id()::text`
)

// A floor moves to the first row that waits above it, but not beyond the mark. The mark
// is compared because that row may be out of date when the lock is had: whoever puts a
// row back below a floor lowers it and takes the mark away.
const (
	moveInboxFloor = `
UPDATE inbox_floor SET floor = greatest(floor, least(mark, (SELECT id FROM inbox WHERE id >= ` + shared.InboxFloor + ` ORDER BY id LIMIT 1))),
    mark = $1, mark_xid = $2::text::xid8
WHERE mark = (SELECT mark FROM inbox_floor) AND ` + passable
	moveEndpointFloor = `
UPDATE endpoints e SET floor = greatest(e.floor, least(e.mark, was.oldest)), mark = $2, mark_xid = $3::text::xid8
FROM (
    SELECT mark, (
        SELECT d.id FROM deliveries d
        WHERE (d.endpoint_id, d.id) >= (endpoints.id, endpoints.floor) AND d.endpoint_id <= endpoints.id AND d.state = 'due' -- plans 1, 4
        ORDER BY d.endpoint_id, d.id LIMIT 1
    ) AS oldest
    FROM endpoints WHERE id = $1
) was
WHERE e.id = $1 AND e.mark = was.mark AND ` + passable
)

// A program from before there were floors may run beside this one, and put back what is
// below them: so they are looked at from below, too, at the start and then now and then.
const (
	floorsChecked   = 10 * time.Minute
	lowerInboxFloor = `
UPDATE inbox_floor SET floor = oldest.id, mark = 0 FROM (SELECT id FROM inbox ORDER BY id LIMIT 1) oldest WHERE oldest.id < floor`
	lowerEndpointFloors = `
UPDATE endpoints e SET floor = oldest.id, mark = 0
FROM (
    SELECT endpoints.id AS endpoint_id, (
        SELECT d.id FROM deliveries d
        WHERE d.endpoint_id >= endpoints.id AND d.endpoint_id <= endpoints.id AND d.state = 'due' -- plans 1, 4
        ORDER BY d.endpoint_id, d.id LIMIT 1
    ) AS id
    FROM endpoints
) oldest
WHERE e.id = oldest.endpoint_id AND oldest.id < e.floor`
)

// AdvanceQueues implements domain.Maintenance.
func (s *Store) AdvanceQueues(ctx context.Context) error {
	if last := s.floorsAt.Load(); last == nil || time.Since(*last) > floorsChecked {
		for _, sql := range []string{lowerInboxFloor, lowerEndpointFloors} {
			if _, err := s.pool.Exec(ctx, sql); err != nil {
				return classify(err)
			}
		}
		now := time.Now()
		s.floorsAt.Store(&now)
	}
	return s.raiseFloors(ctx)
}

func (s *Store) raiseFloors(ctx context.Context) error {
	var inbox bool
	var endpoints []domain.EndpointID
	if err := s.pool.QueryRow(ctx, selectFloors).Scan(&inbox, &endpoints); err != nil || !inbox && len(endpoints) == 0 {
		return classify(err)
	}
	var webhook, delivery int64
	var newest string
	marks := &pgx.Batch{}
	marks.Queue(selectMarks).QueryRow(func(row pgx.Row) error { return row.Scan(&webhook, &delivery) })
	marks.Queue(selectNewest).QueryRow(func(row pgx.Row) error { return row.Scan(&newest) })
	if err := s.pool.SendBatch(ctx, marks).Close(); err != nil {
		return classify(err)
	}
	var errs []error
	if inbox {
		_, err := s.pool.Exec(ctx, moveInboxFloor, webhook, newest)
		errs = append(errs, classify(err))
	}
	for _, e := range endpoints { // each by itself, for a record locks several
		_, err := s.pool.Exec(ctx, moveEndpointFloor, e, delivery, newest)
		errs = append(errs, classify(err))
	}
	return errors.Join(errs...)
}
