-- +goose Up

-- Of an endpoint: what its answers say about it (JSON), and before when it is not
-- called. A program that knows nothing of them writes paused_since and probe_at,
-- which are read where health is empty.
ALTER TABLE endpoints ADD COLUMN health text NOT NULL DEFAULT '';
ALTER TABLE endpoints ADD COLUMN not_before integer NOT NULL DEFAULT 0;

-- A refusal is a failure while the endpoint took other events. They take the
-- place of refused_ms.
ALTER TABLE deliveries ADD COLUMN failures integer NOT NULL DEFAULT 0; -- since the last outage of the endpoint
ALTER TABLE deliveries ADD COLUMN refusals integer NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN refused_since integer NOT NULL DEFAULT 0;
