package shared

import (
	"context"
	"slices"
	"strings"

	"recado/domain"
)

// replayCount is how many events are looked at to count those of a replay.
const replayCount = 100_000

// wantedByReplay holds for the events of a span from $6 to $7, of the types $8 and of
// the chat $9.
var wantedByReplay = `at >= $6 AND at <= $7 AND ` + ofTypes("$8") + ` AND (CAST($9 AS text) = '' OR chat_id = $9)`

const selectReplay = `
SELECT id, endpoint_id, since, until, types, chat_id, state, count, delivered, failed, last_error, created_at, ended_at FROM replays `

func scanReplay(row Row) (domain.Replay, error) {
	var r domain.Replay
	var types string
	err := row.Scan(&r.ID, &r.Endpoint, Moment(&r.Since), Moment(&r.Until), &types, &r.Chat, &r.State,
		&r.Count, &r.Delivered, &r.Failed, &r.LastError, Moment(&r.Created), Moment(&r.Ended))
	r.Types = typesOf(types)
	return r, err
}

// typesOf reads types that feedTypes wrote.
func typesOf(text string) (types []domain.EventType) {
	for _, t := range strings.Fields(text) {
		types = append(types, domain.EventType(t))
	}
	return types
}

// StartReplay implements domain.Replays.
func (q Queries) StartReplay(ctx context.Context, company domain.CompanyID, id domain.EndpointID, query domain.ReplayQuery) (r domain.Replay, started bool, err error) {
	job, err := q.planReplay(ctx, company, id, query)
	if err != nil {
		return r, false, err
	}
	if r, runs, err := running(ctx, q.db, id, query); runs || err != nil { // before all that it sends is counted again
		return r, false, err
	}
	counted, err := q.countReplay(ctx, job)
	if err != nil {
		return r, false, err
	}
	err = q.transact(ctx, func(ctx context.Context, tx Tx) error {
		started = false
		e, err := q.lockEndpoint(ctx, tx, company, id)
		if err != nil {
			return err
		}
		var runs bool
		if r, runs, err = running(ctx, tx, id, query); err != nil {
			return err
		}
		if runs {
			return ErrRollback
		}
		at, err := now(ctx, tx)
		if err != nil {
			return err
		}
		started = true
		r = domain.Replay{ID: domain.ReplayID("rep_" + NewID()), Endpoint: id, ReplayQuery: query, State: domain.ReplayRunning, Count: counted, Created: at}
		_, err = tx.Exec(ctx, `
INSERT INTO replays (id, endpoint_id, since, until, types, chat_id, stamp, feed_pos, end_stamp, count, health, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`, r.ID, id, Millis(query.Since), Millis(query.Until), strings.TrimSpace(feedTypes(query.Types)), query.Chat,
			job.place.Stamp, job.place.Pos, job.end, counted, jsonOf(e.ForReplay(at), false), Millis(at))
		return err
	})
	return r, started, err
}

// running reads the replay of an endpoint that runs; one with another query gives
// ErrReplayRuns.
func running(ctx context.Context, db DB, id domain.EndpointID, query domain.ReplayQuery) (r domain.Replay, runs bool, err error) {
	r, runs, err = find(ctx, db, scanReplay, selectReplay+`WHERE endpoint_id = $1 AND state = 'running'`, id)
	if err == nil && runs && !r.Equal(query) {
		return domain.Replay{}, false, domain.ErrReplayRuns
	}
	return r, runs, err
}

// A replayJob is what a replay sends: the events that its endpoint wants now.
type replayJob struct {
	id       domain.ReplayID
	company  domain.CompanyID
	place    domain.FeedPlace // the next event is after it
	end      int64            // and before this stamp
	from, to int64
	types    string
	chat     domain.ChatID
}

func (j *replayJob) args(looked int) []any {
	return []any{j.company, j.place.Stamp, j.place.Pos, j.end, looked, j.from, j.to, j.types, j.chat}
}

// planReplay finds where in the feed a replay begins and ends.
func (q Queries) planReplay(ctx context.Context, company domain.CompanyID, id domain.EndpointID, query domain.ReplayQuery) (j replayJob, err error) {
	e, err := One(ctx, q.db, q.ScanEndpoint, SelectEndpoints+` WHERE company_id = $1 AND id = $2`, company, id)
	if err != nil {
		return j, err
	}
	end, err := q.FeedEnd(ctx)
	if err != nil {
		return j, err
	}
	start := end.Time.Add(-domain.FeedStart)
	if query.Since.After(start) {
		start = query.Since
	}
	place, err := q.placeBefore(ctx, start)
	if err != nil {
		return j, err
	}
	j = replayJob{company: company, place: place, end: end.Stamp, from: Millis(query.Since), to: Millis(query.Until), types: replayTypes(e.Events, query.Types), chat: query.Chat}
	if j.to == 0 {
		j.to = Millis(end.Time)
		return j, nil
	}
	after, found, err := find(ctx, q.db, Value[int64], `SELECT stamp FROM events WHERE id >= $1 ORDER BY id LIMIT 1`, domain.FirstEventID(query.Until.Add(clockSlack)))
	if found {
		j.end = min(j.end, after)
	}
	return j, err
}

// replayTypes writes those types, of those asked for, that an endpoint wants.
func replayTypes(wanted []string, asked []domain.EventType) string {
	if slices.Contains(wanted, "*") {
		return feedTypes(asked)
	}
	types := []domain.EventType{"none"} // no type of events
	for _, t := range wanted {
		if typ := domain.EventType(t); len(asked) == 0 || slices.Contains(asked, typ) {
			types = append(types, typ)
		}
	}
	return feedTypes(types)
}

// countReplay counts the events of a replay, unless there are too many to look at.
func (q Queries) countReplay(ctx context.Context, j replayJob) (int64, error) {
	type counts struct{ looked, wanted int64 }
	c, err := One(ctx, q.db, func(row Row) (c counts, err error) {
		err = row.Scan(&c.looked, &c.wanted)
		return c, err
	}, feedSpan("chat_id")+` SELECT (SELECT count(*) FROM span), (SELECT count(*) FROM span WHERE `+wantedByReplay+`)`, j.args(replayCount)...)
	if c.looked == replayCount {
		return -1, err
	}
	return c.wanted, err
}

// ofCompany limits replays to the endpoint $2 of a company $1.
const ofCompany = `WHERE endpoint_id IN (SELECT id FROM endpoints WHERE company_id = $1 AND id = $2) `

// lastReplays is how many replays of an endpoint are listed.
const lastReplays = 100

// Replays implements domain.Replays.
func (q Queries) Replays(ctx context.Context, company domain.CompanyID, e domain.EndpointID) ([]domain.Replay, error) {
	if _, err := One(ctx, q.db, Value[string], `SELECT id FROM endpoints WHERE company_id = $1 AND id = $2`, company, e); err != nil {
		return nil, err
	}
	return List(ctx, q.db, scanReplay, selectReplay+ofCompany+`ORDER BY id DESC LIMIT $3`, company, e, lastReplays)
}

// Replay implements domain.Replays.
func (q Queries) Replay(ctx context.Context, company domain.CompanyID, e domain.EndpointID, id domain.ReplayID) (domain.Replay, error) {
	return One(ctx, q.db, scanReplay, selectReplay+ofCompany+`AND id = $3`, company, e, id)
}

// StopReplay implements domain.Replays.
func (q Queries) StopReplay(ctx context.Context, company domain.CompanyID, e domain.EndpointID, id domain.ReplayID) (r domain.Replay, err error) {
	err = q.transact(ctx, func(ctx context.Context, tx Tx) error {
		if r, err = One(ctx, tx, scanReplay, selectReplay+ofCompany+`AND id = $3`, company, e, id); err != nil {
			return err
		}
		if err := stopReplay(ctx, tx, e, id); err != nil {
			return err
		}
		r, err = One(ctx, tx, scanReplay, selectReplay+`WHERE id = $1`, id)
		return err
	})
	return r, err
}

// stopReplay ends a replay to an endpoint, if it runs.
func stopReplay(ctx context.Context, tx Tx, e domain.EndpointID, id domain.ReplayID) error {
	n, err := tx.Exec(ctx, `UPDATE replays SET state = 'stopped', ended_at = now_ms() WHERE id = $1 AND state = 'running'`, id)
	if err != nil || n == 0 {
		return err
	}
	for _, sql := range []string{`DELETE FROM replay_queue WHERE endpoint_id = $1`, dropUntried, giveUp} {
		if _, err := tx.Exec(ctx, sql, e); err != nil {
			return err
		}
	}
	return nil
}

// The ends of the deliveries of the replay of an endpoint $1: those that were never
// tried are forgotten.
const (
	replaying   = `WHERE endpoint_id = $1 AND state = 'replaying' AND state <> 'due' -- plan 4` + "\n"
	dropUntried = `DELETE FROM deliveries ` + replaying + `AND attempts = 0`
	giveUp      = `UPDATE deliveries SET state = 'given_up', done_at = now_ms() ` + replaying
)
