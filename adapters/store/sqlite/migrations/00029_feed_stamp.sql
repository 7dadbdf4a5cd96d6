-- +goose Up

-- Nothing: transactions write one after another, and number themselves in feed_end.
SELECT 1;
