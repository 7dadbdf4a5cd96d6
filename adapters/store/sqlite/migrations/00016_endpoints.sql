-- +goose Up

-- Endpoints that the API created, beside those of the file of `apply`. Of a secret
-- that rotates: when the one before signs no longer; 0: it signs as long as it is there.
-- An endpoint may get the id of one that ended: what is in deliveries of a number up
-- to log_from was the other's.
ALTER TABLE endpoints ADD COLUMN origin text NOT NULL DEFAULT 'file';
ALTER TABLE endpoints ADD COLUMN previous_until integer NOT NULL DEFAULT 0;
ALTER TABLE endpoints ADD COLUMN log_from integer NOT NULL DEFAULT 0;
