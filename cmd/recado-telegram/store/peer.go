package store

import (
	"strings"
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

// SetPeer stores a peer as it is now. A phone number that was known is kept where there is
// none: people hide theirs.
func (t *Tx) SetPeer(p Peer) error {
	if err := t.takePhone(plain(p.Phone), p.Chat); err != nil {
		return err
	}
	return t.exec(`INSERT INTO peers (connection, `+peerColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (connection, chat) DO UPDATE SET hash = excluded.hash, username = excluded.username,
			phone = CASE excluded.phone WHEN '' THEN peers.phone ELSE excluded.phone END,
			first = excluded.first, last = excluded.last, bot = excluded.bot, broadcast = excluded.broadcast`,
		p.Chat, p.Hash, plain(p.Phone), plain(p.Username), plain(p.First), plain(p.Last), p.Bot, p.Broadcast)
}

// AddPeer stores a peer that is not known yet.
func (t *Tx) AddPeer(p Peer) error {
	if _, known, err := t.Peer(p.Chat); err != nil || known {
		return err
	}
	return t.SetPeer(p)
}

// plain is the text without what PostgreSQL takes in no text.
func plain(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

// Peer returns the peer of a chat; false: the account never met it.
func (t *Tx) Peer(chat int64) (p Peer, known bool, err error) {
	known, err = t.one(`SELECT `+peerColumns+` FROM peers WHERE connection = $1 AND chat = $2`, []any{chat}, p.fields())
	return p, known, err
}

// PeerNamed returns the peer with a phone number, its digits, or with a public name.
func (t *Tx) PeerNamed(phone, username string) (p Peer, known bool, err error) {
	if username != "" {
		known, err = t.one(`SELECT `+peerColumns+` FROM peers WHERE connection = $1 AND username <> '' AND username = $2`, []any{username}, p.fields())
		return p, known, err
	}
	known, err = t.one(`SELECT `+peerColumns+` FROM peers WHERE connection = $1 AND phone <> '' AND phone = $2`, []any{phone}, p.fields())
	if err != nil || known {
		return p, known, err
	}
	return t.lookedUp(phone)
}

// SetMigrated notes the supergroup that a basic group became.
func (t *Tx) SetMigrated(chat, to int64) error {
	return t.exec(`INSERT INTO migrations (connection, chat, to_chat) VALUES ($1, $2, $3) ON CONFLICT (connection, chat) DO NOTHING`, chat, to)
}

// MigratedTo returns the supergroup that a basic group became; zero: it did not.
func (t *Tx) MigratedTo(chat int64) (to int64, err error) {
	_, err = t.one(`SELECT to_chat FROM migrations WHERE connection = $1 AND chat = $2`, []any{chat}, []any{&to})
	return to, err
}

// See notes a message, numbers only: deletions name no chat, and reads no messages. It
// reports whether the message is new.
func (t *Tx) See(chat int64, message int, outgoing bool) (fresh bool, err error) {
	return t.changed(`INSERT INTO seen (connection, chat, message, unread, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (connection, chat, message) DO NOTHING`,
		chat, message, outgoing, time.Now().UnixMilli())
}

// ChatOf returns the private chat or the basic group of a message; zero: it is not known.
func (t *Tx) ChatOf(message int) (chat int64, err error) {
	_, err = t.one(`SELECT chat FROM seen WHERE connection = $1 AND message = $2 AND chat > -1000000000000`, []any{message}, []any{&chat})
	return chat, err
}
