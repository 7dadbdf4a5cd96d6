-- +goose Up

-- Whoever looks for work or makes a list finds it in the order of an index, and
-- reads no more than was asked for.

-- A company's list of the chats of one connection, and of those that are blocked.
CREATE INDEX chats_connection ON chats (company_id || ' ' || connection_id, listed);
CREATE INDEX chats_blocked ON chats (company_id, listed, blocked_at) WHERE blocked_at <> 0;

-- The next chat that has something due: the backlog of one is passed over in a step.
CREATE INDEX deliveries_chats ON deliveries (endpoint_id, chat_id, id) WHERE state = 'due';
CREATE INDEX outbox_chats ON outbox (connection_id, chat_id, seq) WHERE unknown_at = 0;

-- What waits for another try; by chat, its order was the same as that of all that is due.
CREATE INDEX deliveries_retries ON deliveries (endpoint_id, next_at) WHERE state = 'due' AND attempts > 0;
DROP INDEX deliveries_failing;

-- What may be sent, open attempts and unknown outcomes, apart: each may be many while
-- there are few of the others.
CREATE INDEX outbox_waiting ON outbox (connection_id, accepted_at) WHERE unknown_at = 0;
CREATE INDEX outbox_attempts ON outbox (connection_id, attempt_at) WHERE attempt_at > 0;
CREATE INDEX outbox_unknown ON outbox (unknown_at) WHERE unknown_at > 0;
DROP INDEX outbox_connection;
DROP INDEX outbox_open;
