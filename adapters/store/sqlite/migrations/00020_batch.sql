-- +goose Up

-- One call of the endpoint carries several events.
ALTER TABLE endpoints ADD COLUMN batch integer NOT NULL DEFAULT 0;
