-- +goose NO TRANSACTION
-- +goose Up

-- What waited too long was looked for by its time alone, once a minute, among all
-- that was delivered since. The first by its id is the oldest, of what is due to
-- an endpoint and of all that is kept: no index by time is needed.
DROP INDEX CONCURRENTLY IF EXISTS deliveries_created;
DROP INDEX CONCURRENTLY IF EXISTS events_at;
