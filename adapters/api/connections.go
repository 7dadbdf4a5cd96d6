package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A connection in an answer.
type connection struct {
	ID      domain.ConnectionID `json:"id"`
	Kind    kind                `json:"kind"`
	Account string              `json:"account" doc:"The messenger's id of the connected account; empty if the hook serves only one."`
	Status  connectionStatus    `json:"status" doc:"Suspended: the messenger rejects what we send; fix the cause, then resume. Messages still come in."`
	Failure *failure            `json:"failure" doc:"Why the connection is suspended or disconnected; null otherwise."`
	Signals []signal            `json:"signals" nullable:"false" doc:"What the messenger last said of the account, the newest first."`
}

type signal struct {
	At      instant `json:"at"`
	Kind    string  `json:"kind"`
	Level   string  `json:"level" enum:"info,warning,critical"`
	Title   string  `json:"title"`
	Details string  `json:"details"`
}

// showConnection shows a connection with those of the signals that are its own.
func showConnection(c domain.Connection, signals []domain.RecordedSignal) connection {
	shown := connection{ID: c.ID, Kind: kind(c.Kind), Account: c.Account, Status: connectionStatus(c.Status), Signals: []signal{}}
	if c.Cause != nil {
		shown.Failure = &failure{PublicFailure: c.Cause.Public()}
	}
	for _, s := range signals {
		if s.Connection == c.ID {
			shown.Signals = append(shown.Signals, signal{instantOf(s.At), string(s.Kind), string(s.Level), s.Title, s.Details})
		}
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
		Summary: "List connections and whether they can send",
	}, requireRight(domain.ReadChats, a.listConnections))
	register(a, h, huma.Operation{
		OperationID: "resume-connection", Method: http.MethodPost, Path: "/v1/connections/{id}/resume",
		Summary: "Resume sending over a suspended connection (idempotent)", Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ManageSettings, a.resumeConnection))
}

// listConnections handles GET /v1/connections.
func (a *API) listConnections(ctx context.Context, e domain.Employee, _ *struct{}) (*connectionsOutput, error) {
	list, err := a.Store.Connections(ctx, e.Company)
	if err != nil {
		return nil, err
	}
	signals, err := a.Store.Signals(ctx, e.Company)
	if err != nil {
		return nil, err
	}
	out := &connectionsOutput{}
	out.Body.Data = []connection{}
	for _, c := range list {
		if c.Ended {
			continue
		}
		out.Body.Data = append(out.Body.Data, showConnection(c, signals))
	}
	return out, nil
}

// resumeConnection handles POST /v1/connections/{id}/resume. It wakes the lane
// that sends over the connection.
func (a *API) resumeConnection(ctx context.Context, e domain.Employee, in *connectionInput) (*connectionOutput, error) {
	c, err := a.Store.Resume(ctx, e.Company, in.ID)
	if err != nil {
		return nil, err
	}
	if c.Ended {
		return nil, domain.ErrNotFound
	}
	a.Hint(domain.SendLane(c.ID))
	signals, err := a.Store.Signals(ctx, e.Company)
	if err != nil {
		return nil, err
	}
	return &connectionOutput{showConnection(c, signals)}, nil
}
