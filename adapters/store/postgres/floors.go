package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/adapters/store/shared"
	"recado/domain"
)

// While any transaction is open, PostgreSQL cannot remove the rows that left a queue since
// it began, and every search for work would read all of them. So a queue has a floor, an
// id below which no row waits or will wait. It moves up to a mark, an id that was assigned
// earlier, when each transaction that may still write a smaller id has ended.
//
// Whatever waits holds its floor, also for another try, and for as long as it waits: beside
// an open transaction all that left the queue after it is read again. To pass over what
// waits for another try would not do: what follows in its chat waits behind it, untried, and
// would have to be found by another way and in its order once the chat goes on.

// passable holds when the transactions that were there when the mark was made have
// ended. A mark newer than all transactions comes from another cluster, of which this
// database is a restored dump: its unfinished transactions are not part of it.
const passable = `(mark_xid <= pg_snapshot_xmin(pg_current_snapshot()) OR mark_xid >= pg_snapshot_xmax(pg_current_snapshot()))`

const (
	floorStep = 1000        // ids assigned since the last mark that make a floor worth moving
	floorUse  = time.Minute // how long after its last success an endpoint's floor may move
)

// selectFloors finds the floors worth moving: that of the inbox, and up to 256 of
// endpoints in use.
var selectFloors = fmt.Sprintf(`
SELECT EXISTS (
    SELECT 1 FROM inbox_floor WHERE pg_sequence_last_value('inbox_id_seq') - mark >= %[1]d AND %[2]s
), ARRAY (
    SELECT id FROM endpoints
    WHERE last_success > now_ms() - %[3]s AND pg_sequence_last_value('deliveries_id_seq') - mark >= %[1]d AND %[2]s
    ORDER BY mark LIMIT 256
)`, floorStep, passable, shared.SQLMillis(floorUse))

// A mark is read in two statements, the ids of rows before that of the transaction.
const (
	selectMarks  = `SELECT coalesce(pg_sequence_last_value('inbox_id_seq'), 0), coalesce(pg_sequence_last_value('deliveries_id_seq'), 0)`
	selectNewest = `SELECT pg_current_xact_id()::text`
)

// A floor moves to the first row that waits above it, but not beyond the mark. That row may
// be out of date once the floor is locked, so the mark must be the same still: a statement
// that puts a row back below a floor lowers the floor and resets the mark.
var (
	moveInboxFloor = `
UPDATE inbox_floor SET floor = greatest(floor, least(mark, (SELECT id FROM inbox WHERE id >= ` + shared.InboxFloor + ` ORDER BY id LIMIT 1))),
    mark = $1, mark_xid = $2::text::xid8
WHERE mark = (SELECT mark FROM inbox_floor) AND ` + passable
	moveEndpointFloor = `
UPDATE endpoints e SET floor = greatest(e.floor, least(e.mark, was.oldest)), mark = $2, mark_xid = $3::text::xid8
FROM (
    SELECT mark, (` + shared.FirstDue("q.id", "endpoints") + `) AS oldest
    FROM endpoints WHERE id = $1
) was
WHERE e.id = $1 AND e.mark = was.mark AND ` + passable
)

// An earlier version of the program, which knows no floors, may run during an upgrade and
// put a row back below one. So floors are checked from below, at the start and regularly.
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

// AdvanceQueues implements domain.Maintenance. A floor that cannot be moved keeps no other
// from it.
func (s *Store) AdvanceQueues(ctx context.Context) error {
	var checked error
	if last := s.floorsAt.Load(); last == nil || time.Since(*last) > floorsChecked {
		if checked = s.lowerFloors(ctx); checked == nil {
			now := time.Now()
			s.floorsAt.Store(&now)
		}
	}
	return errors.Join(checked, s.raiseFloors(ctx))
}

func (s *Store) lowerFloors(ctx context.Context) error {
	_, inbox := db{s.pool}.Exec(ctx, lowerInboxFloor)
	_, endpoints := db{s.pool}.Exec(ctx, lowerEndpointFloors)
	return errors.Join(inbox, endpoints)
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
		_, err := db{s.pool}.Exec(ctx, moveInboxFloor, webhook, newest)
		errs = append(errs, err)
	}
	for _, e := range endpoints { // each by itself, since a record locks several
		_, err := db{s.pool}.Exec(ctx, moveEndpointFloor, e, delivery, newest)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
