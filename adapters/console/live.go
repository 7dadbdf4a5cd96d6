package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"recado/adapters/feed"
	"recado/domain"
)

const (
	eventsAtOnce = 100             // of the feed, that a part of a stream shows
	recheckEvery = 5 * time.Second // a stream outlives its session no longer
)

// A news is what happened, as HTML for the page to put in its place.
type news struct {
	Chats    []chatNews    `json:"chats,omitempty"`
	Messages []messageNews `json:"messages,omitempty"` // of the open chat
	Head     string        `json:"head,omitempty"`     // of the open chat
}

type chatNews struct {
	ID         domain.ChatID       `json:"id"`
	Place      string              `json:"place"`
	Connection domain.ConnectionID `json:"connection"`
	Unanswered bool                `json:"unanswered"`
	Blocked    bool                `json:"blocked"`
	HTML       string              `json:"html"`
}

type messageNews struct {
	ID     domain.MessageID `json:"id"`
	Chat   domain.ChatID    `json:"chat"`
	place  string           // see messagePlace
	HTML   string           `json:"html"`
	Action domain.MessageID `json:"action,omitempty"` // whose state the HTML shows; empty: the page keeps what it showed
	Say    string           `json:"say,omitempty"`    // for a screen reader: an incoming message
}

// streamNews handles GET /chat/live?after=&chat=: server-sent events, each with the
// place in the feed as its id. It goes on until the browser or the server leaves, or
// the session ends.
func (c *Console) streamNews(_ context.Context, v *visit) error {
	at := v.r.FormValue("after")
	if last := v.r.Header.Get("Last-Event-ID"); last != "" {
		at = last
	}
	after, err := parseFeedPlace(at)
	if err != nil {
		return err
	}
	open := domain.ChatID(v.r.FormValue("chat"))
	return c.Feed.Stream(v.w, v.r, after, feed.Reader{
		Company: v.by.Company,
		Read: func(ctx context.Context, after domain.FeedPlace) (domain.EventPage, error) {
			return c.Store.Events(ctx, v.by.Company, domain.EventQuery{After: after, Limit: eventsAtOnce})
		},
		Show: func(ctx context.Context, page domain.EventPage) ([]byte, error) {
			return c.encodeNews(ctx, v, page, open)
		},
		MayRead: func(ctx context.Context) bool {
			e, _, err := c.sessionEmployee(ctx, v.r)
			return !errors.Is(err, errLoggedOut) && (err != nil || e.Granted().May(domain.ReadChats)) // a store that is away ends no session
		},
		Recheck: c.recheck, Heartbeat: c.heartbeat,
	})
}

// encodeNews writes the news of a page of events. A page without events becomes an event
// "alive", which shows both sides that the other is there, and moves the browser's place on.
func (c *Console) encodeNews(ctx context.Context, v *visit, page domain.EventPage, open domain.ChatID) ([]byte, error) {
	place := formatFeedPlace(page.Next)
	if len(page.Events) == 0 {
		return fmt.Appendf(nil, "event: alive\nid: %s\ndata:\n\n", place), nil
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	d, err := c.desk(ctx, v)
	if err != nil {
		return nil, err
	}
	n, err := c.readNews(ctx, d, page.Events, open)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(n)
	return fmt.Appendf(nil, "id: %s\ndata: %s\n\n", place, text), err
}
