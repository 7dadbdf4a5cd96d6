package shared

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"recado/domain"
)

const (
	logWindow   = 1000 // deliveries that a page of a query by type or chat looks at
	attemptsMax = 100  // of one delivery that are shown
)

// loggedColumns are those of a delivery d in the log; see scanLogged.
const loggedColumns = `d.id, d.endpoint_id, d.event_id, d.chat_id, coalesce((SELECT e.type FROM events e WHERE e.id = d.event_id), ''),
       d.created_at, d.state, d.replay_id, d.attempts, d.next_at, d.done_at, d.http_status, d.took_ms, d.last_error`

func scanLogged(row Row) (domain.Delivery, error) {
	var d domain.Delivery
	var took int64
	err := row.Scan(&d.ID, &d.Endpoint, &d.Event, &d.Chat, &d.Type,
		Moment(&d.Created), &d.State, &d.Replay, &d.Attempts, Moment(&d.NextAt), Moment(&d.DoneAt), &d.Status, &took, &d.LastError)
	d.Took = time.Duration(took) * time.Millisecond
	return d, err
}

// selectLog selects up to $4 deliveries of an endpoint $1 whose ids are between $2
// and $3, the newest first, by the state that they have; empty: any.
var selectLog = func() map[domain.DeliveryState]string {
	byState := map[domain.DeliveryState]string{}
	var all []string
	for _, state := range domain.DeliveryStates {
		byState[state] = newestOf(logPart(state))
		all = append(all, logPart(state))
	}
	byState[""] = newestOf(all...)
	return byState
}()

func newestOf(parts ...string) string {
	return `SELECT ` + loggedColumns + ` FROM (
    SELECT * FROM (` + strings.Join(parts, "\n    UNION ALL\n") + `) any_state ORDER BY id DESC LIMIT $4
) d ORDER BY d.id DESC`
}

// logPart compares rows of values, so that no index but that of the state gives
// the order: the primary key would lead through the deliveries of all endpoints. A
// scan stops where the first value of a row is another: so the endpoint of those that
// ended is not in it.
func logPart(state domain.DeliveryState) string {
	columns, values, where := "l.state, l.id", "'"+string(state)+"', ", "l.endpoint_id = $1 AND l.state <> 'due'"
	if state == domain.DeliveryDue {
		columns, values, where = "l.endpoint_id, l.id", "$1, ", "l.state = 'due'"
	}
	return fmt.Sprintf(`SELECT * FROM (
        SELECT * FROM deliveries l
        WHERE (%[1]s) > (%[2]s$2) AND (%[1]s) < (%[2]s$3) AND %[3]s
        ORDER BY %[4]s DESC LIMIT $4
    ) %[5]s`, columns, values, where, strings.ReplaceAll(columns, ", ", " DESC, "), "of_"+string(state))
}

// selectLogFrom reads where the log of an endpoint begins.
const selectLogFrom = `SELECT log_from FROM endpoints WHERE id = $1 AND ($2 = '' OR company_id = $2)`

// Deliveries implements domain.DeliveryLog.
func (q Queries) Deliveries(ctx context.Context, company domain.CompanyID, dq domain.DeliveryQuery) (domain.DeliveryPage, error) {
	from, err := One(ctx, q.db, Value[int64], selectLogFrom, dq.Endpoint, company)
	if err != nil {
		return domain.DeliveryPage{}, err
	}
	window := dq.Limit + 1
	if dq.Type != "" || dq.Chat != "" {
		window = max(window, logWindow)
	}
	before := dq.Before
	if before == 0 {
		before = math.MaxInt64
	}
	looked, err := List(ctx, q.db, scanLogged, selectLog[dq.State], dq.Endpoint, from, before, window)
	if err != nil {
		return domain.DeliveryPage{}, err
	}
	return dq.Page(looked, len(looked) == window), nil
}

// selectLogged reads a delivery $1 of a company $2.
const selectLogged = `SELECT ` + loggedColumns + `
FROM deliveries d JOIN endpoints p ON p.id = d.endpoint_id AND d.id > p.log_from
WHERE d.id = $1 AND ($2 = '' OR p.company_id = $2)`

var selectAttempts = `
SELECT * FROM (
    SELECT delivery_id, endpoint_id, number, at, took_ms, http_status, error, answer, next_at FROM attempts
    WHERE delivery_id >= $1 AND delivery_id <= $1 -- plan 1
    ORDER BY delivery_id DESC, id DESC LIMIT ` + strconv.Itoa(attemptsMax) + `
) last ORDER BY number`

// Delivery implements domain.DeliveryLog.
func (q Queries) Delivery(ctx context.Context, company domain.CompanyID, id int64) (domain.Delivery, []domain.Attempt, error) {
	d, err := One(ctx, q.db, scanLogged, selectLogged, id, company)
	if err != nil {
		return d, nil, err
	}
	attempts, err := List(ctx, q.db, scanAttempt, selectAttempts, id)
	return d, attempts, err
}

func scanAttempt(row Row) (domain.Attempt, error) {
	var a domain.Attempt
	var took int64
	err := row.Scan(&a.Delivery, &a.Endpoint, &a.Number, Moment(&a.At), &took, &a.Status, &a.Error, &a.Answer, Moment(&a.NextAt))
	a.Took = time.Duration(took) * time.Millisecond
	return a, err
}

// RetryDelivery implements domain.DeliveryLog.
func (q Queries) RetryDelivery(ctx context.Context, company domain.CompanyID, id int64) error {
	return q.transact(ctx, func(ctx context.Context, tx Tx) error {
		d, err := One(ctx, tx, scanLogged, selectLogged, id, company)
		if err != nil {
			return err
		}
		switch d.State {
		case domain.DeliveryDue:
			_, err := tx.Exec(ctx, `UPDATE deliveries SET next_at = 0 WHERE id = $1 AND state = 'due'`, id)
			return err
		case domain.DeliveryReplaying:
			_, err := tx.Exec(ctx, `UPDATE replay_queue SET next_at = 0 WHERE endpoint_id = $1 AND delivery_id = $2`, d.Endpoint, id)
			return err
		}
		n, err := putBack(ctx, tx, id, `'parked', 'expired', 'given_up'`)
		if err == nil && n == 0 {
			return domain.ErrAlreadyDelivered
		}
		return err
	})
}

// putBack makes a delivery due as if it had never been tried, if its state is one of
// those given and its endpoint has not ended. It may be below its endpoint's floor.
func putBack(ctx context.Context, tx Tx, id int64, states string) (int64, error) {
	endpoints, err := tx.Exec(ctx, `
UPDATE endpoints SET floor = CASE WHEN floor > $1 THEN $1 ELSE floor END, mark = 0
WHERE id = (SELECT endpoint_id FROM deliveries WHERE id = $1)`, id)
	if err != nil || endpoints == 0 {
		return 0, err
	}
	return tx.Exec(ctx, `
UPDATE deliveries SET state = 'due', done_at = 0, next_at = 0, attempts = 0, failures = 0, refusals = 0, refused_since = 0, failed_at = 0
WHERE id = $1 AND state IN (`+states+`)`, id)
}

// EndpointIDs implements domain.DeliveryLog.
func (q Queries) EndpointIDs(ctx context.Context) ([]domain.EndpointID, error) {
	return List(ctx, q.db, Value[domain.EndpointID], `SELECT id FROM endpoints ORDER BY id`)
}

// AttemptColumns are those of a logged attempt.
var AttemptColumns = []Column[domain.Attempt]{
	textColumn("endpoint_id", func(a *domain.Attempt) *domain.EndpointID { return &a.Endpoint }),
	numberColumn("number", func(a *domain.Attempt) *int64 { return &a.Number }),
	numberColumn("delivery_id", func(a *domain.Attempt) *int64 { return &a.Delivery }),
	momentColumn("at", func(a *domain.Attempt) *time.Time { return &a.At }),
	{Name: "took_ms", Num: func(a *domain.Attempt) int64 { return a.Took.Milliseconds() }},
	numberColumn("http_status", func(a *domain.Attempt) *int { return &a.Status }),
	textColumn("error", func(a *domain.Attempt) *string { return &a.Error }),
	textColumn("answer", func(a *domain.Attempt) *string { return &a.Answer }),
	momentColumn("next_at", func(a *domain.Attempt) *time.Time { return &a.NextAt }),
}

// CountAttempts stores how many attempts of an endpoint $1 were ever logged.
const CountAttempts = `UPDATE endpoints SET attempts = $2 WHERE id = $1`

// DropAttempts deletes what the attempts of an endpoint $1, $2 by now, push out of
// its log.
var DropAttempts = `DELETE FROM attempts WHERE endpoint_id = $1 AND number <= $2 - ` + strconv.Itoa(domain.MaxAttemptsPerEndpoint)
