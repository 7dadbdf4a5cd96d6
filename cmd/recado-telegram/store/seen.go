package store

import (
	"context"
	"fmt"
	"time"
)

// deletedAtOnce is how many rows a statement deletes at most, so that none holds up updates.
const deletedAtOnce = 1000

// DeleteSeen deletes which messages of an account passed before a time, except the last one
// of each chat, by which Met knows the chat.
func (s *Store) DeleteSeen(ctx context.Context, connection string, before time.Time) error {
	for {
		result, err := s.db.ExecContext(ctx, `DELETE FROM seen WHERE connection = $1 AND (chat, message) IN (
			SELECT o.chat, o.message FROM seen o WHERE o.connection = $1 AND o.at < $2 AND EXISTS (
				SELECT 1 FROM seen n WHERE n.connection = o.connection AND n.chat = o.chat AND n.message > o.message
			) LIMIT $3)`, connection, before.UnixMilli(), deletedAtOnce)
		if err != nil {
			return fmt.Errorf("database: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n < deletedAtOnce {
			return err
		}
	}
}

// Read notes that the account's messages of a chat were read up to a number, and returns
// those that were not before.
func (t *Tx) Read(chat int64, through int) ([]int, error) {
	err := t.exec(`INSERT INTO reads (connection, chat, through) VALUES ($1, $2, $3)
		ON CONFLICT (connection, chat) DO UPDATE SET through = excluded.through WHERE excluded.through > reads.through`, chat, through)
	if err != nil {
		return nil, err
	}
	return t.numbers(`UPDATE seen SET unread = false WHERE connection = $1 AND chat = $2 AND message <= $3 AND unread RETURNING message`, chat, through)
}

// ReadThrough returns up to which number the account's messages of a chat were read.
func (t *Tx) ReadThrough(chat int64) (through int, err error) {
	_, err = t.one(`SELECT through FROM reads WHERE connection = $1 AND chat = $2`, []any{chat}, []any{&through})
	return through, err
}
