package domain

import (
	"context"
	"time"
)

// A Feed lists the events of a company in the order in which they were committed,
// for readers that poll or that missed something.
type Feed interface {
	// Events returns the company's events after a place, the oldest first: up to
	// FeedPageBytes and the query's limit, at least one if there is any. What commits
	// later is never behind a place that was returned before. A place older than
	// FeedRetention, or after the end, gives ErrFeedExpired. The zero place is
	// FeedStart ago.
	Events(ctx context.Context, company CompanyID, q EventQuery) (EventPage, error)

	// FeedEnd returns the place after every event that Events returns now.
	FeedEnd(ctx context.Context) (FeedPlace, error)

	// HaveEvents returns those of the companies that have events after their place.
	HaveEvents(ctx context.Context, after map[CompanyID]FeedPlace) ([]CompanyID, error)
}

// A FeedPlace is a place between two events of the feed. The zero value is its start.
type FeedPlace struct {
	Stamp int64 // of the transaction that wrote the last event before the place
	Pos   int64 // of that event among those of its stamp
	Time  time.Time
}

// Before reports whether the place is before another one.
func (p FeedPlace) Before(other FeedPlace) bool {
	return p.Stamp < other.Stamp || p.Stamp == other.Stamp && p.Pos < other.Pos
}

// An EventQuery selects events of the feed.
type EventQuery struct {
	After FeedPlace
	Types []EventType // empty: all
	Limit int
}

// An EventPage holds events that follow one another in the feed.
type EventPage struct {
	Events []FeedEvent
	Next   FeedPlace // After of the next page; it moves on even if no event was of the types
	More   bool      // the next page may have events already
}

// A FeedEvent is the JSON of an event and the place after it.
type FeedEvent struct {
	Place FeedPlace
	Body  []byte
}

// FeedPageBytes bounds the events of one page, after the first.
const FeedPageBytes = 1 << 20

// How far back the feed goes. Each is shorter than the next, and EventRetention the
// longest: a reader that begins with the oldest event has time to read on from it.
const (
	FeedStart     = EventRetention - 25*time.Hour // the oldest event of the feed
	FeedRetention = EventRetention - time.Hour    // the oldest place that can be read from
)
