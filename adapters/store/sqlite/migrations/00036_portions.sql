-- +goose Up

-- Endpoints that ended while something may still wait for them: Trim expires it.
CREATE TABLE ended_endpoints (
    endpoint_id text PRIMARY KEY,
    ended_at    integer NOT NULL,
    floor       integer NOT NULL -- where the next look begins
) STRICT;

-- The accounts of connections that were declared: what was parked for them up to that id
-- goes back into the inbox, in its order.
CREATE TABLE unparking (
    hook_id text NOT NULL,
    account text NOT NULL,
    up_to   integer NOT NULL,
    PRIMARY KEY (hook_id, account)
) STRICT;
