package shared

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"recado/domain"
)

var (
	isOverdue     = `unknown_at > 0 AND unknown_at < now_ms() - ` + SQLMillis(domain.EvidenceTimeout)
	selectOverdue = `SELECT message_id, connection_id FROM outbox WHERE ` + isOverdue + ` ORDER BY unknown_at LIMIT $1`
)

// selectNeeds looks for what the sweep may have to do. $1 is where orphans are read from.
var selectNeeds = `
SELECT EXISTS (` + selectDueLanes + `),
    (SELECT 1 FROM outbox WHERE ` + isOverdue + ` ORDER BY unknown_at LIMIT 1) IS NOT NULL,
    (SELECT 1 FROM chats WHERE ` + isUnpriced + ` ORDER BY price_due_at LIMIT 1) IS NOT NULL,
    (SELECT 1 FROM orphans WHERE kept_at >= $1 ORDER BY kept_at LIMIT 1) IS NOT NULL`

// SweepNeeds implements domain.Maintenance.
func (q Queries) SweepNeeds(ctx context.Context, from domain.OrphanPlace) (domain.SweepNeeds, error) {
	return One(ctx, q.db, func(row Row) (n domain.SweepNeeds, err error) {
		err = row.Scan(&n.Lanes, &n.Evidence, &n.Prices, &n.Orphans)
		return n, err
	}, selectNeeds, Millis(time.Time(from)))
}

// OverdueEvidence implements domain.Maintenance.
func (q Queries) OverdueEvidence(ctx context.Context, limit int) ([]domain.Update, error) {
	return List(ctx, q.db, dueNow(func(row Row, u *domain.Update) error {
		var m domain.MessageID
		err := row.Scan(&m, &u.Connection)
		u.Fact = domain.EvidenceOverdue{Message: m}
		return err
	}), selectOverdue, limit)
}

const (
	isUnpriced     = `price_due_at <> 0 AND price_due_at <= now_ms()`
	selectUnpriced = `SELECT id, connection_id FROM chats WHERE ` + isUnpriced + ` ORDER BY price_due_at LIMIT $1`
)

// OverduePrices implements domain.Maintenance.
func (q Queries) OverduePrices(ctx context.Context, limit int) ([]domain.Update, error) {
	return List(ctx, q.db, dueNow(func(row Row, u *domain.Update) error {
		var c domain.ChatID
		err := row.Scan(&c, &u.Connection)
		u.Fact = domain.PriceOverdue{Chat: c}
		return err
	}), selectUnpriced, limit)
}

// dueNow makes the Scan of an update of this moment.
func dueNow(scan func(Row, *domain.Update) error) Scan[domain.Update] {
	now := time.Now()
	return func(row Row) (domain.Update, error) {
		u := domain.Update{Received: now}
		err := scan(row, &u)
		return u, err
	}
}

// lookBack is how long a transaction may take from its clock to its commit: an
// orphan is looked at for that long, so that the commit of its message is not missed.
const lookBack = time.Minute

const selectOrphanSpan = `
SELECT count(*), coalesce(max(kept_at), 0), now_ms() FROM (
    SELECT kept_at FROM orphans WHERE kept_at >= $1 ORDER BY kept_at LIMIT $2
) span`

// selectJoinable finds the orphans whose message exists.
const selectJoinable = `
SELECT DISTINCT connection_id, provider_id FROM (
    SELECT connection_id, provider_id, (
        SELECT m.id FROM messages m
        WHERE m.connection_id = o.connection_id AND m.provider_id = o.provider_id AND m.provider_id <> '' LIMIT 1 -- plans 3, 4
    ) AS message_id
    FROM orphans o WHERE o.kept_at >= $1 AND o.kept_at <= $2
    ORDER BY o.kept_at
) known
WHERE message_id IS NOT NULL`

// JoinableOrphans implements domain.Maintenance. Those that were stored in the same
// millisecond are looked at together.
func (q Queries) JoinableOrphans(ctx context.Context, from domain.OrphanPlace, limit int) ([]domain.Update, domain.OrphanPlace, error) {
	type span struct{ rows, last, now int64 }
	start := Millis(time.Time(from))
	s, err := One(ctx, q.db, func(row Row) (s span, err error) {
		err = row.Scan(&s.rows, &s.last, &s.now)
		return s, err
	}, selectOrphanSpan, start, limit)
	if err != nil {
		return nil, from, err
	}
	next := s.now - lookBack.Milliseconds()
	if s.rows == int64(limit) {
		next = s.last + 1
	}
	place := domain.OrphanPlace(time.UnixMilli(next))
	if s.rows == 0 {
		return nil, place, nil
	}
	found, err := List(ctx, q.db, dueNow(func(row Row, u *domain.Update) error {
		var p domain.ProviderID
		err := row.Scan(&u.Connection, &p)
		u.Fact = domain.OrphansDue{ProviderID: p}
		return err
	}), selectJoinable, start, s.last)
	if err != nil {
		return nil, from, err
	}
	return found, place, nil
}

// trims lists what outlives its retention.
var trims = []struct{ table, old string }{
	{"processes", "beat_at < now_ms() - " + SQLMillis(domain.ProcessRetention)},
	{"orphans", "kept_at < now_ms() - " + SQLMillis(domain.OrphanRetention)},
	{"client_refs", "at < now_ms() - " + SQLMillis(domain.ClientRefRetention)},
	{"presses", "until < now_ms()"},
	{"signals", oldest("signals") + " AND at < now_ms() - " + SQLMillis(domain.EventRetention)},
	{"parked", "expires_at < now_ms()"},
	{"uploads", "until < now_ms()"},
	{"attempts", oldest("attempts") + " AND at < now_ms() - " + SQLMillis(domain.AttemptRetention)},
	{"deliveries", oldest("deliveries") + " AND created_at < now_ms() - " + SQLMillis(domain.DeliveryRetention)},
	{"replays", "ended_at > 0 AND ended_at < now_ms() - " + SQLMillis(domain.DeliveryRetention)},
	{"events", oldest("events") + " AND at < now_ms() - " + SQLMillis(domain.EventRetention)},
}

// oldest holds for the first $1 rows of a table whose ids rise with time: a
// place in that order needs no index of its own.
func oldest(table string) string {
	return "id <= (SELECT max(id) FROM (SELECT id FROM " + table + " ORDER BY id LIMIT $1) first)"
}

// countMax is how far what waits is counted: beyond it the figure says "very many".
const countMax = 100_000

// trimRows is how many rows a step of Trim changes at most.
const trimRows = 1000

// TrimBy is domain.Maintenance's Trim. Statement deletes of a table %[1]s up to $1
// rows for which %[2]s holds. A step that fails does not keep the others from their
// work.
func (q Queries) TrimBy(ctx context.Context, statement string) (more bool, err error) {
	var errs []error
	step := func(name string, do func() (bool, error)) {
		left, err := do()
		more = more || left
		if err != nil {
			errs = append(errs, fmt.Errorf("trim %s: %w", name, err))
		}
	}
	for _, t := range trims {
		step(t.table, func() (bool, error) {
			n, err := q.db.Exec(ctx, fmt.Sprintf(statement, t.table, t.old), trimRows)
			return n == trimRows, err
		})
	}
	for _, old := range oldMedia {
		step(old.name, func() (bool, error) {
			n, err := q.markMedia(ctx, old.are)
			return n == trimRows, err
		})
	}
	step("chats of companies that ended", func() (bool, error) { return q.erase(ctx, statement) })
	step("what waited too long", func() (bool, error) { return q.expire(ctx) })
	step("what waited for endpoints that ended", func() (bool, error) { return q.expireEnded(ctx) })
	step("what is parked for connections that were declared", func() (bool, error) { return q.unparkRest(ctx) })
	return more, errors.Join(errs...)
}

// oldestDue is when what waits longest for a row of endpoints was made. What is
// due to one is in the order of its age.
var oldestDue = FirstDue("q.created_at", "endpoints")

// selectLate finds the endpoints that have something to expire.
var selectLate = fmt.Sprintf(SelectEndpoints+`
WHERE (`+oldestDue+`) < now_ms() - %d
OR id IN (
    SELECT endpoint_id FROM (
        SELECT endpoint_id FROM deliveries WHERE state = 'parked' AND created_at < now_ms() - %d ORDER BY created_at LIMIT %d
    ) late
)`, domain.DeliveryExpiry.Milliseconds(), domain.ParkedRetention.Milliseconds(), trimRows)

// selectLateOf selects the oldest deliveries to an endpoint $1 that waited or were parked
// for seven days.
var selectLateOf = fmt.Sprintf(`
    SELECT id FROM (
        SELECT id, created_at FROM deliveries WHERE endpoint_id >= $1 AND endpoint_id <= $1 AND state = 'due' -- plans 1, 4
        ORDER BY endpoint_id, id LIMIT %[1]d
    ) due
    WHERE created_at < now_ms() - %[2]d
    UNION ALL
    SELECT id FROM (
        SELECT id FROM deliveries WHERE endpoint_id = $1 AND state = 'parked' AND created_at < now_ms() - %[3]d
        ORDER BY created_at LIMIT %[1]d
    ) parked`, trimRows, domain.DeliveryExpiry.Milliseconds(), domain.ParkedRetention.Milliseconds())

// expire ends deliveries that nobody took for seven days, and tells of it. It
// reports whether there may be more.
func (q Queries) expire(ctx context.Context) (more bool, err error) {
	err = q.transact(ctx, func(ctx context.Context, tx Tx) error {
		more = false
		late, err := List(ctx, tx, q.ScanEndpoint, selectLate)
		if err != nil {
			return err
		}
		for _, e := range late {
			expired, err := tx.Exec(ctx, q.finds.expiry.late, e.ID)
			if err != nil {
				return err
			}
			if expired == 0 { // another worker was faster
				continue
			}
			more = more || expired >= trimRows
			if err := InsertEndpointStatus(ctx, tx, e, expired); err != nil {
				return err
			}
		}
		return nil
	})
	return more, err
}

// countDue counts what waits for the endpoint $1, up to countMax: others wait for its row.
var countDue = fmt.Sprintf(`
SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE endpoint_id = $1 AND state = 'due' LIMIT %d) w`, countMax)

// InsertEndpointStatus tells all endpoints of the company that the status of one
// changed: the others hear it now, this one when it is back.
func InsertEndpointStatus(ctx context.Context, tx Tx, e domain.Endpoint, expired int64) error {
	waiting, err := One(ctx, tx, Value[int64], countDue, e.ID)
	if err != nil {
		return err
	}
	return insertStatus(ctx, tx, e, waiting, expired)
}

func insertStatus(ctx context.Context, tx Tx, e domain.Endpoint, waiting, expired int64) error {
	return insertEvent(ctx, tx, func(id domain.EventID, at time.Time) (domain.Event, error) {
		return domain.CompanyEvent(id, at, e.Company, domain.EventEndpointStatus,
			domain.EndpointStatusData{Endpoint: e.ID, Status: e.Status, Waiting: waiting, Expired: expired})
	})
}

// ReleaseDeliveries is domain.DeliveryRetry.Released for all that waits for the
// endpoint $1.
var ReleaseDeliveries = `
UPDATE deliveries SET failures = 0, next_at = 0
WHERE endpoint_id = $1 AND state = 'due' AND attempts > 0 AND refusals < ` + strconv.Itoa(domain.ParkAfterRefusals)

// selectGauges counts what waits and what is parked, and how old the oldest of
// what waits is.
var selectGauges = eachLane(func(lane domain.LaneRow, q laneQuery) string {
	return fmt.Sprintf(`SELECT 'waiting', '%s', (SELECT count(*) FROM (%s LIMIT %d) w), coalesce(now_ms() - (%s), 0)`,
		lane.Kind, q.waiting, countMax, q.oldest)
}) + `
UNION ALL
` + eachLane(func(lane domain.LaneRow, q laneQuery) string {
	if !lane.Parks {
		return ""
	}
	return fmt.Sprintf(`SELECT 'parked', '%s', (SELECT count(*) FROM (%s LIMIT %d) p), 0`, lane.Kind, q.parked, countMax)
})

// Gauges implements domain.Maintenance.
func (q Queries) Gauges(ctx context.Context) (domain.Gauges, error) {
	g := domain.Gauges{
		Backlog: map[domain.LaneKind]int64{}, Oldest: map[domain.LaneKind]time.Duration{}, Parked: map[domain.LaneKind]int64{},
		Connections: map[domain.Kind]map[domain.ConnectionStatus]int64{}, Endpoints: map[domain.EndpointStatus]int64{},
	}
	err := q.db.Query(ctx, func(row Row) error {
		var what string
		var lane domain.LaneKind
		var count, age int64
		if err := row.Scan(&what, &lane, &count, &age); err != nil {
			return err
		}
		if what == "parked" {
			g.Parked[lane] = count
			return nil
		}
		g.Backlog[lane] = count
		g.Oldest[lane] = time.Duration(age) * time.Millisecond
		return nil
	}, selectGauges)
	if err != nil {
		return g, err
	}
	if g.Usage, err = q.Usage(ctx, ""); err != nil {
		return g, err
	}
	err = q.db.Query(ctx, func(row Row) error {
		var kind domain.Kind
		var status domain.ConnectionStatus
		var count int64
		err := row.Scan(&kind, &status, &count)
		if g.Connections[kind] == nil {
			g.Connections[kind] = map[domain.ConnectionStatus]int64{}
		}
		g.Connections[kind][status] = count
		return err
	}, `SELECT kind, status, count(*) FROM connections WHERE hook_id <> '' GROUP BY kind, status`)
	if err != nil {
		return g, err
	}
	err = q.db.Query(ctx, func(row Row) error {
		var status domain.EndpointStatus
		var count int64
		err := row.Scan(&status, &count)
		g.Endpoints[status] = count
		return err
	}, `SELECT status, count(*) FROM endpoints GROUP BY status`)
	return g, err
}
