package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"recado/domain"
)

const (
	writeTimeout = 10 * time.Second // of a part of a stream: a reader that takes no more loses its place
	recheckKey   = time.Second      // and cacheFor: a stream outlives its API key no longer
)

// allow lets a call take longer than others. A server that reads for an answer's
// whole time would end it.
func allow(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // not all can, and those have none
}

// streamEvents sends events as they come, until the reader or the server leaves, or
// the reader's key is revoked. Events that the reader takes slowly are read slowly.
func (a *API) streamEvents(r *http.Request, w http.ResponseWriter, company domain.CompanyID, q domain.EventQuery) error {
	leave, err := a.Feed.Join(company)
	if err != nil {
		return err
	}
	defer leave()
	page, err := a.readEvents(r.Context(), company, q) // an error of the first page is an answer
	if err != nil {
		return err
	}
	allow(w)
	w.Header().Set("Content-Type", eventStream)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would gather the events
	s := &stream{w: w, control: http.NewResponseController(w), company: company}
	checked := time.Now()
	for err == nil && s.send(page) == nil && !a.stopping() {
		if !page.More {
			a.Feed.Wait(r.Context(), company, page.Next, a.heartbeat)
		}
		if time.Since(checked) > a.recheckKey {
			if !a.mayRead(r) {
				return nil
			}
			checked = time.Now()
		}
		q.After = page.Next
		page, err = a.readEvents(r.Context(), company, q)
	}
	if err != nil && r.Context().Err() == nil {
		a.Log.Warn("a stream of events ended", "company", company, "err", err) // the reader connects again
	}
	return nil
}

// mayRead reports whether the key of a request is still one that may read events. A
// store that is away says nothing against it.
func (a *API) mayRead(r *http.Request) bool {
	ctx, cancel := context.WithTimeout(r.Context(), callTimeout)
	defer cancel()
	e, err := a.employee(ctx, r.Header.Get("Authorization"))
	return err == nil && e.Granted().May(domain.ReadChats)
}

// A stream writes server-sent events.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	company domain.CompanyID
}

// send writes the events of a page, each with its cursor. A page without events
// becomes a comment, which shows both sides that the other is there, and moves the
// reader's cursor on.
func (s *stream) send(page domain.EventPage) error {
	var text strings.Builder
	for _, e := range page.Events {
		fmt.Fprintf(&text, "id: %s\ndata: %s\n\n", eventCursor(s.company, e.Place), e.Body)
	}
	if len(page.Events) == 0 {
		fmt.Fprintf(&text, ":\nid: %s\n\n", eventCursor(s.company, page.Next))
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(writeTimeout)) // not all can
	if _, err := s.w.Write([]byte(text.String())); err != nil {
		return err
	}
	return s.control.Flush()
}
