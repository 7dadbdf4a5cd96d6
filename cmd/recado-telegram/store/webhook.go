package store

import (
	"context"
	"fmt"
	"time"
)

// A Webhook waits to be delivered to Recado. Body is an update without its update_id,
// which is ID.
type Webhook struct {
	ID         int64
	Connection string
	Chat       int64 // webhooks of one chat go in their order
	Body       []byte
	Tries      int
	At         time.Time
}

// AddWebhook puts an update into the queue.
func (t *Tx) AddWebhook(chat int64, body []byte) error {
	t.added = true
	return t.exec(`INSERT INTO webhooks (connection, chat, body, at) VALUES ($1, $2, $3, $4)`, chat, body, time.Now().UnixMilli())
}

// Due lists the webhooks that may be delivered now: of each chat the first. It returns
// when the next is due; zero: there is none.
func (s *Store) Due(ctx context.Context, connection string, limit int) (due []Webhook, next time.Time, err error) {
	rows, err := s.db.QueryContext(ctx, `SELECT id, chat, body, tries, next_at, at FROM webhooks w WHERE connection = $1 AND NOT EXISTS (
		SELECT 1 FROM webhooks e WHERE e.connection = w.connection AND e.chat = w.chat AND e.id < w.id
	) ORDER BY next_at, id LIMIT $2`, connection, limit)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("database: %w", err)
	}
	defer rows.Close()
	now := time.Now().UnixMilli()
	for rows.Next() {
		w := Webhook{Connection: connection}
		var nextAt, at int64
		if err := rows.Scan(&w.ID, &w.Chat, &w.Body, &w.Tries, &nextAt, &at); err != nil {
			return nil, time.Time{}, fmt.Errorf("database: %w", err)
		}
		if nextAt > now {
			next = time.UnixMilli(nextAt)
			break
		}
		w.At = time.UnixMilli(at)
		due = append(due, w)
	}
	return due, next, rows.Err()
}

// Delivered removes a webhook.
func (s *Store) Delivered(ctx context.Context, id int64) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM webhooks WHERE id = $1`, id)
	return err
}

// Again plans the next try of a webhook.
func (s *Store) Again(ctx context.Context, id int64, at time.Time) error {
	_, err := s.db.ExecContext(ctx, `UPDATE webhooks SET tries = tries + 1, next_at = $1 WHERE id = $2`, at.UnixMilli(), id)
	return err
}

// Waiting counts the webhooks of a connection, and says since when the oldest waits.
func (s *Store) Waiting(ctx context.Context, connection string) (n int64, since time.Time, err error) {
	var oldest int64
	err = s.db.QueryRowContext(ctx, `SELECT count(*), coalesce(min(at), 0) FROM webhooks WHERE connection = $1`, connection).Scan(&n, &oldest)
	return n, time.UnixMilli(oldest), err
}
