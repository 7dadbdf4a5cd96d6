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

-- The inbox has one floor: a second row, as of a dump of the data alone, is refused. And rows
-- of a table that is published for replication change only if the table has a key.
DELETE FROM inbox_floor f USING inbox_floor lower WHERE (f.floor, f.ctid) > (lower.floor, lower.ctid);
ALTER TABLE inbox_floor ADD COLUMN one boolean PRIMARY KEY DEFAULT true CHECK (one);
ALTER TABLE chat_words REPLICA IDENTITY USING INDEX chat_words_find;
