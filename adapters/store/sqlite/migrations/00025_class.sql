-- +goose Up

-- 1: somebody waits for the message; 2: it is one of a campaign.
ALTER TABLE outbox ADD COLUMN class integer NOT NULL DEFAULT 1;

-- What may be sent, and the chats that have some of it, are found by class.
CREATE INDEX outbox_live ON outbox (connection_id, accepted_at) WHERE unknown_at = 0 AND class = 1;
CREATE INDEX outbox_live_chats ON outbox (connection_id, chat_id, seq) WHERE unknown_at = 0 AND class = 1;
CREATE INDEX outbox_bulk ON outbox (connection_id, accepted_at) WHERE unknown_at = 0 AND class = 2;
CREATE INDEX outbox_bulk_chats ON outbox (connection_id, chat_id, seq) WHERE unknown_at = 0 AND class = 2;
DROP INDEX outbox_waiting;
DROP INDEX outbox_chats;
