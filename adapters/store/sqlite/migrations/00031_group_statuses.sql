-- +goose Up

-- Of a group: members that are known, and for which of them a message failed.
ALTER TABLE chats ADD COLUMN members text NOT NULL DEFAULT ''; -- JSON, or empty
ALTER TABLE messages ADD COLUMN failed_for text NOT NULL DEFAULT ''; -- JSON, or empty
