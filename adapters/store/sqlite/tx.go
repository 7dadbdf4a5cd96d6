package sqlite

import (
	"context"

	"recado/adapters/store/shared"
	"recado/domain"
)

// A tx is a transaction: the writer, during a turn.
type tx struct{ writer *writer }

// Query implements shared.DB.
func (t *tx) Query(ctx context.Context, take func(shared.Row) error, sql string, args ...any) error {
	return t.writer.query(ctx, take, sql, args...)
}

// Exec implements shared.DB.
func (t *tx) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	return t.writer.exec(ctx, sql, args...)
}

// Put implements shared.Tx.
func (t *tx) Put(ctx context.Context, hooks []domain.Webhook) error {
	return insert(ctx, t, "inbox", shared.InboxColumns, hooks, "")
}

// Tell implements shared.Tx.
func (t *tx) Tell(ctx context.Context, events []domain.Event) error {
	_, err := insertEvents(ctx, t, events)
	return err
}
