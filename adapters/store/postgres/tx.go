package postgres

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"recado/adapters/store/shared"
	"recado/domain"
)

// A tx is a transaction whose statements travel in steps: what a step queues
// goes to the database in one round trip, the BEGIN with the first step and the
// COMMIT with the last.
type tx struct {
	conn  *pgxpool.Conn
	batch *pgx.Batch
}

// transact runs do in a transaction, again where it lost against others. Do
// must end with tx.commit, or return shared.ErrRollback or an error.
func (s *Store) transact(ctx context.Context, do func(*tx) error) error {
	return again(ctx, func() error {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		t := &tx{conn: conn, batch: &pgx.Batch{}}
		t.batch.Queue("BEGIN")
		if err = do(t); err == nil {
			return nil
		}
		if !conn.Conn().IsClosed() && conn.Conn().PgConn().TxStatus() != 'I' {
			if _, back := conn.Exec(context.WithoutCancel(ctx), "ROLLBACK"); back != nil {
				_ = conn.Conn().Close(context.WithoutCancel(ctx)) // the pool makes another
			}
		}
		if errors.Is(err, shared.ErrRollback) {
			return nil
		}
		return err
	})
}

// stepwise runs do in a transaction of as many round trips as it has statements.
func (s *Store) stepwise(ctx context.Context, do func(context.Context, shared.Tx) error) error {
	return s.transact(ctx, func(t *tx) error {
		if err := do(ctx, t); err != nil {
			return err
		}
		return t.commit(ctx)
	})
}

// queue adds a statement to the step.
func (t *tx) queue(sql string, args ...any) *pgx.QueuedQuery { return t.batch.Queue(sql, args...) }

// now queues a look at the database's clock.
func (t *tx) now(at *time.Time) {
	t.queue("SELECT now_ms()").QueryRow(func(row pgx.Row) error { return row.Scan(shared.Moment(at)) })
}

// step sends what is queued and reads every answer.
func (t *tx) step(ctx context.Context) error {
	batch := t.batch
	t.batch = &pgx.Batch{}
	return t.conn.SendBatch(ctx, batch).Close()
}

// commit sends what is queued, and the COMMIT behind it.
func (t *tx) commit(ctx context.Context) error {
	t.queue("COMMIT")
	return t.step(ctx)
}

// into makes a queued query append its rows to a list.
func into[T any](q *pgx.QueuedQuery, list *[]T, scan shared.Scan[T]) {
	each(q, func(row shared.Row) error {
		v, err := scan(row)
		*list = append(*list, v)
		return err
	})
}

// each makes a queued query hand over its rows.
func each(q *pgx.QueuedQuery, take func(shared.Row) error) {
	q.Query(func(found pgx.Rows) error { return all(found, take) })
}

// all hands over every row.
func all(found pgx.Rows, take func(shared.Row) error) error {
	defer found.Close()
	for found.Next() {
		if err := take(found); err != nil {
			return err
		}
	}
	return found.Err()
}

// Query implements shared.DB.
func (t *tx) Query(ctx context.Context, take func(shared.Row) error, sql string, args ...any) error {
	each(t.queue(sql, args...), take)
	return t.step(ctx)
}

// Exec implements shared.DB.
func (t *tx) Exec(ctx context.Context, sql string, args ...any) (n int64, err error) {
	t.queue(sql, args...).Exec(func(tag pgconn.CommandTag) error { n = tag.RowsAffected(); return nil })
	err = t.step(ctx)
	return n, err
}

// Put implements shared.Tx.
func (t *tx) Put(_ context.Context, hooks []domain.Webhook) error {
	insert, args := insertAll(insertInbox, shared.InboxColumns, hooks)
	t.queue(insert, args...)
	return nil
}

// Tell implements shared.Tx.
func (t *tx) Tell(_ context.Context, events []domain.Event) error {
	t.insertEvents(events)
	return nil
}

// insertEvents queues what stores events, and returns the query for the endpoints that
// get them.
func (t *tx) insertEvents(events []domain.Event) *pgx.QueuedQuery {
	insert, args := insertAll(insertEvents, shared.EventColumns, events)
	t.queue(insert, args...)
	insert, args = insertAll(insertDeliveries, shared.EventRouting, events)
	return t.queue(insert, args...)
}

// A db runs each statement on any connection of its pool.
type db struct{ pool *pgxpool.Pool }

// Query implements shared.DB.
func (d db) Query(ctx context.Context, take func(shared.Row) error, sql string, args ...any) error {
	found, _ := d.pool.Query(ctx, sql, args...) // the error comes with the rows
	return classify(all(found, take))
}

// Exec implements shared.DB.
func (d db) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	tag, err := d.pool.Exec(ctx, sql, args...)
	return tag.RowsAffected(), classify(err)
}

// isClosed reports whether the connection was lost under a statement.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "conn closed")
}
