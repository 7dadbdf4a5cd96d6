-- +goose Up

-- The id below which no row waits in a queue. Only PostgreSQL moves it, which cannot remove
-- the rows that left a queue while any transaction is open.
CREATE TABLE inbox_floor (floor INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO inbox_floor DEFAULT VALUES;

ALTER TABLE endpoints ADD COLUMN floor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;
