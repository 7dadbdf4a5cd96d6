-- +goose Up

-- API keys that were revoked or replaced through the API: the file of `apply` may
-- still hold them, and must not bring them back.
CREATE TABLE revoked_keys (
    key_hash bytea PRIMARY KEY,
    at       bigint NOT NULL
);

-- Hooks that a connection had before. The messenger may still send to them.
CREATE TABLE former_hooks (
    hook_id       text NOT NULL REFERENCES hooks ON DELETE CASCADE,
    account       text NOT NULL,
    connection_id text NOT NULL REFERENCES connections ON DELETE CASCADE,
    PRIMARY KEY (hook_id, account)
);

-- Connections of companies that ended. Their chats are erased step by step.
CREATE TABLE erasures (
    connection_id text PRIMARY KEY,
    company_id    text NOT NULL
);
