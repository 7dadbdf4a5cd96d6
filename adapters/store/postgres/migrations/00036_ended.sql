-- +goose Up

-- Endpoints that ended while something may still wait for them: Trim expires it.
CREATE TABLE ended_endpoints (
    endpoint_id text COLLATE "C" PRIMARY KEY,
    ended_at    bigint NOT NULL,
    floor       bigint NOT NULL -- where the next look begins
);
