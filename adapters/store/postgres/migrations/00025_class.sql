-- +goose NO TRANSACTION
-- +goose Up

-- 1: somebody waits for the message; 2: it is one of a campaign.
ALTER TABLE outbox ADD COLUMN IF NOT EXISTS class smallint NOT NULL DEFAULT 1;

-- What may be sent, and the chats that have some of it, are found by class. What a
-- migration that was cut short left goes first.
DROP INDEX CONCURRENTLY IF EXISTS outbox_live;
CREATE INDEX CONCURRENTLY outbox_live ON outbox (connection_id, accepted_at) WHERE unknown_at = 0 AND class = 1;
DROP INDEX CONCURRENTLY IF EXISTS outbox_live_chats;
CREATE INDEX CONCURRENTLY outbox_live_chats ON outbox (connection_id, chat_id, seq) WHERE unknown_at = 0 AND class = 1;
DROP INDEX CONCURRENTLY IF EXISTS outbox_bulk;
CREATE INDEX CONCURRENTLY outbox_bulk ON outbox (connection_id, accepted_at) WHERE unknown_at = 0 AND class = 2;
DROP INDEX CONCURRENTLY IF EXISTS outbox_bulk_chats;
CREATE INDEX CONCURRENTLY outbox_bulk_chats ON outbox (connection_id, chat_id, seq) WHERE unknown_at = 0 AND class = 2;
DROP INDEX CONCURRENTLY IF EXISTS outbox_waiting;
DROP INDEX CONCURRENTLY IF EXISTS outbox_chats;
