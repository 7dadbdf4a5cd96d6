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

// feedLook is how many events a page with some types looks at.
const feedLook = 2000

// feedSpan is a common table expression span: the columns of $5 events of the company
// $1 after the place ($2, $3) and before the stamp $4.
func feedSpan(columns string) string {
	return `
WITH span AS MATERIALIZED (
    SELECT stamp, feed_pos, at, type, ` + columns + ` FROM events
    WHERE company_id = $1 AND (stamp, feed_pos) > ($2, $3) AND stamp < $4
    ORDER BY company_id, stamp, feed_pos LIMIT $5
)`
}

// feedPage selects, of the events of a span that page takes, the place, the columns
// and 0. A last row has the place of the last event of the span, and how many it has.
func feedPage(columns, page string) string {
	none := strings.Repeat("'', ", strings.Count(columns, ",")+1)
	return feedSpan(columns) + `
SELECT stamp, feed_pos, at, ` + columns + `, 0 AS looked FROM (` + page + `) page
UNION ALL
SELECT stamp, feed_pos, at, ` + none + `(SELECT count(*) FROM span) FROM (
    SELECT stamp, feed_pos, at FROM span ORDER BY stamp DESC, feed_pos DESC LIMIT 1
) last
ORDER BY looked, stamp, feed_pos`
}

// A feedPart is what a query of feedPage looked at.
type feedPart struct {
	looked int
	last   domain.FeedPlace
}

// readFeed runs a query of feedPage.
func readFeed[T any](
	ctx context.Context, db DB, scan Scan[T], place func(T) domain.FeedPlace, sql string, args ...any,
) (events []T, part feedPart, err error) {
	err = db.Query(ctx, func(row Row) error {
		var looked int
		e, err := scan(behind{row, []any{&looked}})
		if looked > 0 {
			part = feedPart{looked, place(e)}
		} else {
			events = append(events, e)
		}
		return err
	}, sql, args...)
	return events, part, err
}

// next is where the next page begins, after one that looked at up to span events and
// took those up to taken; zero: none. Full says that the page could take no more.
func (p feedPart) next(end domain.FeedPlace, span int, taken domain.FeedPlace, full bool) (next domain.FeedPlace, more bool) {
	switch {
	case full && taken != p.last:
		return taken, true
	case p.looked == span:
		return p.last, true
	default:
		return end, false
	}
}

// ofTypes holds for an event whose type is in a text of feedTypes, or if that is empty.
func ofTypes(text string) string {
	return `(CAST(` + text + ` AS text) = '' OR CAST(` + text + ` AS text) LIKE '% ' || type || ' %')`
}

// selectEvents takes the events whose type is in $6, up to $7 events and $8 bytes.
var selectEvents = feedPage("body", `
    SELECT * FROM (
        SELECT *, sum(length(body)) OVER (ORDER BY stamp, feed_pos) - length(body) AS before FROM span WHERE `+ofTypes("$6")+`
    ) wanted WHERE before < $8 ORDER BY stamp, feed_pos LIMIT $7
`)

func scanFeedEvent(row Row) (e domain.FeedEvent, err error) {
	err = row.Scan(&e.Place.Stamp, &e.Place.Pos, Moment(&e.Place.Time), &e.Body)
	return e, err
}

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
		span = feedLook
	}
	events, part, err := readFeed(ctx, q.db, scanFeedEvent, func(e domain.FeedEvent) domain.FeedPlace { return e.Place }, selectEvents,
		company, after.Stamp, after.Pos, end.Stamp, span, feedTypes(e.Types), e.Limit, domain.FeedPageBytes)
	if err != nil {
		return domain.EventPage{}, err
	}
	page := domain.EventPage{Events: events}
	bytes := 0
	var taken domain.FeedPlace
	for _, one := range events {
		bytes += len(one.Body)
		taken = one.Place
	}
	page.Next, page.More = part.next(end, span, taken, len(events) == e.Limit || bytes >= domain.FeedPageBytes)
	return page, nil
}

// feedTypes writes types for ofTypes: " chat.blocked chat.merged ".
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
