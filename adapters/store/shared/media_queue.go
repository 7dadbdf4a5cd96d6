package shared

import (
	"context"
	"fmt"

	"recado/domain"
)

// dueMedia finds the connections with a file that may be fetched now.
const dueMedia = `
SELECT c.id AS owner FROM connections c
WHERE (
    SELECT 1 FROM media f WHERE f.connection_id >= c.id AND (f.connection_id, f.next_at) <= (c.id, now_ms()) AND f.state = 'waiting' -- plans 1, 4
    ORDER BY f.connection_id, f.next_at LIMIT 1
) IS NOT NULL`

// oldestMedia is since when the file is due that is due longest.
const oldestMedia = `
SELECT min((
    SELECT f.next_at FROM media f WHERE f.connection_id >= c.id AND (f.connection_id, f.next_at) <= (c.id, now_ms()) AND f.state = 'waiting' -- plans 1, 4
    ORDER BY f.connection_id, f.next_at LIMIT 1
)) FROM connections c`

// mediaSpan is how many of the files that are due longest are sorted by when they
// are given up: few of them are due at any time.
const mediaSpan = 256

// selectDueMedia lists up to $2 files of a connection $1 that are due; %s leaves out
// the busy ones, $3.
const selectDueMedia = `
WITH span AS MATERIALIZED (
    SELECT * FROM media
    WHERE connection_id >= $1 AND (connection_id, next_at) <= ($1, now_ms()) AND state = 'waiting' -- plans 1, 4
    ORDER BY connection_id, next_at LIMIT %d
)
SELECT %s, coalesce(c.blocked_at, 0) <> 0
FROM span f
LEFT JOIN messages m ON m.id BETWEEN f.message_id AND f.message_id -- plan 1
LEFT JOIN chats c ON c.id BETWEEN m.chat_id AND m.chat_id -- plan 1
WHERE NOT f.id %s
ORDER BY f.give_up_at, f.next_at, f.id LIMIT $2`

func newDueMedia(d Dialect) string {
	return fmt.Sprintf(selectDueMedia, mediaSpan, read("f.%s", MediaColumns), someOf(d, "$3"))
}

// DueMedia implements domain.MediaQueue.
func (q Queries) DueMedia(ctx context.Context, c domain.ConnectionID, busy []domain.MediaID, limit int) ([]domain.DueMedia, error) {
	return List(ctx, q.db, func(row Row) (due domain.DueMedia, err error) {
		due.StoredMedia, err = scanWith(row, MediaColumns, &due.Blocked)
		return due, err
	}, q.finds.dueMedia, c, limit, texts(busy))
}
