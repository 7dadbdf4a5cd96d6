package postgres

import (
	"context"
	"maps"
	"slices"
	"time"

	"recado/domain"
)

const deferSends = `
UPDATE outbox SET next_at = now_ms() + ($2::bigint[])[array_position($1::text[], message_id)]
WHERE message_id = ANY ($1) AND attempt_at = 0 -- plan 2`

// Defer implements domain.Outbox.
func (s *Store) Defer(ctx context.Context, wait map[domain.MessageID]time.Duration) error {
	ids := slices.Sorted(maps.Keys(wait))
	millis := gather(ids, func(id *domain.MessageID) int64 { return wait[*id].Milliseconds() })
	_, err := db{s.pool}.Exec(ctx, deferSends, ids, millis)
	return err
}
