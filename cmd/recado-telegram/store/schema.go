package store

import "strings"

// schema is that of both databases, with SQLite's words, BOOL, and ID for a number that rises.
const schema = `
CREATE TABLE IF NOT EXISTS accounts (
	connection TEXT PRIMARY KEY, user_id INTEGER NOT NULL DEFAULT 0, session BLOB,
	status TEXT NOT NULL DEFAULT 'logged_out', reason TEXT NOT NULL DEFAULT '', at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE IF NOT EXISTS owners (connection TEXT PRIMARY KEY, user_id INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS states (
	connection TEXT PRIMARY KEY, pts INTEGER NOT NULL, qts INTEGER NOT NULL, date INTEGER NOT NULL, seq INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS channels (
	connection TEXT NOT NULL, channel INTEGER NOT NULL, pts INTEGER NOT NULL, PRIMARY KEY (connection, channel)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS peers (
	connection TEXT NOT NULL, chat INTEGER NOT NULL, hash INTEGER NOT NULL, phone TEXT NOT NULL, username TEXT NOT NULL,
	first TEXT NOT NULL, last TEXT NOT NULL, bot BOOL NOT NULL, broadcast BOOL NOT NULL, PRIMARY KEY (connection, chat)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS peers_phone ON peers (connection, phone) WHERE phone <> '';
CREATE INDEX IF NOT EXISTS peers_username ON peers (connection, username) WHERE username <> '';
CREATE TABLE IF NOT EXISTS looked_up (
	connection TEXT NOT NULL, phone TEXT NOT NULL, chat INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (connection, phone)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS migrations (
	connection TEXT NOT NULL, chat INTEGER NOT NULL, to_chat INTEGER NOT NULL, PRIMARY KEY (connection, chat)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sent (
	connection TEXT NOT NULL, client TEXT NOT NULL, random INTEGER NOT NULL, content TEXT NOT NULL,
	chat INTEGER NOT NULL, message INTEGER NOT NULL, date INTEGER NOT NULL, PRIMARY KEY (connection, client)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS sent_random ON sent (connection, random);
CREATE INDEX IF NOT EXISTS sent_message ON sent (connection, chat, message);
CREATE TABLE IF NOT EXISTS seen (
	connection TEXT NOT NULL, chat INTEGER NOT NULL, message INTEGER NOT NULL, unread BOOL NOT NULL, at INTEGER NOT NULL,
	PRIMARY KEY (connection, chat, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_message ON seen (connection, message);
CREATE INDEX IF NOT EXISTS seen_at ON seen (connection, at);
CREATE INDEX IF NOT EXISTS seen_unread ON seen (connection, chat, message) WHERE unread;
CREATE TABLE IF NOT EXISTS reads (
	connection TEXT NOT NULL, chat INTEGER NOT NULL, through INTEGER NOT NULL, PRIMARY KEY (connection, chat)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS floods (connection TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS webhooks (
	id ID, connection TEXT NOT NULL, chat INTEGER NOT NULL, body BLOB NOT NULL,
	tries INTEGER NOT NULL DEFAULT 0, next_at INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS webhooks_chat ON webhooks (connection, chat, id);
`

var (
	forSQLite   = strings.NewReplacer("id ID", "id INTEGER PRIMARY KEY AUTOINCREMENT", "BOOL ", "INTEGER ")
	forPostgres = strings.NewReplacer(
		"id ID", "id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "BOOL ", "BOOLEAN ", "INTEGER", "BIGINT", "BLOB", "BYTEA",
		" STRICT, WITHOUT ROWID", "", " STRICT", "",
	)
)
