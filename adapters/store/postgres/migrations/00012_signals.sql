-- +goose Up

-- What a message was billed as, and how many were billed so in a month.
ALTER TABLE messages ADD COLUMN price text COLLATE "C" NOT NULL DEFAULT '';
CREATE TABLE price_counts (
    subscription_id text COLLATE "C" NOT NULL,
    month text COLLATE "C" NOT NULL, -- 2026-01, in the company's zone
    category text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    messages bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (subscription_id, month, category, type)
);

-- Whether the peer refuses messages, by the messenger's word of that time.
ALTER TABLE chats ADD COLUMN peer_refuses boolean NOT NULL DEFAULT false;
ALTER TABLE chats ADD COLUMN refuses_at bigint NOT NULL DEFAULT 0;

-- Presses that wait to be acknowledged.
CREATE TABLE presses (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connection_id text COLLATE "C" NOT NULL,
    press text COLLATE "C" NOT NULL,
    until bigint NOT NULL
);
CREATE INDEX presses_due ON presses (connection_id);

-- How the messenger names the account of a connection, to whom in it nothing may
-- be sent, what the last look at the messenger found, and when that was.
ALTER TABLE connections ADD COLUMN business text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN number text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN closed text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN watched text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN watched_at bigint NOT NULL DEFAULT 0;

-- What the messengers said of connections.
CREATE TABLE signals (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connection_id text COLLATE "C" NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    at bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    details text COLLATE "C" NOT NULL
);
CREATE INDEX signals_of ON signals (connection_id, id);
ALTER TABLE messages ALTER COLUMN price SET STATISTICS 10;
ALTER TABLE chats ALTER COLUMN peer_refuses SET STATISTICS 10;
ALTER TABLE chats ALTER COLUMN refuses_at SET STATISTICS 10;
