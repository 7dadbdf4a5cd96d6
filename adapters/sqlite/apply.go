package sqlite

import (
	"context"

	"recado/adapters/rows"
	"recado/domain"
)

// longBatch is how many updates make a transaction a long one.
const longBatch = 20

// Apply implements domain.Chats. Nobody else writes meanwhile: there is nothing
// to lock and nothing to do again. See domain.Book for what happens when.
func (s *Store) Apply(ctx context.Context, b domain.Batch) (domain.Receipt, error) {
	var receipt domain.Receipt
	err := s.transact(ctx, len(b.Updates) > longBatch, func(ctx context.Context, t *tx) error {
		book := domain.NewBook(b.Updates, rows.Fresh)
		if err := s.take(ctx, t, b.Inbox, book); err != nil {
			return err
		}
		if err := load(ctx, t, book); err != nil {
			return err
		}
		results, err := book.Decide()
		if err != nil {
			return err
		}
		receipt = domain.Receipt{Results: results}
		parked := append(b.Parked, rows.Unrouted(b.Updates, results)...)
		if book.Writes().Empty() && len(b.Inbox)+len(parked) == 0 {
			return rows.ErrRollback
		}
		receipt.Endpoints, err = write(ctx, t, book, parked)
		return err
	})
	return receipt, err
}

const deleteInbox = `DELETE FROM inbox WHERE id IN (SELECT value FROM json_each($1))`

const selectRoutes = rows.SelectRoute + `
WHERE c.id IN (
    SELECT value FROM json_each($1)
    UNION ALL
    SELECT k.id FROM json_each($2) a CROSS JOIN connections k ON k.hook_id = a.value ->> 0 AND k.account = a.value ->> 1
    UNION ALL
    SELECT connection_id FROM chats WHERE id IN (SELECT value FROM json_each($3))
)`

// take uses up the webhooks and finds whose the updates are.
func (s *Store) take(ctx context.Context, t *tx, inbox []int64, book *domain.Book) error {
	if len(inbox) > 0 {
		taken, err := t.Exec(ctx, deleteInbox, list(inbox))
		if err != nil {
			return err
		}
		if taken != int64(len(inbox)) {
			return domain.ErrTaken
		}
	}
	accounts := pairs(book.Accounts(), func(k domain.AccountKey) [2]string { return [2]string{string(k.Hook), k.Account} })
	routes, err := rows.List(ctx, t, s.Route, selectRoutes, list(book.Connections()), accounts, list(book.Commanded()))
	if err != nil {
		return err
	}
	book.Routed(s.now(), routes)
	return nil
}
