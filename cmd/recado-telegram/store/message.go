package store

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// A Peer is a person or a group that the account met. Chat is its id in the Bot API.
type Peer struct {
	Chat            int64
	Hash            int64 // Telegram's key to it
	Phone, Username string
	First, Last     string // of a group First is its title
	Bot, Broadcast  bool
}

const peerColumns = `chat, hash, phone, username, first, last, bot, broadcast`

func (p *Peer) fields() []any {
	return []any{&p.Chat, &p.Hash, &p.Phone, &p.Username, &p.First, &p.Last, &p.Bot, &p.Broadcast}
}

// SetPeer stores a peer as it is now.
func (t *Tx) SetPeer(p Peer) error {
	return t.exec(`INSERT OR REPLACE INTO peers (connection, `+peerColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.Chat, p.Hash, p.Phone, p.Username, p.First, p.Last, p.Bot, p.Broadcast)
}

// Peer returns the peer of a chat; false: the account never met it.
func (t *Tx) Peer(chat int64) (p Peer, known bool, err error) {
	known, err = t.one(`SELECT `+peerColumns+` FROM peers WHERE connection = ? AND chat = ?`, []any{chat}, p.fields())
	return p, known, err
}

// PeerNamed returns the peer with a phone number, its digits, or with a public name.
func (t *Tx) PeerNamed(phone, username string) (p Peer, known bool, err error) {
	query, name := `SELECT `+peerColumns+` FROM peers WHERE connection = ? AND phone <> '' AND phone = ?`, phone
	if username != "" {
		query, name = `SELECT `+peerColumns+` FROM peers WHERE connection = ? AND username <> '' AND username = ?`, username
	}
	known, err = t.one(query, []any{name}, p.fields())
	return p, known, err
}

// See notes a message, numbers only: deletions name no chat, and reads no messages.
func (t *Tx) See(chat int64, message int, outgoing bool) error {
	return t.exec(`INSERT INTO seen (connection, chat, message, unread, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (connection, chat, message) DO NOTHING`,
		chat, message, outgoing, time.Now().UnixMilli())
}

// ChatOf returns the private chat or the basic group of a message; zero: it is not known.
func (t *Tx) ChatOf(message int) (chat int64, err error) {
	_, err = t.one(`SELECT chat FROM seen WHERE connection = ? AND message = ? AND chat > -1000000000000`, []any{message}, []any{&chat})
	return chat, err
}

// Read marks the account's messages of a chat up to a number as read, and returns those
// that were not.
func (t *Tx) Read(chat int64, through int) ([]int, error) {
	return t.numbers(`UPDATE seen SET unread = 0 WHERE connection = ? AND chat = ? AND message <= ? AND unread = 1 RETURNING message`, chat, through)
}

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
	err = t.exec(`INSERT INTO sent (connection, client, random, content, chat, message, date) VALUES (?, ?, ?, ?, 0, 0, 0)
		ON CONFLICT (connection, client) DO UPDATE SET content = CASE message WHEN 0 THEN excluded.content ELSE content END`,
		client, RandomOf(t.connection, client), content)
	if err == nil {
		_, err = t.one(`SELECT `+sentColumns+` FROM sent WHERE connection = ? AND client = ?`, []any{client}, s.fields())
	}
	return s, err
}

// Took stores what Telegram made of the message of a client_id.
func (t *Tx) Took(client string, chat int64, message int, date int64) error {
	if err := t.exec(`UPDATE sent SET chat = ?2, message = ?3, date = ?4 WHERE connection = ?1 AND client = ?5`, chat, message, date, client); err != nil {
		return err
	}
	return t.See(chat, message, true)
}

// Towards notes the chat that a message goes to.
func (t *Tx) Towards(client string, chat int64) error {
	return t.exec(`UPDATE sent SET chat = ?2 WHERE connection = ?1 AND client = ?3 AND message = 0`, chat, client)
}

// SentAs returns the message that Telegram knows by the random number; false: it is none of ours.
func (t *Tx) SentAs(random int64) (s Sent, known bool, err error) {
	known, err = t.one(`SELECT `+sentColumns+` FROM sent WHERE connection = ? AND random = ?`, []any{random}, s.fields())
	return s, known, err
}

// ClientOf returns the client_id of a message; empty: it did not go through the gateway.
func (t *Tx) ClientOf(chat int64, message int) (client string, err error) {
	_, err = t.one(`SELECT client FROM sent WHERE connection = ? AND chat = ? AND message = ?`, []any{chat, message}, []any{&client})
	return client, err
}
