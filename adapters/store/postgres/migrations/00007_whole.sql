-- +goose Up

-- Who looks for what is due marks nothing any more, so no room needs to be kept
-- for that: pages are filled, and half as many are read and kept.
ALTER TABLE deliveries SET (fillfactor = 100);
