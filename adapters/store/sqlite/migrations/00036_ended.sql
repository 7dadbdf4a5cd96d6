-- +goose Up

-- Endpoints that ended while something may still wait for them: Trim expires it.
CREATE TABLE ended_endpoints (
    endpoint_id text PRIMARY KEY,
    ended_at    integer NOT NULL,
    floor       integer NOT NULL -- where the next look begins
) STRICT;
