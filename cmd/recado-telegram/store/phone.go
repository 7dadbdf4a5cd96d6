package store

import (
	"context"
	"fmt"
	"time"
)

// LookedUpFor is how long Telegram's word counts whose a phone number is: it is given to
// another person in the end.
const LookedUpFor = 30 * 24 * time.Hour

// SetLookedUp notes whose a phone number is, its digits, by Telegram's word: a person who is
// found by it may hide it from the account.
func (t *Tx) SetLookedUp(phone string, chat int64) error {
	if err := t.takePhone(phone, chat); err != nil {
		return err
	}
	return t.exec(`INSERT INTO looked_up (connection, phone, chat, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (connection, phone) DO UPDATE SET chat = excluded.chat, at = excluded.at`, phone, chat, time.Now().UnixMilli())
}

// lookedUp returns the peer whom Telegram found by a phone number.
func (t *Tx) lookedUp(phone string) (p Peer, known bool, err error) {
	known, err = t.one(`SELECT `+peerColumns+` FROM peers WHERE connection = $1 AND chat = (
		SELECT chat FROM looked_up WHERE connection = $1 AND phone = $2 AND at > $3
	)`, []any{phone, time.Now().Add(-LookedUpFor).UnixMilli()}, p.fields())
	return p, known, err
}

// DeleteLookedUp deletes the phone numbers of an account that were looked up too long ago.
func (s *Store) DeleteLookedUp(ctx context.Context, connection string) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM looked_up WHERE connection = $1 AND at <= $2`, connection, time.Now().Add(-LookedUpFor).UnixMilli())
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	return nil
}

// takePhone takes a phone number from everybody but its owner.
func (t *Tx) takePhone(phone string, owner int64) error {
	if phone == "" {
		return nil
	}
	if err := t.exec(`UPDATE peers SET phone = '' WHERE connection = $1 AND phone <> '' AND phone = $2 AND chat <> $3`, phone, owner); err != nil {
		return err
	}
	return t.exec(`DELETE FROM looked_up WHERE connection = $1 AND phone = $2 AND chat <> $3`, phone, owner)
}
