package shared

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"recado/domain"
)

// selectUnwatched finds connections of one kind, the number of whose argument is to be filled in.
const selectUnwatched = `
SELECT * FROM (
    SELECT id, watched_at FROM connections
    WHERE kind = $%d AND status IN ('ok', 'disconnected') AND hook_id <> '' AND watched_at <= now_ms() - $1
    ORDER BY watched_at LIMIT $2
) u`

// TakeWatches implements domain.Maintenance. A connection that was never looked at, of
// watched_at 0, gets its turn at a moment of chance, so that those of one file are not
// looked at together.
func (q Queries) TakeWatches(ctx context.Context, kinds []domain.Kind, limit int) ([]domain.ConnectionID, error) {
	type watch struct {
		id domain.ConnectionID
		at int64
	}
	if len(kinds) == 0 {
		return nil, nil
	}
	every := domain.WatchEvery.Milliseconds()
	var ofEach []string
	args := []any{every, limit}
	for _, k := range kinds {
		args = append(args, k)
		ofEach = append(ofEach, fmt.Sprintf(selectUnwatched, len(args)))
	}
	due, err := List(ctx, q.db, func(row Row) (w watch, err error) {
		err = row.Scan(&w.id, &w.at)
		return w, err
	}, strings.Join(ofEach, "\nUNION ALL\n"), args...)
	var taken []domain.ConnectionID
	for _, w := range due {
		ago := int64(0)
		if w.at == 0 {
			ago = rand.Int64N(every)
		}
		n, err := q.db.Exec(ctx, `UPDATE connections SET watched_at = now_ms() - $3 WHERE id = $1 AND watched_at = $2`, w.id, w.at, ago)
		if err != nil {
			return taken, err
		}
		if n == 1 && w.at != 0 {
			taken = append(taken, w.id)
		}
	}
	return taken, err
}

// ConnectionsOf implements domain.Lookup.
func (q Queries) ConnectionsOf(ctx context.Context, k domain.Kind) ([]domain.ConnectionID, error) {
	return List(ctx, q.db, Value[domain.ConnectionID], `SELECT id FROM connections WHERE kind = $1 AND hook_id <> '' ORDER BY id`, k)
}

// lastSignals is how many signals of a connection are shown.
const lastSignals = 20

const selectSignals = `
SELECT s.connection_id, s.at, s.kind, s.level, s.title, s.details
FROM connections c JOIN signals s ON s.connection_id = c.id
WHERE c.company_id = $1 AND s.id IN (SELECT id FROM signals l WHERE l.connection_id = c.id ORDER BY l.connection_id, l.id DESC LIMIT $2)
ORDER BY s.id DESC`

// Signals implements domain.CompanySettings.
func (q Queries) Signals(ctx context.Context, company domain.CompanyID) ([]domain.RecordedSignal, error) {
	return List(ctx, q.db, func(row Row) (domain.RecordedSignal, error) {
		var s domain.RecordedSignal
		err := row.Scan(&s.Connection, Moment(&s.At), &s.Kind, &s.Level, &s.Title, &s.Details)
		return s, err
	}, selectSignals, company, lastSignals)
}
