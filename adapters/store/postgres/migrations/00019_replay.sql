-- +goose Up

-- Replays of events to an endpoint, of which one may run. The next event is after
-- the place (stamp, feed_pos) of the feed, the last one before end_stamp.
CREATE TABLE replays (
    id          text COLLATE "C" PRIMARY KEY,
    endpoint_id text COLLATE "C" NOT NULL,
    since       bigint NOT NULL,
    until       bigint NOT NULL,
    types       text NOT NULL, -- "chat.blocked chat.merged"; or empty
    chat_id     text NOT NULL,
    state       text NOT NULL DEFAULT 'running',
    stamp       bigint NOT NULL,
    feed_pos    bigint NOT NULL,
    end_stamp   bigint NOT NULL,
    count       bigint NOT NULL,
    delivered   bigint NOT NULL DEFAULT 0,
    failed      bigint NOT NULL DEFAULT 0,
    last_error  text NOT NULL DEFAULT '',
    status      text NOT NULL DEFAULT 'ok', -- of its calls, as endpoints have one
    health      text NOT NULL DEFAULT '',   -- JSON, likewise
    not_before  bigint NOT NULL DEFAULT 0,
    created_at  bigint NOT NULL,
    ended_at    bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX replays_running ON replays (endpoint_id) WHERE state = 'running';
CREATE INDEX replays_endpoint ON replays (endpoint_id, id);

-- The next few events of those that run: a row until it is delivered.
CREATE TABLE replay_queue (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- events of a chat go in this order
    replay_id   text COLLATE "C" NOT NULL REFERENCES replays ON DELETE CASCADE,
    endpoint_id text COLLATE "C" NOT NULL,
    event_id    text COLLATE "C" NOT NULL,
    chat_id     text COLLATE "C" NOT NULL,
    created_at  bigint NOT NULL,
    attempts    bigint NOT NULL DEFAULT 0, -- that failed
    retry       text NOT NULL DEFAULT '',  -- JSON: what these say
    next_at     bigint NOT NULL DEFAULT 0,
    UNIQUE (replay_id, event_id)
);
CREATE INDEX replay_queue_chats ON replay_queue (endpoint_id, chat_id, id);
