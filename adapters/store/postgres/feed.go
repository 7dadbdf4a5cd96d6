package postgres

import (
	"context"
	"fmt"

	"recado/adapters/store/shared"
	"recado/domain"
)

// The order of the feed is (stamp, feed_pos): feed_stamp() of the statement that writes
// the event, and a sequence. Its end is a view.
//
// Nothing is skipped. The stamp of an event is the number of its transaction or a
// higher one. A reader stops below the lowest number that runs, so that whatever
// commits later has a stamp at which the reader has not been.
//
// The events of a chat stay in order. A transaction that waited for the chat's lock
// may have a lower number than the one that had it. So the stamp is no lower than
// the newest number that had ended when the event was written, which happens under
// the lock: the transaction before ended by then, and its own stamp was no higher
// than that. Where both are the same, feed_pos decides.
//
// A transaction that stays open, also in another database of the cluster, holds up
// the feed until it ends.

// selectHaveEvents looks each company up by itself.
const selectHaveEvents = `
SELECT w.company_id FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS w(company_id, stamp, feed_pos)
WHERE (
    SELECT 1 FROM events e
    WHERE e.company_id = w.company_id AND (e.stamp, e.feed_pos) > (w.stamp, w.feed_pos) AND e.stamp <= (SELECT stamp FROM feed_end)
    ORDER BY e.company_id, e.stamp, e.feed_pos LIMIT 1
) IS NOT NULL`

// HaveEvents implements domain.Feed.
func (s *Store) HaveEvents(ctx context.Context, after map[domain.CompanyID]domain.FeedPlace) ([]domain.CompanyID, error) {
	var companies []string
	var stamps, positions []int64
	for c, p := range after {
		companies, stamps, positions = append(companies, string(c)), append(stamps, p.Stamp), append(positions, p.Pos)
	}
	return shared.List(ctx, db{s.pool}, shared.Value[domain.CompanyID], selectHaveEvents, companies, stamps, positions)
}

// selectFeedRepair returns an epoch whose stamps are higher than every stored one, if
// there is one that the cluster's transactions have not reached. Epochs are 2^40
// transactions apart: also the places that readers had before the restore are below it.
const selectFeedRepair = `
SELECT ((last.stamp >> 40) + 1) << 40 FROM (
    SELECT max((
        SELECT e.stamp FROM events e WHERE e.company_id = c.id
        ORDER BY e.company_id DESC, e.stamp DESC, e.feed_pos DESC LIMIT 1
    )) AS stamp FROM companies c
) last
WHERE last.stamp >= feed_epoch() + pg_snapshot_xmax(pg_current_snapshot())::text::bigint`

// repairFeed goes on in a new epoch if the database was restored into a cluster whose
// transactions have lower numbers than the stored events. Places of before stay good.
func (s *Store) repairFeed(ctx context.Context) error {
	return s.transact(ctx, func(t *tx) error {
		var epoch []int64
		t.queue(`SELECT pg_advisory_xact_lock(hashtext('recado feed'))`)
		into(t.queue(selectFeedRepair), &epoch, shared.Value[int64])
		if err := t.step(ctx); err != nil {
			return err
		}
		if len(epoch) == 0 {
			return shared.ErrRollback
		}
		t.batch.Queue(fmt.Sprintf(`CREATE OR REPLACE FUNCTION feed_epoch() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT %d::bigint'`, epoch[0]))
		return t.commit(ctx)
	})
}
