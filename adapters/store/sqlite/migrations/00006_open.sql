-- +goose Up

-- Messages with an open attempt or an unknown outcome are few, and were looked
-- for each second among all that are queued.
CREATE INDEX outbox_open ON outbox (connection_id) WHERE attempt_at > 0 OR unknown_at > 0;
