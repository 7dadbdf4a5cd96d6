package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A trial is the outcome of a call of an endpoint that somebody asked for.
type trial struct {
	Delivered bool   `json:"delivered" doc:"Whether the endpoint answered 2xx."`
	Status    *int   `json:"status" doc:"The HTTP status; null if no answer came."`
	Error     string `json:"error" doc:"What went wrong, and how to fix it; empty if nothing did."`
	Answer    string `json:"answer" doc:"The first 1,024 bytes of the body of an answer that is not 2xx, control characters escaped."`
	TookMS    int64  `json:"took_ms"`
}

type trialOutput struct{ Body trial }

func (a *API) registerTrial(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "test-endpoint", Method: http.MethodPost, Path: "/v1/endpoints/{id}/test",
		Summary: "Post a signed endpoint.test event now, and return the result",
		Description: "Also to an endpoint that is paused or disabled, and whatever its list of events. It is tried once, " +
			"is not in the log of deliveries, and does not change the status of the endpoint.",
		Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ManageSettings, a.testEndpoint))
}

// testEndpoint handles POST /v1/endpoints/{id}/test. The call is made as those
// of the worker are.
func (a *API) testEndpoint(ctx context.Context, e domain.Employee, in *endpointInput) (*trialOutput, error) {
	if _, err := a.Store.EndpointState(ctx, e.Company, in.ID); err != nil {
		return nil, err
	}
	endpoint, err := a.Store.Endpoint(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if endpoint.Company != e.Company { // it ended a moment ago, and another got its id
		return nil, domain.ErrNotFound
	}
	id := domain.NewEventID(a.NewID())
	event, err := domain.CompanyEvent(id, a.Now(), e.Company, domain.EventEndpointTest, domain.EndpointTestData{Endpoint: in.ID})
	if err != nil {
		return nil, err
	}
	t := a.Deliver(ctx, endpoint, []domain.Delivery{{Endpoint: in.ID, Event: id, Type: event.Type, Body: event.Body}})[0]
	return &trialOutput{trial{Delivered: t.OK, Status: orNull(t.Status), Error: t.Error, Answer: t.Answer, TookMS: t.Took.Milliseconds()}}, nil
}
