-- +goose Up

-- A claim rewrites a delivery in its page, as long as there is room: no index
-- changes with it.
ALTER TABLE deliveries SET (fillfactor = 50);
ALTER TABLE messages SET (fillfactor = 70); -- so does a status a message

-- With the message's id in it, who looked for that in a queue that seemed empty
-- read this index from end to end.
DROP INDEX outbox_connection;
CREATE INDEX outbox_connection ON outbox (connection_id, accepted_at);

-- +goose Down
DROP INDEX outbox_connection;
CREATE INDEX outbox_connection ON outbox (connection_id, message_id);
ALTER TABLE deliveries SET (fillfactor = 80);
ALTER TABLE messages SET (fillfactor = 85);
