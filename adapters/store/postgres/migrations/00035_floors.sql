-- +goose Up

-- While any transaction is open, PostgreSQL cannot remove the rows that left a queue since
-- it began, and every search for work would read all of them. So each queue has a floor, an
-- id below which no row waits or will wait. It moves up to a mark, an id that was assigned
-- earlier, when each transaction that may still write a smaller id has ended: those older
-- than mark_xid.
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
