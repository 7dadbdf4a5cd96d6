-- +goose Up

-- With the message's id in it, who looked for that in a queue that seemed empty
-- read this index from end to end.
DROP INDEX outbox_connection;
CREATE INDEX outbox_connection ON outbox (connection_id, accepted_at);

-- +goose Down
DROP INDEX outbox_connection;
CREATE INDEX outbox_connection ON outbox (connection_id, message_id);
