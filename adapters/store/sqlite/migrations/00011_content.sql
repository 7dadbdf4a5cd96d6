-- +goose Up

-- What a message carries beside its text, who of a group wrote it, and in which
-- topic a chat goes on. Nothing is looked for by them.
ALTER TABLE messages ADD COLUMN content text NOT NULL DEFAULT ''; -- JSON, or empty
ALTER TABLE messages ADD COLUMN author text NOT NULL DEFAULT ''; -- JSON, or empty
ALTER TABLE chats ADD COLUMN topic text NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN history integer NOT NULL DEFAULT 0; -- store messages of the time before it
