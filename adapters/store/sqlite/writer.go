package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"recado/adapters/store/shared"
	"recado/domain"
)

// A writer is the one connection that writes. Whoever wants to write waits for
// a turn; turns go by the order of asking. Long transactions stand in a queue
// of their own and only the first of them asks for a turn, so that whatever is
// short waits for one of them at most.
type writer struct {
	db       *sql.DB
	turn     chan struct{} // holds one; a channel serves who waits longest
	long     chan struct{} // likewise
	conn     *sql.Conn     // nil: lost. This and the rest belong to who has the turn
	prepared map[string]*sql.Stmt
	closed   bool
}

func openWriter(ctx context.Context, c driver.Connector, prepare func(context.Context, *sql.DB) error) (*writer, error) {
	w := &writer{db: sql.OpenDB(c), turn: make(chan struct{}, 1), long: make(chan struct{}, 1)}
	w.db.SetMaxOpenConns(1)
	if err := prepare(ctx, w.db); err != nil {
		return nil, errors.Join(err, w.db.Close())
	}
	if err := w.connect(ctx); err != nil {
		return nil, errors.Join(err, w.db.Close())
	}
	return w, nil
}

func (w *writer) connect(ctx context.Context) error {
	conn, err := w.db.Conn(ctx)
	if err != nil {
		return unanswered(err)
	}
	w.conn, w.prepared = conn, map[string]*sql.Stmt{}
	return nil
}

// forget closes the statements: SQLite keeps a connection open for them.
func (w *writer) forget() error {
	var errs []error
	for _, s := range w.prepared {
		errs = append(errs, s.Close())
	}
	w.prepared = nil
	return errors.Join(errs...)
}

// drop closes a connection in an unknown state, whatever it says to that. The
// next turn begins with another.
func (w *writer) drop() {
	_ = w.forget()
	_ = w.conn.Raw(func(any) error { return driver.ErrBadConn }) // the error is our own: it makes database/sql close it
	w.conn = nil
}

func (w *writer) close() error {
	w.turn <- struct{}{}
	defer func() { <-w.turn }()
	var err error
	if w.closed = true; w.conn != nil {
		err = errors.Join(w.forget(), w.conn.Close())
		w.conn = nil
	}
	return errors.Join(err, w.db.Close())
}

// wait waits for a turn; done ends it. A turn that has begun is not given up.
func (w *writer) wait(ctx context.Context, long bool) (done func(), err error) {
	if long {
		if err := enter(ctx, w.long); err != nil {
			return nil, err
		}
	}
	leave := func() {
		if long {
			<-w.long
		}
	}
	if err := enter(ctx, w.turn); err != nil {
		leave()
		return nil, err
	}
	done = func() { <-w.turn; leave() }
	if err := w.ready(ctx); err != nil {
		done()
		return nil, err
	}
	return done, nil
}

// ready makes sure that there is a connection.
func (w *writer) ready(ctx context.Context) error {
	switch {
	case w.closed:
		return fmt.Errorf("%w: it is closed", domain.ErrUnavailable)
	case w.conn == nil:
		return w.connect(ctx)
	}
	return nil
}

func enter(ctx context.Context, queue chan struct{}) error {
	if ctx.Err() != nil {
		return unanswered(ctx.Err())
	}
	select {
	case queue <- struct{}{}:
		return nil
	case <-ctx.Done():
		return unanswered(ctx.Err())
	}
}

// statement prepares a statement once.
func (w *writer) statement(ctx context.Context, sql string) (*sql.Stmt, error) {
	if s := w.prepared[sql]; s != nil {
		return s, nil
	}
	s, err := w.conn.PrepareContext(ctx, sql)
	if err != nil {
		return nil, unanswered(err)
	}
	w.prepared[sql] = s
	return s, nil
}

func (w *writer) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	s, err := w.statement(ctx, sql)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(ctx, bound(args)...)
	if err != nil {
		return 0, unanswered(err)
	}
	return result.RowsAffected()
}

func (w *writer) query(ctx context.Context, take func(shared.Row) error, sql string, args ...any) error {
	s, err := w.statement(ctx, sql)
	if err != nil {
		return err
	}
	found, err := s.QueryContext(ctx, bound(args)...)
	return all(found, err, take)
}

func (w *writer) transact(ctx context.Context, do func(context.Context, *tx) error) error {
	if _, err := w.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := do(ctx, &tx{w})
	if err == nil {
		if _, err = w.exec(ctx, "COMMIT"); err == nil {
			return nil
		}
	}
	if _, back := w.exec(ctx, "ROLLBACK"); back != nil { // SQLite may have done so by itself
		w.drop()
	}
	if errors.Is(err, shared.ErrRollback) {
		return nil
	}
	return err
}
