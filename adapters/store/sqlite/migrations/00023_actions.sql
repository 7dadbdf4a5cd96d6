-- +goose Up

-- The message on which this one acts, as a reaction, an edit or a deletion does.
ALTER TABLE messages ADD COLUMN target text NOT NULL DEFAULT '';
