-- +goose Up

-- Of an endpoint: what its answers say about it (JSON), and before when it is not
-- called. A program that knows nothing of them writes paused_since and probe_at,
-- which are read where health is empty.
ALTER TABLE endpoints
    ADD COLUMN health     text NOT NULL DEFAULT '',
    ADD COLUMN not_before bigint NOT NULL DEFAULT 0;

-- A refusal is a failure while the endpoint took other events. They take the
-- place of refused_ms.
ALTER TABLE deliveries
    ADD COLUMN failures      bigint NOT NULL DEFAULT 0, -- since the last outage of the endpoint
    ADD COLUMN refusals      bigint NOT NULL DEFAULT 0,
    ADD COLUMN refused_since bigint NOT NULL DEFAULT 0;
ALTER TABLE deliveries
    ALTER COLUMN failures SET STATISTICS 10,
    ALTER COLUMN refusals SET STATISTICS 10,
    ALTER COLUMN refused_since SET STATISTICS 10;
