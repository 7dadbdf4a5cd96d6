package sqlite

import (
	"context"

	"recado/adapters/rows"
	"recado/domain"
)

// A tx is a transaction: the writer, during a turn.
type tx struct{ writer *writer }

// Query implements rows.DB.
func (t *tx) Query(ctx context.Context, take func(rows.Row) error, sql string, args ...any) error {
	return t.writer.query(ctx, take, sql, args...)
}

// Exec implements rows.DB.
func (t *tx) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	return t.writer.exec(ctx, sql, args...)
}

// Put implements rows.Tx.
func (t *tx) Put(ctx context.Context, hooks []domain.Webhook) error {
	return insert(ctx, t, "inbox", rows.InboxColumns, hooks, "")
}

// Tell implements rows.Tx.
func (t *tx) Tell(ctx context.Context, events []domain.Event) error {
	_, err := tell(ctx, t, events)
	return err
}
