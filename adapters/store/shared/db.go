package shared

import (
	"context"
	"time"

	"recado/domain"
)

// A DB runs statements: each alone, or all in one transaction. Arguments are
// numbered $1, $2, …; now_ms() is the database's clock. Errors are those that
// domain.Store promises.
type DB interface {
	// Query runs a statement and calls each with every row of its result.
	Query(ctx context.Context, each func(Row) error, sql string, args ...any) error

	// Exec runs a statement and returns how many rows it concerned.
	Exec(ctx context.Context, sql string, args ...any) (int64, error)
}

// A Tx is a transaction.
type Tx interface {
	DB

	// Put puts webhooks into the inbox.
	Put(ctx context.Context, hooks []domain.Webhook) error

	// Tell stores events and gives each to each endpoint that wants it.
	Tell(ctx context.Context, events []domain.Event) error
}

// now is the database's clock, in a transaction.
func now(ctx context.Context, tx Tx) (time.Time, error) {
	return One(ctx, tx, func(row Row) (time.Time, error) {
		var at time.Time
		err := row.Scan(Moment(&at))
		return at, err
	}, `SELECT now_ms()`)
}

// insertEvent stores an event of now.
func insertEvent(ctx context.Context, tx Tx, event func(id domain.EventID, at time.Time) (domain.Event, error)) error {
	at, err := now(ctx, tx)
	if err != nil {
		return err
	}
	e, err := event(domain.NewEventID(NewID()), at)
	if err != nil {
		return err
	}
	return tx.Tell(ctx, []domain.Event{e})
}

// A Row is a row of a result.
type Row interface{ Scan(dest ...any) error }

// A Scan makes a value of a row.
type Scan[T any] func(Row) (T, error)

// Value is the Scan of a row with one column.
func Value[T any](row Row) (T, error) {
	var v T
	err := row.Scan(&v)
	return v, err
}

// List runs a query and collects its rows.
func List[T any](ctx context.Context, db DB, scan Scan[T], sql string, args ...any) ([]T, error) {
	found := []T{}
	err := db.Query(ctx, func(row Row) error {
		v, err := scan(row)
		found = append(found, v)
		return err
	}, sql, args...)
	return found, err
}

// One runs a query for one row; none is domain.ErrNotFound.
func One[T any](ctx context.Context, db DB, scan Scan[T], sql string, args ...any) (T, error) {
	v, exists, err := find(ctx, db, scan, sql, args...)
	if err == nil && !exists {
		err = domain.ErrNotFound
	}
	return v, err
}

// find runs a query for a row that need not exist.
func find[T any](ctx context.Context, db DB, scan Scan[T], sql string, args ...any) (T, bool, error) {
	list, err := List(ctx, db, scan, sql, args...)
	if err != nil || len(list) == 0 {
		var none T
		return none, false, err
	}
	return list[0], true, nil
}

// some makes a statement that concerned no row domain.ErrNotFound.
func some(n int64, err error) error {
	if err == nil && n == 0 {
		return domain.ErrNotFound
	}
	return err
}
