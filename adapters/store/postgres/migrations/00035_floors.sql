-- +goose Up

-- What a queue had is gone from it for all who look, but while somebody's transaction
-- is open, PostgreSQL cannot remove it, and who looks for work passes over all of it. So
-- each queue has a floor: no row waits in it with a smaller id, nor will one. It moves up
-- to a mark, an id handed out earlier, once every transaction that may write a smaller
-- one has ended: those older than mark_xid.
CREATE TABLE inbox_floor (
    floor    bigint NOT NULL DEFAULT 0,
    mark     bigint NOT NULL DEFAULT 0,
    mark_xid xid8   NOT NULL DEFAULT '0'
) WITH (fillfactor = 10);
INSERT INTO inbox_floor DEFAULT VALUES;

ALTER TABLE endpoints
    ADD COLUMN floor    bigint NOT NULL DEFAULT 0, -- of what is due to it
    ADD COLUMN mark     bigint NOT NULL DEFAULT 0,
    ADD COLUMN mark_xid xid8   NOT NULL DEFAULT '0';
