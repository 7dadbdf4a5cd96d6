-- +goose Up

-- A chat that turned out to be of the same peer as an older one is merged into it,
-- and receives nothing more. Its names are aliases of the older one.
ALTER TABLE chats ADD COLUMN merged_into text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX chats_merged ON chats (merged_into) WHERE merged_into <> '';
CREATE INDEX aliases_chat ON aliases (chat_id);
ALTER TABLE chats ALTER COLUMN merged_into SET STATISTICS 10;
