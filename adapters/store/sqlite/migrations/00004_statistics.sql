-- +goose Up

-- SQLite counts no table by itself: there is nothing to change.
SELECT 1;
