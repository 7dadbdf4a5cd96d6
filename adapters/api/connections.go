package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A connection as it is shown.
type connection struct {
	ID      domain.ConnectionID `json:"id"`
	Kind    kind                `json:"kind"`
	Account string              `json:"account" doc:"The messenger's name of it within its hook; empty: it needs none."`
	Status  connectionStatus    `json:"status" doc:"Suspended: the messenger takes nothing from us; mend it, then resume. What comes in goes on."`
	Failure *failure            `json:"failure" doc:"Why it is suspended; else null."`
}

func showConnection(c domain.Connection) connection {
	shown := connection{ID: c.ID, Kind: kind(c.Kind), Account: c.Account, Status: connectionStatus(c.Status)}
	if c.Cause != nil {
		shown.Failure = &failure{PublicFailure: c.Cause.Public()}
	}
	return shown
}

type (
	connectionsOutput struct {
		Body struct {
			Data []connection `json:"data" nullable:"false"`
		}
	}
	connectionInput struct {
		ID domain.ConnectionID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
	}
	connectionOutput struct{ Body connection }
)

func (a *API) registerConnections(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "list-connections", Method: http.MethodGet, Path: "/v1/connections",
		Summary: "Connections, and whether messages go out over them",
	}, holding(domain.ReadChats, a.listConnections))
	register(a, h, huma.Operation{
		OperationID: "resume-connection", Method: http.MethodPost, Path: "/v1/connections/{id}/resume",
		Summary: "Send over a suspended connection again; once more changes nothing", Errors: []int{http.StatusNotFound},
	}, holding(domain.ManageSettings, a.resumeConnection))
}

func (a *API) listConnections(ctx context.Context, e domain.Employee, _ *struct{}) (*connectionsOutput, error) {
	list, err := a.Store.Connections(ctx, e.Company)
	if err != nil {
		return nil, err
	}
	out := &connectionsOutput{}
	out.Body.Data = []connection{}
	for _, c := range list {
		out.Body.Data = append(out.Body.Data, showConnection(c))
	}
	return out, nil
}

func (a *API) resumeConnection(ctx context.Context, e domain.Employee, in *connectionInput) (*connectionOutput, error) {
	c, err := a.Store.Resume(ctx, e.Company, in.ID)
	if err != nil {
		return nil, err
	}
	a.Hint(domain.SendLane(c.ID))
	return &connectionOutput{showConnection(c)}, nil
}
