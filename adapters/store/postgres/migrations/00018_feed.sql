-- +goose NO TRANSACTION
-- +goose Up

-- The place of an event in the feed of its company: see feed.go. Events of before
-- have none.
CREATE SEQUENCE IF NOT EXISTS feed_positions;
ALTER TABLE events ADD COLUMN IF NOT EXISTS stamp bigint NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN IF NOT EXISTS feed_pos bigint NOT NULL DEFAULT 0;
ALTER TABLE events ALTER COLUMN stamp SET STATISTICS 10;
ALTER TABLE events ALTER COLUMN feed_pos SET STATISTICS 10;

-- What a cluster's transaction numbers are raised by: the store replaces this
-- function when they began anew.
CREATE OR REPLACE FUNCTION feed_epoch() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 0::bigint';

ALTER TABLE events
    ALTER COLUMN stamp SET DEFAULT feed_epoch() + greatest(
        pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1),
    ALTER COLUMN feed_pos SET DEFAULT nextval('feed_positions');

-- Every event with this stamp or a lower one is committed, and none will follow.
CREATE OR REPLACE VIEW feed_end AS
SELECT feed_epoch() + pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 AS stamp;

DROP INDEX CONCURRENTLY IF EXISTS events_feed; -- what a migration that was cut short left
CREATE INDEX CONCURRENTLY events_feed ON events (company_id, stamp, feed_pos);
