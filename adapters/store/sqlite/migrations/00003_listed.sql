-- +goose Up

-- Where a chat stands in its company's list, to ten minutes: a message that
-- leaves it there changes no index. Those that never got one stand behind all
-- others, by when they were created. rows.listed says the same.
ALTER TABLE chats ADD COLUMN listed integer NOT NULL GENERATED ALWAYS AS (
    (CASE last_inbound_at WHEN 0 THEN created_at - 100000000000000 ELSE last_inbound_at END) / 600000
) VIRTUAL;
DROP INDEX chats_list;
CREATE INDEX chats_list ON chats (company_id, listed);

-- +goose Down
DROP INDEX chats_list;
CREATE INDEX chats_list ON chats (company_id, last_inbound_at DESC, created_at DESC, id DESC);
ALTER TABLE chats DROP COLUMN listed;
