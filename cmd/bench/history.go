package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A history is a set of chats and messages, with their events and callbacks, of the
// last 25 days. Each row copies one that Recado wrote and changes only ids and times,
// so that every column has a value. The chats that write during the measurement
// belong to the history; the copied one is number 0 of each company.
const oldChats = `
INSERT INTO chats (%[2]s) SELECT %[2]s FROM generate_series(0, $1::bigint - 1) i,
LATERAL (SELECT i %% %[1]d AS company, i / %[1]d + 1 AS number) who,
(SELECT o AS t FROM chats o ORDER BY created_at LIMIT 1) template,
LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', 'chat_' || lpad(i::text, 26, '0'), 'company_id', 'company-' || company, 'connection_id', 'waba-' || company,
    'peer_id', '521' || company || lpad(number::text, 8, '0'), 'phone', '521' || company || lpad(number::text, 8, '0'),
    'last_inbound_at', (t).last_inbound_at - i %% 2160000000, 'created_at', (t).created_at - 2160000000
)) r
ON CONFLICT DO NOTHING`

const oldMessages = `
INSERT INTO messages SELECT r.* FROM generate_series(0, $1::bigint - 1) i,
(SELECT o AS t FROM messages o ORDER BY id LIMIT 1) template,
LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', 'msg_' || lpad(i::text, 26, '0'), 'chat_id', 'chat_' || lpad((i %% $2::bigint)::text, 26, '0'),
    'company_id', 'company-' || i %% %[1]d, 'connection_id', 'waba-' || i %% %[1]d,
    'provider_id', 'wamid.HBgN521' || i %% %[1]d || lpad((i %% $2::bigint / %[1]d)::text, 8, '0') || 'FQIAEhg' || md5(i::text),
    'at', (t).at - 2160000000 + i * 2160000000 / $1::bigint
)) r`

const oldEvents = `
INSERT INTO events SELECT r.* FROM generate_series(0, $1::bigint - 1) i,
(SELECT o AS t FROM events o ORDER BY id LIMIT 1) template,
LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', 'evt_' || lpad(i::text, 26, '0'), 'chat_id', 'chat_' || lpad((i %% $2::bigint)::text, 26, '0'),
    'company_id', 'company-' || i %% %[1]d, 'at', (t).at - 2160000000 + i * 2160000000 / $1::bigint
)) r`

const oldDeliveries = `
INSERT INTO deliveries OVERRIDING SYSTEM VALUE SELECT r.* FROM generate_series(0, $1::bigint - 1) i,
(SELECT o AS t FROM deliveries o WHERE state = 'delivered' ORDER BY id LIMIT 1) template,
LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', i - $1::bigint, 'event_id', 'evt_' || lpad(i::text, 26, '0'), 'chat_id', 'chat_' || lpad((i %% $2::bigint)::text, 26, '0'),
    'endpoint_id', 'crm-' || i %% %[1]d, 'created_at', (t).created_at - 2160000000 + i * 2160000000 / $1::bigint
)) r`

// grow adds a history to a site.
func (t *site) grow(ctx context.Context, messages, chats int) error {
	if err := t.serve(ctx, allRoles); err != nil {
		return err
	}
	first := crowd{companies: companies, chats: 1, stride: 1}
	_, err := t.carry(ctx, webhooks(t.public, first.messages(companies), companies), ofMessage)
	t.stop()
	if err != nil {
		return err
	}
	var columns string
	err = t.db.QueryRow(ctx, `SELECT string_agg(column_name, ', ') FROM information_schema.columns
		WHERE table_name = 'chats' AND is_generated = 'NEVER'`).Scan(&columns)
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	if err := t.write(ctx, fmt.Sprintf(oldChats, companies, columns), chats); err != nil {
		return err
	}
	var waits []func() error // in parallel, since it is slow
	for _, sql := range []string{oldMessages, oldEvents, oldDeliveries} {
		waits = append(waits, inBackground(func() error { return t.write(ctx, fmt.Sprintf(sql, companies), messages, chats) }))
	}
	var errs []error
	for _, wait := range waits {
		errs = append(errs, wait())
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, sql := range []string{"VACUUM ANALYZE", "CHECKPOINT"} {
		if _, err := t.db.Exec(ctx, sql); err != nil {
			return fmt.Errorf("history: %w", err)
		}
	}
	t.crowd.stride = max(1, chats/t.crowd.size())
	return nil
}

// write runs a statement over a connection of its own.
func (t *site) write(ctx context.Context, sql string, args ...any) error {
	conn, err := pgx.Connect(ctx, t.database)
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }() // its writes are committed
	if _, err := conn.Exec(ctx, sql, args...); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}
