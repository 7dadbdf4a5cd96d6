package main

import (
	"context"
	"time"
)

const (
	deadlinesOfEach = 100
	deadlineAhead   = 3 * time.Second  // from when the rows are written
	evidenceTimeout = 10 * time.Minute // of a send of unknown outcome; the program's
)

// dueAgain lets callbacks that were delivered wait for another try.
const dueAgain = `
UPDATE deliveries SET state = 'due', attempts = 1, next_at = $1::bigint
WHERE id IN (SELECT id FROM deliveries WHERE state = 'delivered' ORDER BY id DESC LIMIT $2)`

// unknownAgain makes messages of the history sends of unknown outcome, for which the
// wait for evidence ends.
const unknownAgain = `
WITH m AS (
    UPDATE messages SET direction = 'outbound', origin = 'api', status = 'queued', provider_id = ''
    WHERE id IN (SELECT id FROM messages ORDER BY id LIMIT $2)
    RETURNING id, connection_id, chat_id, seq
)
INSERT INTO outbox (message_id, connection_id, chat_id, seq, accepted_at, attempts, attempt_at, next_at, unknown_at)
SELECT id, connection_id, chat_id, seq, $1::bigint - $3::bigint, 1, 0, 0, $1::bigint - $3::bigint FROM m`

// deadlines measures how late things happen whose time has come: callbacks that are
// tried again, and sends of unknown outcome that are ended.
func (b *bench) deadlines(ctx context.Context, t *site, messages int) error {
	var due time.Time
	if err := t.db.QueryRow(ctx, "SELECT now()").Scan(&due); err != nil {
		return err
	}
	due = due.Add(deadlineAhead)
	if err := t.write(ctx, dueAgain, due.UnixMilli(), deadlinesOfEach); err != nil {
		return err
	}
	if err := t.write(ctx, unknownAgain, due.UnixMilli(), deadlinesOfEach, evidenceTimeout.Milliseconds()); err != nil {
		return err
	}
	if err := t.waitEmpty(ctx, "outbox"); err != nil {
		return err
	}
	if err := t.waitEmpty(ctx, "deliveries WHERE state = 'due'"); err != nil {
		return err
	}
	for _, row := range []struct{ name, last string }{
		{"the latest callback that was tried again", "SELECT max(done_at) FROM deliveries"},
		{"the latest end of an unknown outcome", "SELECT max(failed_at) FROM messages"},
	} {
		var at int64
		if err := t.db.QueryRow(ctx, row.last).Scan(&at); err != nil {
			return err
		}
		b.table.add("Deadlines", row.name+" beside "+thousands(messages)+" messages", "ms", float64(at-due.UnixMilli()))
	}
	return nil
}
