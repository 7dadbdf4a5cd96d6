package api

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"recado/adapters/feed"
	"recado/domain"
)

const recheckKey = time.Second // and cacheFor: a stream outlives its API key no longer

// streamEvents sends events as they come, until the reader or the server leaves, or
// the reader's key is revoked.
func (a *API) streamEvents(r *http.Request, w http.ResponseWriter, company domain.CompanyID, q domain.EventQuery) error {
	return a.Feed.Stream(w, r, q.After, feed.Reader{
		Company: company,
		Read: func(ctx context.Context, after domain.FeedPlace) (domain.EventPage, error) {
			q.After = after
			return a.readEvents(ctx, company, q)
		},
		Show:    func(_ context.Context, page domain.EventPage) ([]byte, error) { return streamed(company, page), nil },
		MayRead: func(context.Context) bool { return a.mayRead(r) },
		Recheck: a.recheckKey, Heartbeat: a.heartbeat,
	})
}

// mayRead reports whether the key of a request is still one that may read events. A
// store that is away says nothing against it.
func (a *API) mayRead(r *http.Request) bool {
	ctx, cancel := context.WithTimeout(r.Context(), callTimeout)
	defer cancel()
	e, err := a.employee(ctx, r.Header.Get("Authorization"))
	return err == nil && e.Granted().May(domain.ReadChats)
}

// streamed returns the events of a page as a stream has them, each with its cursor. A
// page without events becomes a comment, which shows both sides that the other is
// there, and moves the reader's cursor on.
func streamed(company domain.CompanyID, page domain.EventPage) []byte {
	var text bytes.Buffer
	for _, e := range page.Events {
		fmt.Fprintf(&text, "id: %s\ndata: %s\n\n", eventCursor(company, e.Place), e.Body)
	}
	if len(page.Events) == 0 {
		fmt.Fprintf(&text, ":\nid: %s\n\n", eventCursor(company, page.Next))
	}
	return text.Bytes()
}
