-- +goose Up

-- The message on which this one acts, as a reaction, an edit or a deletion does.
ALTER TABLE messages ADD COLUMN target text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE messages ALTER COLUMN target SET STATISTICS 10;
