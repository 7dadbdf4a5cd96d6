-- +goose Up

-- An attempt may have sent it, although it is tried again: the messenger recognises it.
ALTER TABLE outbox ADD COLUMN maybe_at integer NOT NULL DEFAULT 0;
