package sqlite

import (
	"context"
	"encoding/json"
	"time"

	"recado/domain"
)

const deferSends = `
UPDATE outbox SET next_at = now_ms() + (SELECT value FROM json_each($1) WHERE key = message_id)
WHERE message_id IN (SELECT key FROM json_each($1)) AND attempt_at = 0`

// Defer implements domain.Outbox.
func (s *Store) Defer(ctx context.Context, wait map[domain.MessageID]time.Duration) error {
	millis := map[domain.MessageID]int64{}
	for id, d := range wait {
		millis[id] = d.Milliseconds()
	}
	pairs, err := json.Marshal(millis)
	if err != nil {
		return err
	}
	return s.transact(ctx, false, func(ctx context.Context, t *tx) error {
		_, err := t.Exec(ctx, deferSends, string(pairs))
		return err
	})
}
