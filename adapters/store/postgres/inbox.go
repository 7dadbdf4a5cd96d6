package postgres

import (
	"context"

	"recado/adapters/store/shared"
	"recado/domain"
)

const insertInbox = `
INSERT INTO inbox (lane, hook_id, kind, received_at, body)
SELECT lane, hook_id, kind, received_at, body FROM %s
WHERE pg_current_xact_id() IS NOT NULL -- the transaction has its id before a webhook has one; see floors.go`

// insert is one statement and one commit.
func (s *Store) insert(ctx context.Context, hooks []domain.Webhook) error {
	insert, args := insertAll(insertInbox, shared.InboxColumns, hooks)
	_, err := db{s.vital}.Exec(ctx, insert, args...)
	return err
}

// selectNext adds up the sizes of the bodies: the first row is always taken.
const selectNext = `
SELECT id, hook_id, kind, received_at, body
FROM (
    SELECT id, hook_id, kind, received_at, body, sum(length(body)) OVER (ORDER BY id) AS total
    FROM (SELECT * FROM inbox WHERE (lane, id) >= ($1, ` + shared.InboxFloor + `) AND lane >= $1 AND lane <= $1 ORDER BY lane, id LIMIT $2) oldest -- plan 1
) sized
WHERE total <= $3 OR total = length(body)
ORDER BY id`

// Next implements domain.Inbox.
func (s *Store) Next(ctx context.Context, lane int) ([]domain.Webhook, error) {
	return shared.List(ctx, db{s.pool}, shared.ScanWebhook, selectNext, lane, domain.InboxBatchRows, domain.InboxBatchBytes)
}
