-- +goose Up

-- What a message was billed as, and how many were billed so in a month.
ALTER TABLE messages ADD COLUMN price text NOT NULL DEFAULT '';
CREATE TABLE price_counts (
    subscription_id text NOT NULL,
    month text NOT NULL, -- 2026-01, in the company's zone
    category text NOT NULL,
    type text NOT NULL,
    messages integer NOT NULL DEFAULT 0,
    PRIMARY KEY (subscription_id, month, category, type)
) STRICT;

-- Whether the peer refuses messages, by the messenger's word of that time.
ALTER TABLE chats ADD COLUMN peer_refuses integer NOT NULL DEFAULT 0;
ALTER TABLE chats ADD COLUMN refuses_at integer NOT NULL DEFAULT 0;

-- Presses that wait to be acknowledged.
CREATE TABLE presses (
    id integer PRIMARY KEY AUTOINCREMENT,
    connection_id text NOT NULL,
    press text NOT NULL,
    until integer NOT NULL
) STRICT;
CREATE INDEX presses_due ON presses (connection_id);

-- How the messenger names the account of a connection, to whom in it nothing may
-- be sent, what the last look at the messenger found, and when that was.
ALTER TABLE connections ADD COLUMN business text NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN number text NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN closed text NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN watched text NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN watched_at integer NOT NULL DEFAULT 0;

-- What the messengers said of connections.
CREATE TABLE signals (
    id integer PRIMARY KEY AUTOINCREMENT,
    connection_id text NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    at integer NOT NULL,
    kind text NOT NULL,
    level text NOT NULL,
    title text NOT NULL,
    details text NOT NULL
) STRICT;
CREATE INDEX signals_of ON signals (connection_id, id);
