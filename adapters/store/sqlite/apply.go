package sqlite

import (
	"context"

	"recado/adapters/store/shared"
	"recado/domain"
)

// longBatch is how many updates make a transaction a long one.
const longBatch = 20

// apply takes no locks and never runs again: this transaction is the only writer.
// See domain.Book for its steps.
func (s *Store) apply(ctx context.Context, batches []domain.Batch) (receipts []domain.Receipt, _ error) {
	updates := shared.Updates(batches)
	err := s.transact(ctx, len(updates) > longBatch, func(ctx context.Context, t *tx) error {
		book := domain.NewBook(updates, shared.NewID)
		if err := s.setRoutes(ctx, t, batches, book); err != nil {
			return err
		}
		messages, err := setNames(ctx, t, book)
		if err != nil {
			return err
		}
		created, err := setChats(ctx, t, book, messages)
		if err != nil {
			return err
		}
		if err := setCounts(ctx, t, book); err != nil {
			return err
		}
		receipts, err = shared.Settle(batches, updates, book, func(w domain.Writes, parked []domain.ParkedItem) ([]domain.EndpointID, error) {
			return write(ctx, t, w, created, parked)
		})
		return err
	})
	return receipts, err
}

const deleteInbox = `DELETE FROM inbox WHERE id IN (SELECT value FROM json_each($1))`

const selectRoutes = shared.SelectRoute + `
WHERE c.id IN (
    SELECT value FROM json_each($1)
    UNION ALL
    SELECT k.id FROM json_each($2) a CROSS JOIN connections k ON k.hook_id = a.value ->> 0 AND k.account = a.value ->> 1
    UNION ALL
    SELECT connection_id FROM chats WHERE id IN (SELECT value FROM json_each($3))
    UNION ALL
    SELECT id FROM connections WHERE hook_id IN (SELECT value FROM json_each($4))
)`

const selectFormerRoutes = shared.SelectFormerRoute + `
WHERE EXISTS (SELECT 1 FROM json_each($1) a WHERE f.hook_id = a.value ->> 0 AND f.account = a.value ->> 1)`

func accountPair(k domain.AccountKey) [2]string { return [2]string{string(k.Hook), k.Account} }

// setRoutes deletes the webhooks from the inbox and finds the connections of the
// updates.
func (s *Store) setRoutes(ctx context.Context, t *tx, batches []domain.Batch, book *domain.Book) error {
	for _, b := range batches {
		if len(b.Inbox) == 0 {
			continue
		}
		taken, err := t.Exec(ctx, deleteInbox, list(b.Inbox))
		if err != nil {
			return err
		}
		if taken != int64(len(b.Inbox)) {
			return domain.ErrTaken
		}
	}
	need := book.NeedRoutes()
	accounts := pairs(need.Accounts, accountPair)
	routes, err := shared.List(ctx, t, s.Route, selectRoutes, list(need.Connections), accounts, list(need.Chats), list(need.Hooks))
	if err != nil {
		return err
	}
	if unknown := shared.UnknownAccounts(need.Accounts, routes); len(unknown) > 0 {
		former, err := shared.List(ctx, t, s.Route, selectFormerRoutes, pairs(unknown, accountPair))
		if err != nil {
			return err
		}
		routes = append(routes, former...)
	}
	book.SetRoutes(s.now(), routes)
	return nil
}
