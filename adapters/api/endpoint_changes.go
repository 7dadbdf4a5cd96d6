package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A newEndpoint is the body of create-endpoint.
type newEndpoint struct {
	_      struct{}          `additionalProperties:"false"`
	ID     domain.EndpointID `json:"id,omitempty" pattern:"^[a-z0-9_-]{1,64}$" doc:"Unique in the installation; left out, one is made."`
	URL    string            `json:"url" maxLength:"2048" pattern:"^[^\\x00]*$" doc:"Where events are posted, for example https://crm.example/hooks."`
	Events []eventPattern    `json:"events" nullable:"false" maxItems:"50" doc:"Types of events; * takes all, an empty list none."`
	Batch  bool              `json:"batch,omitempty" doc:"One call carries up to 100 events, as {\"events\": […]}."`
	Secret string            `json:"secret,omitempty" maxLength:"200" pattern:"^[^\\x00]*$" doc:"Signs the events: whsec_ and the base64 of 24 to 64 random bytes. Left out, one is made."`
}

// An endpointChange is the body of change-endpoint. Fields that are left out do not change.
type endpointChange struct {
	_      struct{}        `additionalProperties:"false"`
	URL    *string         `json:"url,omitempty" maxLength:"2048" pattern:"^[^\\x00]*$" doc:"With a new URL, everything that waits is sent at once."`
	Events *[]eventPattern `json:"events,omitempty" nullable:"false" maxItems:"50" doc:"Types of events; * takes all, an empty list none. Events that wait already are sent."`
	Batch  *bool           `json:"batch,omitempty" doc:"One call carries up to 100 events, as {\"events\": […]}."`
}

type (
	createEndpointInput struct{ Body newEndpoint }
	changeEndpointInput struct {
		ID   domain.EndpointID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
		Body endpointChange
	}
)

const declaredInFile = "An endpoint of the operator's file is refused with 409 declared_in_file: only the file changes it."

func (a *API) registerEndpointChanges(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "create-endpoint", Method: http.MethodPost, Path: "/v1/endpoints",
		Summary: "Create an endpoint; the answer shows its secret once", DefaultStatus: http.StatusCreated,
		Errors: slices.Concat([]int{http.StatusConflict}, bodyErrors),
	}, requireRight(domain.ManageSettings, a.createEndpoint))
	register(a, h, huma.Operation{
		OperationID: "change-endpoint", Method: http.MethodPatch, Path: "/v1/endpoints/{id}",
		Summary: "Change an endpoint: where events go, and which", Description: declaredInFile, Errors: slices.Concat([]int{http.StatusNotFound, http.StatusConflict}, bodyErrors),
	}, requireRight(domain.ManageSettings, a.changeEndpoint))
	register(a, h, huma.Operation{
		OperationID: "delete-endpoint", Method: http.MethodDelete, Path: "/v1/endpoints/{id}",
		Summary: "Delete an endpoint; events that wait for it expire", Description: declaredInFile,
		DefaultStatus: http.StatusNoContent, Errors: []int{http.StatusNotFound, http.StatusConflict},
	}, requireRight(domain.ManageSettings, a.deleteEndpoint))
}

// createEndpoint handles POST /v1/endpoints.
func (a *API) createEndpoint(ctx context.Context, e domain.Employee, in *createEndpointInput) (*endpointOutput, error) {
	if err := checkURL(in.Body.URL); err != nil {
		return nil, err
	}
	secret, err := secretOrNew(in.Body.Secret)
	if err != nil {
		return nil, err
	}
	created := domain.Endpoint{ID: in.Body.ID, Company: e.Company, URL: in.Body.URL, Secret: secret, Events: patterns(in.Body.Events), Batch: in.Body.Batch}
	if created.ID == "" {
		created.ID = domain.EndpointID("ep_" + a.NewID())
	}
	if err := a.Store.CreateEndpoint(ctx, created); err != nil {
		return nil, err
	}
	return a.withSecret(ctx, e, created.ID, secret)
}

// changeEndpoint handles PATCH /v1/endpoints/{id}. It wakes the lane that delivers
// to the endpoint.
func (a *API) changeEndpoint(ctx context.Context, e domain.Employee, in *changeEndpointInput) (*endpointOutput, error) {
	if in.Body.URL != nil {
		if err := checkURL(*in.Body.URL); err != nil {
			return nil, err
		}
	}
	err := a.Store.ChangeEndpoint(ctx, e.Company, in.ID, func(before domain.Endpoint, _ time.Time) (domain.Endpoint, error) {
		return in.Body.apply(before), before.Changeable()
	})
	if err != nil {
		return nil, err
	}
	a.Hint(domain.CallbackLane(in.ID))
	return a.getEndpoint(ctx, e, &endpointInput{in.ID})
}

func (c endpointChange) apply(e domain.Endpoint) domain.Endpoint {
	if c.URL != nil {
		e.URL = *c.URL
	}
	if c.Events != nil {
		e.Events = patterns(*c.Events)
	}
	if c.Batch != nil {
		e.Batch = *c.Batch
	}
	return e
}

// deleteEndpoint handles DELETE /v1/endpoints/{id}.
func (a *API) deleteEndpoint(ctx context.Context, e domain.Employee, in *endpointInput) (*struct{}, error) {
	return nil, a.Store.DeleteEndpoint(ctx, e.Company, in.ID)
}

// withSecret answers with the endpoint and its secret.
func (a *API) withSecret(ctx context.Context, e domain.Employee, id domain.EndpointID, secret domain.Secret) (*endpointOutput, error) {
	out, err := a.getEndpoint(ctx, e, &endpointInput{id})
	if err == nil {
		out.Body.Secret = string(secret)
	}
	return out, err
}

func checkURL(url string) error {
	if err := domain.CheckEndpointURL(url); err != nil {
		return invalid("invalid url", fieldError{"body.url", err.Error()})
	}
	return nil
}

func patterns(list []eventPattern) []string {
	texts := make([]string, len(list))
	for i, p := range list {
		texts[i] = string(p)
	}
	return texts
}
