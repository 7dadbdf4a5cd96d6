package postgres

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"recado/adapters/store/shared"
	"recado/domain"
)

// dueDeliveries looks at a window of $5 deliveries, the oldest. Where one chat with
// a great backlog fills it, a wheel finds the other chats, and takes the first
// deliveries of each. Chats that are busy, or whose oldest delivery waits for another
// try, are hashed once: an array would be compared with each delivery from end to
// end.
var dueDeliveries = `
WITH RECURSIVE span AS MATERIALIZED (
    SELECT d.id, d.chat_id FROM deliveries d
    WHERE (d.endpoint_id, d.id) >= ($1, (SELECT floor FROM endpoints WHERE id = $1)) AND d.endpoint_id >= $1 AND d.endpoint_id <= $1
      AND d.state = 'due' -- plans 1, 4
    ORDER BY d.endpoint_id, d.id LIMIT $5
), held AS MATERIALIZED (
    SELECT unnest($2::text[]) AS chat_id
    UNION ALL
    ` + shared.SelectRetried + `
), free AS MATERIALIZED (
    SELECT id FROM span WHERE chat_id NOT IN (SELECT chat_id FROM held) ORDER BY id LIMIT $3
), ` + shared.DeliveryWheel.Turn("$1", "$4") + `, others AS MATERIALIZED (
    SELECT w.chat_id
    FROM wheel w WHERE w.chat_id NOT IN (SELECT chat_id FROM held) AND w.chat_id NOT IN (SELECT chat_id FROM span)
    LIMIT CASE WHEN (SELECT count(*) FROM span) < $5 THEN 0 ELSE $3 - (SELECT count(*) FROM free) END
), heads AS MATERIALIZED (
    SELECT h.id FROM others o CROSS JOIN LATERAL (` + shared.DeliveryWheel.Heads("q.id", "$1", "o.chat_id", "id") + `) h
    ORDER BY h.id LIMIT $3 - (SELECT count(*) FROM free)
)` + shared.SelectDelivery + `(
    SELECT *, false AS more FROM deliveries WHERE id = ANY (ARRAY(SELECT id FROM free)) -- plan 2
    UNION ALL
    SELECT *, true FROM deliveries WHERE id = ANY (ARRAY(SELECT id FROM heads)) -- plan 2
) d
CROSS JOIN LATERAL (SELECT type, body FROM events WHERE id = d.event_id OFFSET 0) e -- plan 3
ORDER BY d.id`

// DueDeliveries implements domain.Callbacks.
func (s *Store) DueDeliveries(ctx context.Context, e domain.EndpointID, busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
	return s.dues.Submit(ctx, due{e, append([]domain.ChatID{}, busy...), limit})
}

type due struct {
	endpoint domain.EndpointID
	busy     []domain.ChatID // not nil
	limit    int
}

// due answers in one round trip.
func (s *Store) due(ctx context.Context, asked []due) ([][]domain.Delivery, error) {
	found := make([][]domain.Delivery, len(asked))
	batch := &pgx.Batch{}
	for i, d := range asked {
		into(batch.Queue(dueDeliveries, d.endpoint, d.busy, d.limit, shared.WheelStart(d.busy), d.limit+shared.SpanMin), &found[i], shared.ScanDelivery)
	}
	return found, classify(s.pool.SendBatch(ctx, batch).Close())
}

// updateDeliveries changes what is still due. Where that was little, the planner would
// read all of it to find these.
const updateDeliveries = `
UPDATE deliveries d
SET state = u.state, attempts = u.attempts, next_at = u.next_at, failed_at = u.failed_at,
    failures = u.failures, refusals = u.refusals, refused_since = u.refused_since, last_error = u.last_error,
    http_status = u.http_status, took_ms = u.took_ms, done_at = CASE u.state WHEN 'due' THEN 0 ELSE now_ms() END
FROM %s
WHERE d.id = u.id AND d.state || '' = 'due' -- plan 5`

// Record implements domain.Callbacks.
func (s *Store) Record(ctx context.Context, id domain.EndpointID, tries []domain.Try) (domain.Endpoint, []domain.Delivery, error) {
	r, err := s.records.Submit(ctx, record{id, tries})
	return r.Endpoint, r.Deliveries, err
}

type record struct {
	endpoint domain.EndpointID
	tries    []domain.Try
}

// lockEndpoints locks the endpoints in the order of their ids, so that each record
// goes on from the health that the one before it left.
const lockEndpoints = shared.SelectEndpoints + `
WHERE id = ANY ($1)
ORDER BY id
FOR UPDATE`

// errSameEndpoint makes the batcher run each record in a transaction of its
// own: the second must see what the first wrote.
var errSameEndpoint = errors.New("two records of one endpoint")

func (s *Store) record(ctx context.Context, records []record) ([]domain.TriesRecord, error) {
	index := map[domain.EndpointID]int{}
	for i, r := range records {
		index[r.endpoint] = i
	}
	if len(index) < len(records) {
		return nil, errSameEndpoint
	}
	var results []domain.TriesRecord
	stored := map[domain.EndpointID]domain.EndpointHealth{}
	err := s.transact(ctx, func(t *tx) error {
		results = make([]domain.TriesRecord, len(records))
		var found []domain.Endpoint
		var now time.Time
		into(t.queue(lockEndpoints, slices.Collect(maps.Keys(index))), &found, s.ScanEndpoint)
		t.now(&now)
		if err := t.step(ctx); err != nil {
			return err
		}
		if len(found) < len(records) {
			return domain.ErrNotFound
		}
		var deliveries []domain.Delivery
		for _, e := range found {
			i := index[e.ID]
			stored[e.ID] = e.EndpointHealth
			e.EndpointHealth = s.healths.latest(e.ID, e.EndpointHealth)
			results[i] = domain.RecordTries(e, records[i].tries, now)
			deliveries = append(deliveries, results[i].Deliveries...)
			if results[i].Recovered {
				t.queue(shared.ReleaseDeliveries, e.ID)
			}
		}
		update, args := insertAll(updateDeliveries, shared.DeliveryColumns, deliveries)
		t.queue(update, args...)
		for _, e := range found {
			if err := updateEndpoint(ctx, t, results[index[e.ID]], stored[e.ID]); err != nil {
				return err
			}
		}
		return t.commit(ctx)
	})
	if err == nil {
		for id, h := range stored {
			s.healths.keep(id, h, results[index[id]].Endpoint.EndpointHealth)
		}
	}
	return results, err
}

// insertAttempts logs the tries that did not succeed.
const insertAttempts = `
INSERT INTO attempts (endpoint_id, number, delivery_id, at, took_ms, http_status, error, answer, next_at)
SELECT endpoint_id, number, delivery_id, at, took_ms, http_status, error, answer, next_at FROM %s`

func updateEndpoint(ctx context.Context, t *tx, r domain.TriesRecord, stored domain.EndpointHealth) error {
	if !r.Endpoint.MayWait(stored) {
		t.queue(shared.UpdateEndpoint, shared.EndpointArgs(r.Endpoint)...)
	}
	if len(r.Attempts) > 0 {
		insert, args := insertAll(insertAttempts, shared.AttemptColumns, r.Attempts)
		t.queue(insert, args...)
		for _, sql := range []string{shared.CountAttempts, shared.DropAttempts} {
			t.queue(sql, r.Endpoint.ID, r.Endpoint.AttemptsLogged)
		}
	}
	if !r.StatusChanged {
		return nil
	}
	return shared.InsertEndpointStatus(ctx, t, r.Endpoint, 0)
}
