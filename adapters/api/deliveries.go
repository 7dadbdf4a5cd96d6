package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A delivery in an answer.
type delivery struct {
	ID        string            `json:"id"`
	Replay    *domain.ReplayID  `json:"replay_id" doc:"The replay that sends the event once more; null for a new event."`
	Endpoint  domain.EndpointID `json:"endpoint_id"`
	Event     domain.EventID    `json:"event_id"`
	Type      domain.EventType  `json:"type" doc:"The type of the event."`
	Chat      *domain.ChatID    `json:"chat_id" doc:"Null for an event that concerns no chat."`
	State     deliveryState     `json:"state" doc:"Due: it waits, or its next attempt does. Parked: the endpoint takes other events and refuses this one; retry it. Expired: it waited for 7 days. Replaying: a replay that runs will send it. Given up: it failed, and its replay went on without it or was stopped; retry it."`
	CreatedAt instant           `json:"created_at"`
	DoneAt    moment            `json:"done_at" doc:"When it was delivered, parked, expired or given up; null while it waits."`
	Failures  int               `json:"failures" doc:"Attempts that failed."`
	Status    *int              `json:"status" doc:"The HTTP status of the last attempt; null if no answer came, or none was made."`
	TookMS    int64             `json:"took_ms" doc:"How long the last attempt took."`
	Error     string            `json:"error" doc:"Why the last attempt did not succeed; empty if it did."`
	NextAt    moment            `json:"next_at" doc:"The next attempt is not made before; null: as soon as the endpoint and its chat allow, or never."`
}

// An attempt in an answer.
type attempt struct {
	At     instant `json:"at" doc:"When the call began."`
	TookMS int64   `json:"took_ms"`
	Status *int    `json:"status" doc:"The HTTP status; null if no answer came."`
	Error  string  `json:"error" doc:"What went wrong, and how to fix it."`
	Answer string  `json:"answer" doc:"The first 1,024 bytes of the answer's body, control characters escaped."`
	NextAt moment  `json:"next_at" doc:"When the next attempt was due; null if none was to follow by itself."`
}

// A loggedDelivery is a delivery with its attempts.
type loggedDelivery struct {
	Delivery delivery  `json:"delivery"`
	Attempts []attempt `json:"attempts" nullable:"false" doc:"The last 100 that did not succeed, the oldest first, of the last 30 days and of the endpoint's last 10,000."`
}

func showDelivery(d domain.Delivery) delivery {
	return delivery{
		ID: domain.ShowDeliveryID(d.ID), Replay: orNull(d.Replay), Endpoint: d.Endpoint, Event: d.Event, Type: d.Type, Chat: orNull(d.Chat), State: deliveryState(d.State),
		CreatedAt: instantOf(d.Created), DoneAt: momentOf(d.DoneAt), Failures: d.Attempts,
		Status: orNull(d.Status), TookMS: d.Took.Milliseconds(), Error: d.LastError, NextAt: momentOf(d.NextAt),
	}
}

func showAttempt(a domain.Attempt) attempt {
	return attempt{
		At: instantOf(a.At), TookMS: a.Took.Milliseconds(), Status: orNull(a.Status), Error: a.Error, Answer: a.Answer, NextAt: momentOf(a.NextAt),
	}
}

type (
	deliveriesInput struct {
		ID     domain.EndpointID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
		State  deliveryState     `query:"state"`
		Type   string            `query:"type" maxLength:"64" pattern:"^[!-~]+$" doc:"A type of events."`
		Chat   domain.ChatID     `query:"chat" maxLength:"64" pattern:"^[!-~]+$"`
		Since  time.Time         `query:"since" doc:"Only those made at that time or later: RFC 3339."`
		Limit  int               `query:"limit" default:"50" minimum:"1" maximum:"200"`
		Cursor string            `query:"cursor" maxLength:"256" pattern:"^[^\\x00]*$"`
	}
	deliveriesOutput struct{ Body page[delivery] }
	deliveryInput    struct {
		ID string `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
	}
	deliveryOutput struct{ Body loggedDelivery }
)

func (a *API) registerDeliveries(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-deliveries", Method: http.MethodGet, Path: "/v1/endpoints/{id}/deliveries",
		Summary:     "List deliveries to an endpoint, newest first",
		Description: "With type or chat a page may hold fewer than limit, or none, although next_cursor says that there are more to look at.",
		Errors:      []int{http.StatusNotFound},
	}, requireRight(domain.ManageSettings, a.listDeliveries))
	register(a, h, huma.Operation{
		OperationID: "get-delivery", Method: http.MethodGet, Path: "/v1/deliveries/{id}",
		Summary: "Read a delivery and the attempts that did not succeed", Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ManageSettings, a.getDelivery))
	register(a, h, huma.Operation{
		OperationID: "retry-delivery", Method: http.MethodPost, Path: "/v1/deliveries/{id}/retry",
		Summary: "Make a delivery due now",
		Description: "One that is parked, expired or given up is put back to its place in its chat; if it is older than 7 days, it expires again unless it is taken at once. " +
			"One that was delivered is refused with 409: use replay.",
		DefaultStatus: http.StatusAccepted, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, requireRight(domain.ManageSettings, a.retryDelivery))
}

// listDeliveries handles GET /v1/endpoints/{id}/deliveries.
func (a *API) listDeliveries(ctx context.Context, e domain.Employee, in *deliveriesInput) (*deliveriesOutput, error) {
	before, err := parseDeliveryCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	p, err := a.Store.Deliveries(ctx, e.Company, domain.DeliveryQuery{
		Endpoint: in.ID, State: domain.DeliveryState(in.State), Type: domain.EventType(in.Type), Chat: in.Chat,
		Since: in.Since, Limit: in.Limit, Before: before,
	})
	if err != nil {
		return nil, err
	}
	out := &deliveriesOutput{pageOf(p.Deliveries, in.Limit, showDelivery, nil)}
	if p.Next != 0 {
		next := deliveryCursor(p.Next)
		out.Body.NextCursor = &next
	}
	return out, nil
}

// getDelivery handles GET /v1/deliveries/{id}.
func (a *API) getDelivery(ctx context.Context, e domain.Employee, in *deliveryInput) (*deliveryOutput, error) {
	id, err := domain.ParseDeliveryID(in.ID)
	if err != nil {
		return nil, err
	}
	d, attempts, err := a.Store.Delivery(ctx, e.Company, id)
	if err != nil {
		return nil, err
	}
	out := &deliveryOutput{loggedDelivery{showDelivery(d), []attempt{}}}
	for _, one := range attempts {
		out.Body.Attempts = append(out.Body.Attempts, showAttempt(one))
	}
	return out, nil
}

// retryDelivery handles POST /v1/deliveries/{id}/retry. It wakes the lane that
// delivers to the endpoint.
func (a *API) retryDelivery(ctx context.Context, e domain.Employee, in *deliveryInput) (*deliveryOutput, error) {
	id, err := domain.ParseDeliveryID(in.ID)
	if err != nil {
		return nil, err
	}
	if err := a.Store.RetryDelivery(ctx, e.Company, id); err != nil {
		return nil, err
	}
	out, err := a.getDelivery(ctx, e, in)
	if err == nil {
		a.Hint(domain.CallbackLane(out.Body.Delivery.Endpoint))
	}
	return out, err
}
