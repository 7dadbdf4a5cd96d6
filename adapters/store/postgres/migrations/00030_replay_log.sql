-- +goose Up

-- The log of deliveries shows those of replays. An event that a replay queues gets a
-- delivery of its own; one that a program of before queued has none.
ALTER TABLE deliveries ADD COLUMN replay_id text COLLATE "C" NOT NULL DEFAULT ''; -- empty: the event is new
ALTER TABLE deliveries ALTER COLUMN replay_id SET STATISTICS 10;
ALTER TABLE replay_queue ADD COLUMN delivery_id bigint NOT NULL DEFAULT 0;
