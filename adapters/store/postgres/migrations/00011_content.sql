-- +goose Up

-- What a message carries beside its text, who of a group wrote it, and in which
-- topic a chat goes on. Nothing is looked for by them.
ALTER TABLE messages ADD COLUMN content text NOT NULL DEFAULT ''; -- JSON, or empty
ALTER TABLE messages ADD COLUMN author text NOT NULL DEFAULT ''; -- JSON, or empty
ALTER TABLE chats ADD COLUMN topic text NOT NULL DEFAULT '';
ALTER TABLE connections ADD COLUMN history boolean NOT NULL DEFAULT false; -- store messages of the time before it
ALTER TABLE messages ALTER COLUMN content SET STATISTICS 10;
ALTER TABLE messages ALTER COLUMN author SET STATISTICS 10;
ALTER TABLE chats ALTER COLUMN topic SET STATISTICS 10;
