package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A replay in an answer.
type replay struct {
	ID        domain.ReplayID   `json:"replay_id"`
	Endpoint  domain.EndpointID `json:"endpoint_id"`
	Since     moment            `json:"since" doc:"Null: from the oldest event that is still there."`
	Until     moment            `json:"until" doc:"Null: until the replay was asked for."`
	Types     []eventType       `json:"types" nullable:"false" doc:"Empty: all that the endpoint wants."`
	Chat      *domain.ChatID    `json:"chat_id" doc:"Null: all chats."`
	State     replayState       `json:"state" doc:"A running replay may wait: for new events of a chat, or until its endpoint works."`
	Count     *int64            `json:"count" doc:"The number of events to send; null if there are too many to count at once."`
	Delivered int64             `json:"delivered"`
	Failed    int64             `json:"failed" doc:"The number of events that were given up: the endpoint refused them and took others."`
	LastError string            `json:"last_error" doc:"Why the last failed attempt failed; empty if none did."`
	CreatedAt instant           `json:"created_at"`
	EndedAt   moment            `json:"ended_at" doc:"Null while it runs."`
}

func showReplay(r domain.Replay) replay {
	shown := replay{
		ID: r.ID, Endpoint: r.Endpoint, Since: momentOf(r.Since), Until: momentOf(r.Until), Types: []eventType{}, Chat: orNull(r.Chat),
		State: replayState(r.State), Delivered: r.Delivered, Failed: r.Failed, LastError: r.LastError,
		CreatedAt: instantOf(r.Created), EndedAt: momentOf(r.Ended),
	}
	for _, t := range r.Types {
		shown.Types = append(shown.Types, eventType(t))
	}
	if r.Count >= 0 {
		shown.Count = &r.Count
	}
	return shown
}

type (
	startReplayInput struct {
		ID   domain.EndpointID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
		Body startReplay
	}
	startReplay struct {
		_     struct{}      `additionalProperties:"false"`
		Since time.Time     `json:"since,omitempty" doc:"Events of this time and later; absent: from the oldest that is still there."`
		Until time.Time     `json:"until,omitempty" doc:"Events of this time and earlier; absent: until now."`
		Types []eventType   `json:"types,omitempty" doc:"Only these types, of those that the endpoint gets."`
		Chat  domain.ChatID `json:"chat_id,omitempty" maxLength:"64" pattern:"^[!-~]*$" doc:"Only the events of this chat."`
	}
	replayInput struct {
		ID     domain.EndpointID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
		Replay domain.ReplayID   `path:"replay_id" maxLength:"64" pattern:"^[!-~]+$"`
	}
	replayOutput struct {
		Status int
		Body   replay
	}
	replaysOutput struct {
		Body struct {
			Data []replay `json:"data" nullable:"false"`
		}
	}
)

func (a *API) registerReplays(h huma.API) {
	const list, one = "/v1/endpoints/{id}/replays", "/v1/endpoints/{id}/replays/{replay_id}"
	register(a, h, huma.Operation{
		OperationID: "start-replay", Method: http.MethodPost, Path: "/v1/endpoints/{id}/replay", DefaultStatus: http.StatusAccepted,
		Summary: "Replay past events to an endpoint",
		Description: "The events have the same ids and go in the order of their chats, after what is new. " +
			"While a replay runs, the same request returns it (200), and another one is refused (409).",
		Errors: append([]int{http.StatusNotFound, http.StatusConflict}, bodyErrors...),
	}, requireRight(domain.ManageSettings, a.startReplay))
	responses := h.OpenAPI().Paths["/v1/endpoints/{id}/replay"].Post.Responses
	responses["200"] = &huma.Response{Description: "The replay with the same selection that runs", Content: responses["202"].Content}
	register(a, h, huma.Operation{
		OperationID: "list-replays", Method: http.MethodGet, Path: list,
		Summary: "List the last replays of an endpoint, the newest first", Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ManageSettings, a.listReplays))
	register(a, h, huma.Operation{
		OperationID: "get-replay", Method: http.MethodGet, Path: one,
		Summary: "Get the progress of a replay", Errors: []int{http.StatusNotFound},
	}, requireRight(domain.ManageSettings, a.getReplay))
	register(a, h, huma.Operation{
		OperationID: "stop-replay", Method: http.MethodDelete, Path: one,
		Summary: "Stop a replay (idempotent)", Errors: []int{http.StatusNotFound}, DefaultStatus: http.StatusOK,
	}, requireRight(domain.ManageSettings, a.stopReplay))
}

// startReplay handles POST /v1/endpoints/{id}/replay.
func (a *API) startReplay(ctx context.Context, e domain.Employee, in *startReplayInput) (*replayOutput, error) {
	q := domain.ReplayQuery{Since: toMillis(in.Body.Since), Until: toMillis(in.Body.Until), Chat: in.Body.Chat}
	if !q.Until.IsZero() && q.Until.Before(q.Since) {
		return nil, invalid("invalid time range", fieldError{"body.until", "expected a time after since"})
	}
	for _, t := range in.Body.Types {
		q.Types = append(q.Types, domain.EventType(t))
	}
	r, started, err := a.Store.StartReplay(ctx, e.Company, in.ID, q)
	if err != nil {
		return nil, err
	}
	a.Hint(domain.ReplayLane(in.ID))
	if !started {
		return &replayOutput{http.StatusOK, showReplay(r)}, nil
	}
	return &replayOutput{http.StatusAccepted, showReplay(r)}, nil
}

// toMillis is a time as it is stored and shown.
func toMillis(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Millisecond)
}

// listReplays handles GET /v1/endpoints/{id}/replays.
func (a *API) listReplays(ctx context.Context, e domain.Employee, in *endpointInput) (*replaysOutput, error) {
	list, err := a.Store.Replays(ctx, e.Company, in.ID)
	if err != nil {
		return nil, err
	}
	out := &replaysOutput{}
	out.Body.Data = []replay{}
	for _, r := range list {
		out.Body.Data = append(out.Body.Data, showReplay(r))
	}
	return out, nil
}

// getReplay handles GET /v1/endpoints/{id}/replays/{replay_id}.
func (a *API) getReplay(ctx context.Context, e domain.Employee, in *replayInput) (*replayOutput, error) {
	r, err := a.Store.Replay(ctx, e.Company, in.ID, in.Replay)
	return &replayOutput{http.StatusOK, showReplay(r)}, err
}

// stopReplay handles DELETE /v1/endpoints/{id}/replays/{replay_id}.
func (a *API) stopReplay(ctx context.Context, e domain.Employee, in *replayInput) (*replayOutput, error) {
	r, err := a.Store.StopReplay(ctx, e.Company, in.ID, in.Replay)
	return &replayOutput{http.StatusOK, showReplay(r)}, err
}
