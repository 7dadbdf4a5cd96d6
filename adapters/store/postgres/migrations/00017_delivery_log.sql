-- +goose NO TRANSACTION
-- +goose Up

-- The log of deliveries. A success is in the delivery itself; other tries have a row
-- each. What a migration that was cut short left is taken as it is, or made again.
ALTER TABLE deliveries
    ADD COLUMN IF NOT EXISTS http_status integer NOT NULL DEFAULT 0, -- of the last try; 0: no answer came
    ADD COLUMN IF NOT EXISTS took_ms     integer NOT NULL DEFAULT 0;
ALTER TABLE deliveries
    ALTER COLUMN http_status SET STATISTICS 10,
    ALTER COLUMN took_ms SET STATISTICS 10;
ALTER TABLE endpoints ADD COLUMN IF NOT EXISTS attempts bigint NOT NULL DEFAULT 0; -- that were ever logged

CREATE TABLE IF NOT EXISTS attempts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint_id text COLLATE "C" NOT NULL,
    number      bigint NOT NULL, -- rises by one within the endpoint
    delivery_id bigint NOT NULL,
    at          bigint NOT NULL,
    took_ms     bigint NOT NULL,
    http_status bigint NOT NULL,
    error       text NOT NULL,
    answer      text NOT NULL,
    next_at     bigint NOT NULL,
    UNIQUE (endpoint_id, number)
);
CREATE INDEX IF NOT EXISTS attempts_delivery ON attempts (delivery_id, id);

-- The log of an endpoint, by state; what is due has an index already.
DROP INDEX CONCURRENTLY IF EXISTS deliveries_ended;
CREATE INDEX CONCURRENTLY deliveries_ended ON deliveries (endpoint_id, state, id) WHERE state <> 'due';
