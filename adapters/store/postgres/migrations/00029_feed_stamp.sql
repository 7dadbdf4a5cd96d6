-- +goose Up

-- The stamp of an event that is written now; see feed.go. A statement that writes many
-- asks for it once.
CREATE OR REPLACE FUNCTION feed_stamp() RETURNS bigint LANGUAGE sql VOLATILE AS
    'SELECT feed_epoch() + greatest(pg_current_xact_id()::text::bigint, pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)';
ALTER TABLE events ALTER COLUMN stamp SET DEFAULT feed_stamp();
