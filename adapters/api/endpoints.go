package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// An endpoint in an answer.
type endpoint struct {
	ID            domain.EndpointID `json:"id"`
	Origin        endpointOrigin    `json:"origin" doc:"File: declared in the operator's file, and changed only there. API: created by a call."`
	URL           string            `json:"url"`
	Events        []string          `json:"events" nullable:"false" doc:"Types of events, or *."`
	Batch         bool              `json:"batch" doc:"One call carries up to 100 events."`
	Status        endpointStatus    `json:"status" doc:"Paused: every call fails, and one event at a time probes it. Disabled: it failed for three days or answered 410; enable it."`
	Waiting       int64             `json:"waiting" doc:"The number of events that wait, up to 100,000."`
	OldestAt      moment            `json:"oldest_at" doc:"When the first of them was made; null if none waits."`
	LastError     string            `json:"last_error" doc:"Why the last attempt to send an event that still waits failed; empty if none did."`
	LastSuccessAt moment            `json:"last_success_at" doc:"Null if it never took an event."`
	FailingSince  moment            `json:"failing_since" doc:"The time since which every call has failed; null if the last call did not fail."`
	PreviousUntil moment            `json:"previous_until" doc:"Until when the previous secret also signs; null if there is none, or if the operator's file ends it."`
	Secret        string            `json:"secret,omitempty" doc:"Only in the answer to the call that set it: keep it."`
	NextCallAt    moment            `json:"next_call_at" doc:"No call is made before; null if calls may be made, or it is disabled."`
}

func (a *API) showEndpoint(s domain.EndpointState) endpoint {
	shown := endpoint{
		ID: s.ID, Origin: endpointOrigin(s.Origin), URL: s.URL, Events: s.Events, Batch: s.Batch, Status: endpointStatus(s.Status),
		Waiting: s.Waiting, OldestAt: momentOf(s.Oldest), LastError: s.LastError,
		LastSuccessAt: momentOf(s.LastSuccess), FailingSince: momentOf(s.FailingSince),
	}
	if s.PreviousUntil.After(a.Now()) {
		shown.PreviousUntil = momentOf(s.PreviousUntil)
	}
	if at := s.ReadyAt(); s.Status != domain.EndpointDisabled && at.After(a.Now()) {
		shown.NextCallAt = momentOf(at)
	}
	return shown
}

type (
	endpointsOutput struct {
		Body struct {
			Data []endpoint `json:"data" nullable:"false"`
		}
	}
	endpointInput struct {
		ID domain.EndpointID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
	}
	endpointOutput struct{ Body endpoint }
)

func (a *API) registerEndpoints(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-endpoints", Method: http.MethodGet, Path: "/v1/endpoints",
		Summary: "List endpoints, whether they work, and what waits for them",
	}, requireRight(domain.ManageSettings, a.listEndpoints))
	register(a, h, huma.Operation{
		OperationID: "get-endpoint", Method: http.MethodGet, Path: "/v1/endpoints/{id}",
		Summary: "Read an endpoint", Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ManageSettings, a.getEndpoint))
	register(a, h, huma.Operation{
		OperationID: "enable-endpoint", Method: http.MethodPost, Path: "/v1/endpoints/{id}/enable",
		Summary: "Start a paused or disabled endpoint afresh: what waits is sent at once (idempotent)", Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ManageSettings, a.enableEndpoint))
	a.registerEndpointChanges(h)
	a.registerRotation(h)
	a.registerTrial(h)
}

// listEndpoints handles GET /v1/endpoints.
func (a *API) listEndpoints(ctx context.Context, e domain.Employee, _ *struct{}) (*endpointsOutput, error) {
	list, err := a.Store.Endpoints(ctx, e.Company)
	if err != nil {
		return nil, err
	}
	out := &endpointsOutput{}
	out.Body.Data = []endpoint{}
	for _, s := range list {
		out.Body.Data = append(out.Body.Data, a.showEndpoint(s))
	}
	return out, nil
}

// getEndpoint handles GET /v1/endpoints/{id}.
func (a *API) getEndpoint(ctx context.Context, e domain.Employee, in *endpointInput) (*endpointOutput, error) {
	s, err := a.Store.EndpointState(ctx, e.Company, in.ID)
	if err != nil {
		return nil, err
	}
	return &endpointOutput{a.showEndpoint(s)}, nil
}

// enableEndpoint handles POST /v1/endpoints/{id}/enable. It wakes the lane that
// delivers to the endpoint.
func (a *API) enableEndpoint(ctx context.Context, e domain.Employee, in *endpointInput) (*endpointOutput, error) {
	if err := a.Store.EnableEndpoint(ctx, e.Company, in.ID); err != nil {
		return nil, err
	}
	a.Hint(domain.CallbackLane(in.ID))
	return a.getEndpoint(ctx, e, in)
}
