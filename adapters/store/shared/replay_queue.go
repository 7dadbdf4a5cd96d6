package shared

import (
	"context"
	"strconv"
	"time"

	"recado/domain"
)

// replayLow is how many events are queued when more are.
const replayLow = domain.ReplayAhead / 2

// hasNew selects something if an endpoint has new events of the chat of a row r of
// replay_queue: what is new goes first.
const hasNew = `SELECT 1 FROM deliveries d WHERE d.endpoint_id = r.endpoint_id AND d.chat_id = r.chat_id AND d.state = 'due' LIMIT 1`

// dueReplay finds the endpoints whose replay can go on: it can queue events, or the
// first event that is queued of some chat can be sent. A replay that is paused is
// tried with any.
var dueReplay = `
SELECT p.id AS owner FROM replays j JOIN endpoints p ON p.id = j.endpoint_id
WHERE j.state = 'running' AND j.not_before <= now_ms() AND p.status = 'ok' AND p.not_before <= now_ms() AND (
    j.stamp < j.end_stamp AND (SELECT count(*) FROM replay_queue r WHERE r.endpoint_id = p.id) < ` + strconv.Itoa(replayLow) + `
    OR NOT EXISTS (SELECT 1 FROM replay_queue r WHERE r.endpoint_id = p.id)
    OR EXISTS (
        SELECT 1 FROM replay_queue r WHERE r.endpoint_id = p.id AND (` + hasNew + `) IS NULL AND (j.status = 'paused' OR r.next_at <= now_ms() AND NOT EXISTS (
            SELECT 1 FROM replay_queue b WHERE b.endpoint_id = r.endpoint_id AND b.chat_id = r.chat_id AND b.id < r.id AND b.next_at > now_ms()
        ))
    )
)`

// selectQueued selects what is queued for the endpoint $1, and whether it has to
// wait, which holds up its chat.
const selectQueued = `
SELECT r.id, r.endpoint_id, r.event_id, r.chat_id, e.type, e.body, r.created_at, r.attempts, r.retry,
    (` + hasNew + `) IS NOT NULL OR j.status <> 'paused' AND r.next_at > now_ms()
FROM replay_queue r JOIN replays j ON j.id = r.replay_id JOIN events e ON e.id = r.event_id
WHERE r.endpoint_id = $1 ORDER BY r.id`

// ReplayEndpoint implements domain.ReplayQueue.
func (q Queries) ReplayEndpoint(ctx context.Context, id domain.EndpointID) (domain.Endpoint, error) {
	e, err := One(ctx, q.db, q.ScanEndpoint, SelectEndpoint, id)
	if err != nil {
		return e, err
	}
	j, runs, err := find(ctx, q.db, scanRunning, selectRunning, id)
	if err != nil {
		return e, err
	}
	if !runs || e.Status != domain.EndpointOK || e.ReadyAt().After(time.Now()) {
		e.EndpointHealth = domain.EndpointHealth{Status: domain.EndpointDisabled}
		return e, nil
	}
	e.EndpointHealth = j.health
	return e, nil
}

// A runningReplay is what the lane of an endpoint needs to know of its replay.
type runningReplay struct {
	replayJob
	asked  []domain.EventType
	health domain.EndpointHealth
}

const selectRunning = `
SELECT id, stamp, feed_pos, end_stamp, since, until, types, chat_id, created_at, status, health FROM replays
WHERE endpoint_id = $1 AND state = 'running'`

func scanRunning(row Row) (r runningReplay, err error) {
	var types, health string
	var status domain.EndpointStatus
	var created int64
	err = row.Scan(&r.id, &r.place.Stamp, &r.place.Pos, &r.end, &r.from, &r.to, &types, &r.chat, &created, &status, &health)
	if err != nil {
		return r, err
	}
	if r.to == 0 {
		r.to = created
	}
	r.asked = typesOf(types)
	err = fromJSON(health, &r.health)
	r.health.Status, r.health.AtOnce = status, domain.ReplaysAtOnce
	return r, err
}

// lockRunning reads the replay that runs and locks it against a stop; false: none does.
func lockRunning(ctx context.Context, tx Tx, id domain.EndpointID) (r runningReplay, runs bool, err error) {
	if _, err := tx.Exec(ctx, `UPDATE replays SET not_before = not_before WHERE endpoint_id = $1 AND state = 'running'`, id); err != nil {
		return r, false, err
	}
	return find(ctx, tx, scanRunning, selectRunning, id)
}

// selectNeedsEvents selects something if fillQueue has something to do for the endpoint
// $1: mostly it has not. Events that were erased wait in the queue until the others are
// delivered.
var selectNeedsEvents = `
SELECT 1 FROM replays j WHERE j.endpoint_id = $1 AND j.state = 'running' AND (
    j.stamp < j.end_stamp AND (SELECT count(*) FROM replay_queue r WHERE r.endpoint_id = j.endpoint_id) < ` + strconv.Itoa(replayLow) + `
    OR NOT EXISTS (SELECT 1 FROM replay_queue r JOIN events e ON e.id = r.event_id WHERE r.endpoint_id = j.endpoint_id)
)`

// DueReplayed implements domain.ReplayQueue.
func (q Queries) DueReplayed(ctx context.Context, id domain.EndpointID, busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
	_, more, err := find(ctx, q.db, Value[int], selectNeedsEvents, id)
	for more && err == nil {
		err = q.transact(ctx, func(ctx context.Context, tx Tx) (err error) {
			more, err = q.fillQueue(ctx, tx, id)
			return err
		})
	}
	if err != nil {
		return nil, err
	}
	held := map[domain.ChatID]bool{}
	for _, chat := range busy {
		held[chat] = true
	}
	var due []domain.Delivery
	err = q.db.Query(ctx, func(row Row) error {
		var d domain.Delivery
		var retry string
		var waits bool
		err := row.Scan(&d.ID, &d.Endpoint, &d.Event, &d.Chat, &d.Type, &d.Body, Moment(&d.Created), &d.Attempts, &retry, &waits)
		if err != nil {
			return err
		}
		held[d.Chat] = held[d.Chat] || waits
		if !held[d.Chat] && len(due) < limit {
			d.State = domain.DeliveryDue
			due = append(due, d)
			return fromJSON(retry, &due[len(due)-1].DeliveryRetry)
		}
		return nil
	}, selectQueued, id)
	return due, err
}

// fillQueue takes a step of a replay in the feed if few of its events are queued,
// and reports whether another step is needed. A replay without events is done.
func (q Queries) fillQueue(ctx context.Context, tx Tx, id domain.EndpointID) (more bool, err error) {
	r, runs, err := lockRunning(ctx, tx, id)
	if err != nil || !runs {
		return false, err
	}
	const gone = ` NOT EXISTS (SELECT 1 FROM events e WHERE e.id = event_id)` // they were erased since they were queued
	for _, sql := range []string{giveUp + `AND` + gone, `DELETE FROM replay_queue WHERE endpoint_id = $1 AND` + gone} {
		if _, err := tx.Exec(ctx, sql, id); err != nil {
			return false, err
		}
	}
	queued, err := One(ctx, tx, Value[int], `SELECT count(*) FROM replay_queue WHERE endpoint_id = $1`, id)
	if err != nil || queued >= replayLow {
		return false, err
	}
	if r.place.Stamp >= r.end {
		return false, finishReplay(ctx, tx, r.id)
	}
	e, err := One(ctx, tx, q.ScanEndpoint, SelectEndpoint, id)
	if err != nil {
		return false, err
	}
	r.company, r.types = e.Company, replayTypes(e.Events, r.asked)
	return true, r.step(ctx, tx, id, domain.ReplayAhead-queued)
}

// A replayedEvent is an event in the feed that a replay queues.
type replayedEvent struct {
	place    domain.FeedPlace
	id, chat string
}

func scanReplayed(row Row) (e replayedEvent, err error) {
	err = row.Scan(&e.place.Stamp, &e.place.Pos, Moment(&e.place.Time), &e.id, &e.chat)
	return e, err
}

// selectReplayed takes up to $10 events that are wanted.
var selectReplayed = feedPage("id, chat_id", `SELECT * FROM span WHERE `+wantedByReplay+` ORDER BY stamp, feed_pos LIMIT $10`)

// queueReplayed queues the deliveries of a replay $1 to an endpoint $2 that are not
// queued yet.
const queueReplayed = `
INSERT INTO replay_queue (replay_id, endpoint_id, event_id, chat_id, created_at, delivery_id)
SELECT replay_id, endpoint_id, event_id, chat_id, created_at, id FROM deliveries
WHERE endpoint_id = $2 AND state = 'replaying' AND state <> 'due' AND replay_id = $1 -- plan 4
  AND id NOT IN (SELECT delivery_id FROM replay_queue WHERE replay_id = $1)
ORDER BY id`

// step queues up to room events of those that it looks at, and moves the place on.
func (r *runningReplay) step(ctx context.Context, tx Tx, id domain.EndpointID, room int) error {
	events, part, err := readFeed(ctx, tx, scanReplayed, func(e replayedEvent) domain.FeedPlace { return e.place }, selectReplayed,
		append(r.args(feedLook), room)...)
	if err != nil {
		return err
	}
	var taken domain.FeedPlace
	for _, e := range events {
		taken = e.place
		if _, err := tx.Exec(ctx, `
INSERT INTO deliveries (endpoint_id, event_id, chat_id, created_at, state, replay_id) VALUES ($1, $2, $3, now_ms(), 'replaying', $4)`,
			id, e.id, e.chat, r.id); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, queueReplayed, r.id, id); err != nil {
		return err
	}
	place, _ := part.next(domain.FeedPlace{Stamp: r.end}, feedLook, taken, len(events) == room)
	_, err = tx.Exec(ctx, `UPDATE replays SET stamp = $2, feed_pos = $3 WHERE id = $1`, r.id, place.Stamp, place.Pos)
	return err
}
