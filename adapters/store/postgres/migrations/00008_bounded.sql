-- +goose NO TRANSACTION
-- +goose Up

-- Whoever looks for work or makes a list finds it in the order of an index, and
-- reads no more than was asked for. What a migration that was cut short left goes
-- first.

-- A company's list of the chats of one connection, and of those that are blocked.
DROP INDEX CONCURRENTLY IF EXISTS chats_connection;
CREATE INDEX CONCURRENTLY chats_connection ON chats ((company_id || ' ' || connection_id), listed);
DROP INDEX CONCURRENTLY IF EXISTS chats_blocked;
CREATE INDEX CONCURRENTLY chats_blocked ON chats (company_id, listed, blocked_at) WHERE blocked_at <> 0;

-- The next chat that has something due: the backlog of one is passed over in a step.
DROP INDEX CONCURRENTLY IF EXISTS deliveries_chats;
CREATE INDEX CONCURRENTLY deliveries_chats ON deliveries (endpoint_id, chat_id, id) WHERE state = 'due';
DROP INDEX CONCURRENTLY IF EXISTS outbox_chats;
CREATE INDEX CONCURRENTLY outbox_chats ON outbox (connection_id, chat_id, seq) WHERE unknown_at = 0;

-- What waits for another try; by chat, its order was the same as that of all that is due.
DROP INDEX CONCURRENTLY IF EXISTS deliveries_retries;
CREATE INDEX CONCURRENTLY deliveries_retries ON deliveries (endpoint_id, next_at) WHERE state = 'due' AND attempts > 0;
DROP INDEX CONCURRENTLY IF EXISTS deliveries_failing;

-- What may be sent, open attempts and unknown outcomes, apart: each may be many while
-- there are few of the others.
DROP INDEX CONCURRENTLY IF EXISTS outbox_waiting;
CREATE INDEX CONCURRENTLY outbox_waiting ON outbox (connection_id, accepted_at) WHERE unknown_at = 0;
DROP INDEX CONCURRENTLY IF EXISTS outbox_attempts;
CREATE INDEX CONCURRENTLY outbox_attempts ON outbox (connection_id, attempt_at) WHERE attempt_at > 0;
DROP INDEX CONCURRENTLY IF EXISTS outbox_unknown;
CREATE INDEX CONCURRENTLY outbox_unknown ON outbox (unknown_at) WHERE unknown_at > 0;
DROP INDEX CONCURRENTLY IF EXISTS outbox_connection;
DROP INDEX CONCURRENTLY IF EXISTS outbox_open;
