-- +goose Up

-- The place of an event in the feed of its company: the number of its transaction,
-- and its own within that. Events of before have none.
ALTER TABLE events ADD COLUMN stamp integer NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN feed_pos integer NOT NULL DEFAULT 0;
CREATE INDEX events_feed ON events (company_id, stamp, feed_pos);

-- One row: the number of the last transaction that wrote events.
CREATE TABLE feed_end (stamp integer NOT NULL) STRICT;
INSERT INTO feed_end VALUES (0);
