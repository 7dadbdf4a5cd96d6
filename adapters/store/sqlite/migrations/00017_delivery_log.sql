-- +goose Up

-- The log of deliveries. A success is in the delivery itself; other tries have a row
-- each.
ALTER TABLE deliveries ADD COLUMN http_status integer NOT NULL DEFAULT 0; -- of the last try; 0: no answer came
ALTER TABLE deliveries ADD COLUMN took_ms integer NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN attempts integer NOT NULL DEFAULT 0; -- that were ever logged

CREATE TABLE attempts (
    id          integer PRIMARY KEY AUTOINCREMENT,
    endpoint_id text NOT NULL,
    number      integer NOT NULL, -- rises by one within the endpoint
    delivery_id integer NOT NULL,
    at          integer NOT NULL,
    took_ms     integer NOT NULL,
    http_status integer NOT NULL,
    error       text NOT NULL,
    answer      text NOT NULL,
    next_at     integer NOT NULL,
    UNIQUE (endpoint_id, number)
) STRICT;
CREATE INDEX attempts_delivery ON attempts (delivery_id, id);

-- The log of an endpoint, by state; what is due has an index already.
CREATE INDEX deliveries_ended ON deliveries (endpoint_id, state, id) WHERE state <> 'due';
