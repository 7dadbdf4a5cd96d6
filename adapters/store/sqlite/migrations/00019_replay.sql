-- +goose Up

-- Replays of events to an endpoint, of which one may run. The next event is after
-- the place (stamp, feed_pos) of the feed, the last one before end_stamp.
CREATE TABLE replays (
    id          text PRIMARY KEY,
    endpoint_id text NOT NULL,
    since       integer NOT NULL,
    until       integer NOT NULL,
    types       text NOT NULL, -- "chat.blocked chat.merged"; or empty
    chat_id     text NOT NULL,
    state       text NOT NULL DEFAULT 'running',
    stamp       integer NOT NULL,
    feed_pos    integer NOT NULL,
    end_stamp   integer NOT NULL,
    count       integer NOT NULL,
    delivered   integer NOT NULL DEFAULT 0,
    failed      integer NOT NULL DEFAULT 0,
    last_error  text NOT NULL DEFAULT '',
    status      text NOT NULL DEFAULT 'ok', -- of its calls, as endpoints have one
    health      text NOT NULL DEFAULT '',   -- JSON, likewise
    not_before  integer NOT NULL DEFAULT 0,
    created_at  integer NOT NULL,
    ended_at    integer NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX replays_running ON replays (endpoint_id) WHERE state = 'running';
CREATE INDEX replays_endpoint ON replays (endpoint_id, id);

-- The next few events of those that run: a row until it is delivered.
CREATE TABLE replay_queue (
    id          integer PRIMARY KEY AUTOINCREMENT, -- events of a chat go in this order
    replay_id   text NOT NULL REFERENCES replays ON DELETE CASCADE,
    endpoint_id text NOT NULL,
    event_id    text NOT NULL,
    chat_id     text NOT NULL,
    created_at  integer NOT NULL,
    attempts    integer NOT NULL DEFAULT 0, -- that failed
    retry       text NOT NULL DEFAULT '',  -- JSON: what these say
    next_at     integer NOT NULL DEFAULT 0,
    UNIQUE (replay_id, event_id)
) STRICT;
CREATE INDEX replay_queue_chats ON replay_queue (endpoint_id, chat_id, id);
