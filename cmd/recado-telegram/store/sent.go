package store

import (
	"crypto/sha256"
	"encoding/binary"
)

// A Sent is a message that was asked for by its client_id. Message is zero until
// Telegram took it.
type Sent struct {
	Client  string
	Random  int64 // by which Telegram recognises a repeat
	Content string
	Chat    int64
	Message int
	Date    int64
}

const sentColumns = `client, random, content, chat, message, date`

func (s *Sent) fields() []any {
	return []any{&s.Client, &s.Random, &s.Content, &s.Chat, &s.Message, &s.Date}
}

// RandomOf is Telegram's name of a message with the client_id: the same at every attempt.
func RandomOf(connection, client string) int64 {
	sum := sha256.Sum256([]byte(connection + "/" + client))
	n := int64(binary.BigEndian.Uint64(sum[:8])) //nolint:gosec // any bits will do
	if n == 0 {
		return 1
	}
	return n
}

// Ask returns the message of the client_id, and stores it before the first attempt. As
// long as Telegram did not take it, it may have another content.
func (t *Tx) Ask(client, content string) (s Sent, err error) {
	err = t.exec(`INSERT INTO sent (connection, client, random, content, chat, message, date) VALUES ($1, $2, $3, $4, 0, 0, 0)
		ON CONFLICT (connection, client) DO UPDATE SET content = CASE sent.message WHEN 0 THEN excluded.content ELSE sent.content END`,
		client, RandomOf(t.connection, client), content)
	if err == nil {
		_, err = t.one(`SELECT `+sentColumns+` FROM sent WHERE connection = $1 AND client = $2`, []any{client}, s.fields())
	}
	return s, err
}

// Took stores what Telegram made of the message of a client_id.
func (t *Tx) Took(client string, chat int64, message int, date int64) error {
	if err := t.exec(`UPDATE sent SET chat = $2, message = $3, date = $4 WHERE connection = $1 AND client = $5`, chat, message, date, client); err != nil {
		return err
	}
	_, err := t.See(chat, message, true)
	return err
}

// Towards notes the chat that a message goes to.
func (t *Tx) Towards(client string, chat int64) error {
	return t.exec(`UPDATE sent SET chat = $2 WHERE connection = $1 AND client = $3 AND message = 0`, chat, client)
}

// SentAs returns the message that Telegram knows by the random number; false: it is none of ours.
func (t *Tx) SentAs(random int64) (s Sent, known bool, err error) {
	known, err = t.one(`SELECT `+sentColumns+` FROM sent WHERE connection = $1 AND random = $2`, []any{random}, s.fields())
	return s, known, err
}

// ClientOf returns the client_id of a message; empty: it did not go through the gateway.
func (t *Tx) ClientOf(chat int64, message int) (client string, err error) {
	_, err = t.one(`SELECT client FROM sent WHERE connection = $1 AND chat = $2 AND message = $3`, []any{chat, message}, []any{&client})
	return client, err
}
