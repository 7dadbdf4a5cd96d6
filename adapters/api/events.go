package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humahttprouter"

	"recado/adapters/feed"
	"recado/domain"
)

type eventsInput struct {
	After       string      `query:"after" maxLength:"256" pattern:"^[^\\x00]*$" doc:"A next_cursor. Empty: begin with the oldest event that is still there; now: with the next one."`
	Types       []eventType `query:"types" doc:"Only these types, comma-separated; all if empty. A page may then be empty although more events follow: go on with next_cursor."`
	Wait        int         `query:"wait" minimum:"0" maximum:"30" default:"0" doc:"How many seconds to wait for an event if there is none yet."`
	Limit       int         `query:"limit" minimum:"1" maximum:"200" default:"100"`
	Accept      string      `header:"Accept" hidden:"true"`
	LastEventID string      `header:"Last-Event-ID" maxLength:"256" pattern:"^[^\\x00]*$" doc:"Takes the place of after: what an EventSource sends when it connects again."`
}

// An eventsPage is documentation: events are written as they are stored.
type eventsPage struct {
	Data       []event `json:"data" nullable:"false"`
	NextCursor string  `json:"next_cursor" doc:"Pass it as after to go on; never null."`
}

type event struct {
	ID         domain.EventID   `json:"id"`
	Type       string           `json:"type" doc:"More may be added. /v1/event-schemas/{type}.json describes the events of a type."`
	Version    int              `json:"version"`
	OccurredAt instant          `json:"occurred_at"`
	Company    domain.CompanyID `json:"company_id"`
	Connection *eventConnection `json:"connection,omitempty" doc:"Absent if it concerns no connection."`
	Chat       *eventChat       `json:"chat,omitempty" doc:"Absent if it concerns no chat."`
	Data       json.RawMessage  `json:"data"`
}

type eventConnection struct {
	ID   domain.ConnectionID `json:"id"`
	Kind kind                `json:"kind"`
}

type eventChat struct {
	ID         domain.ChatID `json:"id"`
	Peer       domain.PeerID `json:"peer_id"`
	IsGroup    bool          `json:"is_group"`
	Seq        int64         `json:"seq" doc:"Rises by one with each event of the chat."`
	Unanswered int64         `json:"unanswered"`
}

// eventsOutput is written by Body: a page, or a stream.
type eventsOutput struct{ Body func(huma.Context) }

func (a *API) registerEvents(h huma.API) {
	page := h.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[eventsPage](), true, "EventsPage")
	register(a, h, huma.Operation{
		OperationID: "list-events", Method: http.MethodGet, Path: "/v1/events",
		Summary: "Read the company's events in the order in which they were committed",
		Description: "The events are those that endpoints get. With Accept: text/event-stream they are sent as they come, " +
			"each with its cursor as id.",
		Errors: []int{http.StatusGone, http.StatusTooManyRequests},
		Responses: map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
			"application/json": {Schema: page},
			feed.StreamType:    {Schema: &huma.Schema{Type: huma.TypeString}},
		}}},
	}, requireRight(domain.ReadChats, a.listEvents))
}

// listEvents handles GET /v1/events.
func (a *API) listEvents(ctx context.Context, e domain.Employee, in *eventsInput) (*eventsOutput, error) {
	q := domain.EventQuery{Limit: in.Limit}
	for _, t := range in.Types {
		q.Types = append(q.Types, domain.EventType(t))
	}
	after, field := in.After, "query.after"
	if in.LastEventID != "" {
		after, field = in.LastEventID, "header.Last-Event-ID"
	}
	var err error
	if after == "now" {
		q.After, err = a.Store.FeedEnd(ctx)
	} else if q.After, err = parseEventCursor(e.Company, after); err != nil {
		err = invalid("invalid cursor", fieldError{field, "expected a next_cursor of this company's events, now, or nothing"})
	}
	if err != nil {
		return nil, err
	}
	serve := func(r *http.Request, w http.ResponseWriter) error {
		return a.pollEvents(r, w, e.Company, q, time.Duration(in.Wait)*time.Second)
	}
	if strings.Contains(in.Accept, feed.StreamType) {
		serve = func(r *http.Request, w http.ResponseWriter) error { return a.streamEvents(r, w, e.Company, q) }
	}
	return &eventsOutput{func(ctx huma.Context) {
		r, w, _ := humahttprouter.Unwrap(ctx) // the request's own context: a wait is longer than callTimeout
		if err := serve(r, w); err != nil {
			a.problem(ctx.Operation().OperationID, err).write(w)
		}
	}}, nil
}

// passTime is how long a call without wait passes over events of other types.
const passTime = time.Second

// pollEvents answers with a page: at once, or with the first events that come
// within the wait. A reader without events gets a cursor that has moved on.
func (a *API) pollEvents(r *http.Request, w http.ResponseWriter, company domain.CompanyID, q domain.EventQuery, wait time.Duration) error {
	if wait > 0 {
		leave, err := a.Feed.Join(company)
		if err != nil {
			return err
		}
		defer leave()
	}
	allow(w)
	began := time.Now()
	for {
		page, err := a.readEvents(r.Context(), company, q)
		if err != nil {
			return err
		}
		left := wait - time.Since(began)
		if page.More {
			left = max(wait, passTime) - time.Since(began)
		}
		if len(page.Events) > 0 || left <= 0 || a.stopping() {
			return writePage(w, company, page)
		}
		if q.After = page.Next; !page.More {
			a.Feed.Wait(r.Context(), company, q.After, left)
		}
	}
}

// readEvents reads a page within the time of a call.
func (a *API) readEvents(ctx context.Context, company domain.CompanyID, q domain.EventQuery) (domain.EventPage, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return a.Store.Events(ctx, company, q)
}

// stopping reports whether the server stops: it waits for its calls.
func (a *API) stopping() bool {
	select {
	case <-a.Stop:
		return true
	default:
		return false
	}
}

// writePage writes the events byte for byte as endpoints get them.
func writePage(w http.ResponseWriter, company domain.CompanyID, page domain.EventPage) error {
	var text bytes.Buffer
	text.WriteString(`{"data":[`)
	for i, e := range page.Events {
		if i > 0 {
			text.WriteByte(',')
		}
		text.Write(e.Body)
	}
	text.WriteString(`],"next_cursor":"` + eventCursor(company, page.Next) + `"}`)
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text.Bytes()) // it fails only if the caller has disconnected
	return nil
}

// allow lets a call take longer than others. A server that reads for an answer's
// whole time would end it.
func allow(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // not all can, and those have none
}
