package shared

import (
	"context"
	"strings"
	"time"

	"recado/domain"
)

// FeedEnd implements domain.Feed. No event follows with the stamp of feed_end or a
// lower one, and none has the position 0.
func (q Queries) FeedEnd(ctx context.Context) (domain.FeedPlace, error) {
	return One(ctx, q.db, scanPlace, `SELECT stamp + 1, 0, now_ms() FROM feed_end`)
}

// feedSpan is how many events a page with some types looks at.
const feedSpan = 2000

// selectEvents looks at $5 events of the company $1 after the place ($2, $3) and
// before the stamp $4. It returns those whose type is in $6, a text such as
// " chat.blocked chat.merged ", up to $7 events and $8 bytes, and a last row with
// the number of those that it looked at and the place of the last of them.
const selectEvents = `
WITH span AS MATERIALIZED (
    SELECT stamp, feed_pos, at, type, body FROM events
    WHERE company_id = $1 AND (stamp, feed_pos) > ($2, $3) AND stamp < $4
    ORDER BY company_id, stamp, feed_pos LIMIT $5
), wanted AS (
    SELECT stamp, feed_pos, at, body, sum(length(body)) OVER (ORDER BY stamp, feed_pos) - length(body) AS before
    FROM span WHERE CAST($6 AS text) = '' OR CAST($6 AS text) LIKE '% ' || type || ' %'
)
SELECT stamp, feed_pos, at, 0 AS looked, body FROM (
    SELECT * FROM wanted WHERE before < $8 ORDER BY stamp, feed_pos LIMIT $7
) page
UNION ALL
SELECT stamp, feed_pos, at, (SELECT count(*) FROM span), NULL FROM (
    SELECT stamp, feed_pos, at FROM span ORDER BY stamp DESC, feed_pos DESC LIMIT 1
) last
ORDER BY looked, stamp, feed_pos`

// Events implements domain.Feed. The end is older than the snapshot of the page, so
// that all before it is committed.
func (q Queries) Events(ctx context.Context, company domain.CompanyID, e domain.EventQuery) (domain.EventPage, error) {
	end, err := q.FeedEnd(ctx)
	if err != nil {
		return domain.EventPage{}, err
	}
	after := e.After
	if after == (domain.FeedPlace{}) {
		if after, err = q.placeBefore(ctx, end.Time.Add(-domain.FeedStart)); err != nil {
			return domain.EventPage{}, err
		}
		after.Time = end.Time
	}
	if after.Stamp > end.Stamp || after.Time.Before(end.Time.Add(-domain.FeedRetention)) {
		return domain.EventPage{}, domain.ErrFeedExpired
	}
	span := e.Limit
	if len(e.Types) > 0 {
		span = feedSpan
	}
	var page domain.EventPage
	var last domain.FeedPlace
	var looked, bytes int
	err = q.db.Query(ctx, func(row Row) error {
		var f domain.FeedEvent
		if err := row.Scan(&f.Place.Stamp, &f.Place.Pos, Moment(&f.Place.Time), &looked, &f.Body); err != nil {
			return err
		}
		if last = f.Place; looked == 0 {
			page.Events = append(page.Events, f)
			bytes += len(f.Body)
		}
		return nil
	}, selectEvents, company, after.Stamp, after.Pos, end.Stamp, span, feedTypes(e.Types), e.Limit, domain.FeedPageBytes)
	page.Next = end
	if looked == span {
		page.Next, page.More = last, true
	}
	if n := len(page.Events); n > 0 && (n == e.Limit || bytes >= domain.FeedPageBytes) && page.Events[n-1].Place != last {
		page.Next, page.More = page.Events[n-1].Place, true
	}
	return page, err
}

// feedTypes writes types for selectEvents.
func feedTypes(types []domain.EventType) string {
	if len(types) == 0 {
		return ""
	}
	var text strings.Builder
	for _, t := range types {
		text.WriteString(" " + string(t))
	}
	return text.String() + " "
}

// clockSlack is more than how far the clocks of two processes are apart, and a
// transaction takes.
const clockSlack = 5 * time.Minute

// placeBefore returns a place before every event of that time or later, and not long
// before. Ids of events begin with the time.
func (q Queries) placeBefore(ctx context.Context, at time.Time) (domain.FeedPlace, error) {
	place, _, err := find(ctx, q.db, scanPlace, `SELECT stamp, feed_pos, at FROM events WHERE id < $1 ORDER BY id DESC LIMIT 1`,
		domain.FirstEventID(at.Add(-clockSlack)))
	return place, err
}

func scanPlace(row Row) (p domain.FeedPlace, err error) {
	err = row.Scan(&p.Stamp, &p.Pos, Moment(&p.Time))
	return p, err
}
