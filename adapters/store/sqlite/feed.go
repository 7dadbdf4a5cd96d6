package sqlite

import (
	"context"

	"recado/adapters/store/shared"
	"recado/domain"
)

// insertFeed stores events behind all others of the feed: transactions write one
// after another, so that their numbers are the order of their commits.
func insertFeed(ctx context.Context, t *tx, events []domain.Event) error {
	stamp, err := shared.One(ctx, t, shared.Value[int64], `UPDATE feed_end SET stamp = stamp + 1 RETURNING stamp`)
	if err != nil {
		return err
	}
	pos := int64(0)
	columns := append([]shared.Column[domain.Event]{}, shared.EventColumns...)
	columns = append(columns,
		shared.Column[domain.Event]{Name: "stamp", Num: func(*domain.Event) int64 { return stamp }},
		shared.Column[domain.Event]{Name: "feed_pos", Num: func(*domain.Event) int64 { pos++; return pos }})
	return insert(ctx, t, "events", columns, events, "")
}

const selectHaveEvents = `
SELECT w.value ->> 0 FROM json_each($1) w
WHERE (
    SELECT 1 FROM events e
    WHERE e.company_id = w.value ->> 0 AND (e.stamp, e.feed_pos) > (w.value ->> 1, w.value ->> 2) LIMIT 1
) IS NOT NULL`

// HaveEvents implements domain.Feed.
func (s *Store) HaveEvents(ctx context.Context, after map[domain.CompanyID]domain.FeedPlace) ([]domain.CompanyID, error) {
	var places [][3]any
	for company, p := range after {
		places = append(places, [3]any{company, p.Stamp, p.Pos})
	}
	return shared.List(ctx, alone{s}, shared.Value[domain.CompanyID], selectHaveEvents, list(places))
}
