package sqlite

import (
	"context"
	"slices"
	"strings"

	"recado/adapters/store/shared"
	"recado/domain"
)

// insert adds rows to a table. Conflict tells what to do about a key that is
// there already; without it that is an error.
func insert[T any](ctx context.Context, t *tx, table string, cols []shared.Column[T], all []T, conflict string) error {
	holes := strings.TrimSuffix(strings.Repeat("?, ", len(cols)), ", ")
	return each(ctx, t, "INSERT INTO "+table+" ("+shared.Names(cols)+") VALUES ("+holes+") "+conflict, cols, all)
}

// update sets the columns of rows that are found by a key.
func update[T any](ctx context.Context, t *tx, table string, cols, key []shared.Column[T], all []T) error {
	sql := "UPDATE " + table + " SET " + equal(cols, ", ") + " WHERE " + equal(key, " AND ")
	return each(ctx, t, sql, slices.Concat(cols, key), all)
}

func equal[T any](cols []shared.Column[T], between string) string {
	list := make([]string, len(cols))
	for i, c := range cols {
		list[i] = c.Name + " = ?"
	}
	return strings.Join(list, between)
}

// each runs a statement for every row, with the columns as its arguments.
func each[T any](ctx context.Context, t *tx, sql string, cols []shared.Column[T], all []T) error {
	args := make([]any, len(cols))
	for i := range all {
		for j, c := range cols {
			v, err := value(c, &all[i])
			if err != nil {
				return err
			}
			args[j] = v
		}
		if _, err := t.Exec(ctx, sql, args...); err != nil {
			return err
		}
	}
	return nil
}

// write stores the writes of a book, in which the planned chats are new. It
// returns the endpoints that have events to deliver.
func write(ctx context.Context, t *tx, w domain.Writes, planned []domain.Chat, parked []domain.ParkedItem) ([]domain.EndpointID, error) {
	created, renamed := splitNew(w.Named, planned)
	steps := []func() error{
		func() error { return remove(ctx, t, w.Removed) },
		func() error { return insert(ctx, t, "chats", chatColumns, created, "") },
		func() error { return update(ctx, t, "chats", shared.ChatState, shared.ChatKey, w.Chats) },
		func() error { return update(ctx, t, "chats", namedChat, shared.ChatKey, renamed) },
		func() error { return insert(ctx, t, "dialog_counts", shared.CountColumns, w.Counts, shared.AddCount) },
		func() error { return insert(ctx, t, "messages", messageColumns, w.Created, "") },
		func() error { return update(ctx, t, "messages", shared.MessageState, shared.MessageKey, w.Changed) },
		func() error { return writeOutbox(ctx, t, w) },
		func() error { return writeMerges(ctx, t, w.Merges) },
		func() error {
			return insert(ctx, t, "aliases", shared.AliasColumns, w.Aliases, "ON CONFLICT DO NOTHING")
		},
		func() error {
			return insert(ctx, t, "orphans", shared.OrphanColumns, w.Orphans, "ON CONFLICT DO NOTHING")
		},
		func() error {
			return each(ctx, t, "DELETE FROM orphans WHERE "+equal(shared.OrphanKey, " AND "), shared.OrphanKey, w.RemovedOrphans)
		},
		func() error { return each(ctx, t, insertRefs, shared.RefColumns, w.Refs) },
		func() error { return insert(ctx, t, "presses", shared.PressColumns, w.Presses, "") },
		func() error { return insert(ctx, t, "signals", shared.SignalColumns, w.Signals, "") },
		func() error {
			return insert(ctx, t, "price_counts", shared.PriceColumns, w.Prices, shared.AddPrices)
		},
		func() error { return writeMedia(ctx, t, w) },
		func() error { return each(ctx, t, insertParked, shared.ParkedColumns, parked) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	endpoints, err := insertEvents(ctx, t, w.Events)
	if err != nil {
		return nil, err
	}
	return endpoints, each(ctx, t, changeConnection, shared.ConnectionChangeColumns, w.Connections)
}

const changeConnection = `
UPDATE connections
SET status = CASE WHEN $3 <> '' THEN $3 WHEN $5 AND status IN ('suspended', 'disconnected') THEN 'ok' ELSE status END,
    cause = CASE WHEN $2 <> '' THEN $2 WHEN $5 THEN '' ELSE cause END,
    send_after = CASE WHEN $5 THEN $4 ELSE max(send_after, $4) END,
    business = CASE $6 WHEN '' THEN business ELSE $6 END,
    number = CASE $7 WHEN '' THEN number ELSE $7 END,
    closed = CASE $8 WHEN '' THEN closed ELSE $8 END,
    watched = CASE $9 WHEN '' THEN watched ELSE $9 END,
    watched_at = CASE WHEN $10 = 0 THEN watched_at WHEN watched_at = 0 THEN $10 ELSE min(watched_at, $10) END
WHERE id = $1`

var (
	namedChat      = slices.Concat(shared.ChatState, shared.ChatWords)
	chatColumns    = slices.Concat(shared.ChatBirth, namedChat)
	messageColumns = slices.Concat(shared.MessageBirth, shared.MessageState)
)

// splitNew separates the chats that are new from those that are stored.
func splitNew(chats, planned []domain.Chat) (created, known []domain.Chat) {
	isNew := make(map[domain.ChatID]bool, len(planned))
	for _, c := range planned {
		isNew[c.ID] = true
	}
	for _, c := range chats {
		if isNew[c.ID] {
			created = append(created, c)
		} else {
			known = append(known, c)
		}
	}
	return created, known
}

// writeMerges gives the names of chats that end to those that go on.
func writeMerges(ctx context.Context, t *tx, merges []domain.Merge) error {
	for _, m := range merges {
		for _, sql := range []string{
			`UPDATE aliases SET chat_id = $1 WHERE chat_id = $2`,
			`UPDATE chats SET merged_into = $1 WHERE merged_into = $2 AND merged_into <> ''`,
		} {
			if _, err := t.Exec(ctx, sql, string(m.Chat), string(m.From)); err != nil {
				return err
			}
		}
	}
	return insert(ctx, t, "aliases", shared.MergeAlias, merges, "ON CONFLICT (connection_id, peer_id) DO UPDATE SET chat_id = excluded.chat_id")
}

const insertRefs = `
INSERT INTO client_refs (company_id, client_ref, message_id, asked, at) VALUES (?, ?, ?, ?, now_ms())`

var insertParked = `
INSERT INTO parked (hook_id, kind, account, body, error, at, expires_at)
VALUES (?, ?, ?, ?, ?, now_ms(), now_ms() + ` + shared.SQLMillis(domain.ParkedRetention) + `)`

func remove(ctx context.Context, t *tx, messages []domain.MessageID) error {
	if len(messages) == 0 {
		return nil
	}
	_, err := t.Exec(ctx, `DELETE FROM messages WHERE id IN (SELECT value FROM json_each($1))`, list(messages))
	return err
}

const updateOutbox = `
ON CONFLICT (message_id) DO UPDATE
SET attempts = excluded.attempts, attempt_at = excluded.attempt_at, next_at = excluded.next_at, unknown_at = excluded.unknown_at,
    maybe_at = excluded.maybe_at`

// writeOutbox keeps a row for each message that waits with us, and none for another.
func writeOutbox(ctx context.Context, t *tx, w domain.Writes) error {
	queued, left := shared.Outbox(w)
	if err := insert(ctx, t, "outbox", shared.MessageWay, queued, updateOutbox); err != nil || len(left) == 0 {
		return err
	}
	_, err := t.Exec(ctx, `DELETE FROM outbox WHERE message_id IN (SELECT value FROM json_each($1))`, list(left))
	return err
}
