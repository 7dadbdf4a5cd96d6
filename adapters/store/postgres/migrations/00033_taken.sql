-- +goose Up

-- When the messenger took a message into a queue of its own; 0: it did not, or keeps none.
-- Until it reports that the message is sent, the message is queued, and is not sent again.
ALTER TABLE messages ADD COLUMN taken_at bigint NOT NULL DEFAULT 0;
ALTER TABLE messages ALTER COLUMN taken_at SET STATISTICS 10;
