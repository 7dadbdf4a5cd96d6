-- +goose Up

-- What the messenger's answers say about writing to the peer, as JSON: when it last said
-- that the peer has an account, and until when nothing is sent in the chat; '': nothing.
ALTER TABLE chats ADD COLUMN reach text NOT NULL DEFAULT '';
