-- +goose Up

-- Endpoints that ended while something may still wait for them: Trim expires it.
CREATE TABLE ended_endpoints (
    endpoint_id text COLLATE "C" PRIMARY KEY,
    ended_at    bigint NOT NULL,
    floor       bigint NOT NULL -- where the next look begins
);

-- The accounts of connections that were declared: what was parked for them up to that id
-- goes back into the inbox, in its order.
CREATE TABLE unparking (
    hook_id text COLLATE "C",
    account text COLLATE "C",
    up_to   bigint NOT NULL,
    PRIMARY KEY (hook_id, account)
);
CREATE INDEX parked_order ON parked (hook_id, account, id);
DROP INDEX parked_account;
