-- +goose Up

-- SQLite keeps no room in its pages: there is nothing to change.
SELECT 1;
