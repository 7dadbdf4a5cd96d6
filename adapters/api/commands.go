package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A noReply is the body of no-reply-needed.
type noReply struct {
	_          struct{} `additionalProperties:"false"`
	ThroughSeq int64    `json:"through_seq" minimum:"0" maximum:"9007199254740991" doc:"inbound_seq of the chat as the screen showed it: what came later stays unanswered."`
}

type noReplyInput struct {
	ID   domain.ChatID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
	Body noReply
}

func (a *API) registerCommands(h huma.API) {
	refused := []int{http.StatusNotFound}
	register(a, h, huma.Operation{
		OperationID: "block-chat", Method: http.MethodPost, Path: "/v1/chats/{id}/block",
		Summary: "Put a chat on the blacklist; once more changes nothing", Errors: append([]int{http.StatusPaymentRequired}, refused...),
	}, a.blockChat)
	register(a, h, huma.Operation{
		OperationID: "unblock-chat", Method: http.MethodPost, Path: "/v1/chats/{id}/unblock",
		Summary: "Take a chat off the blacklist; once more changes nothing", Errors: append([]int{http.StatusPaymentRequired}, refused...),
	}, a.unblockChat)
	register(a, h, huma.Operation{
		OperationID: "no-reply-needed", Method: http.MethodPost, Path: "/v1/chats/{id}/no-reply-needed",
		Summary: "Answer incoming messages without a word", Errors: slices.Concat(refused, withBody),
	}, a.noReplyNeeded)
}

func (a *API) blockChat(ctx context.Context, e domain.Employee, in *chatInput) (*chatOutput, error) {
	return a.changeChat(ctx, e, domain.BlockRequested{Chat: in.ID, By: e.ID, Block: true})
}

func (a *API) unblockChat(ctx context.Context, e domain.Employee, in *chatInput) (*chatOutput, error) {
	return a.changeChat(ctx, e, domain.BlockRequested{Chat: in.ID, By: e.ID})
}

func (a *API) noReplyNeeded(ctx context.Context, e domain.Employee, in *noReplyInput) (*chatOutput, error) {
	return a.changeChat(ctx, e, domain.NoReplyNeeded{Chat: in.ID, ThroughSeq: in.Body.ThroughSeq})
}

// changeChat answers a command with the chat as it is then.
func (a *API) changeChat(ctx context.Context, e domain.Employee, f domain.Fact) (*chatOutput, error) {
	r, err := a.apply(ctx, e, domain.Update{Fact: f})
	if err != nil {
		return nil, err
	}
	return a.chatOutput(ctx, e, r.Chat)
}

// apply carries out a command within the employee's company. A refusal is the
// error.
func (a *API) apply(ctx context.Context, e domain.Employee, u domain.Update) (domain.Result, error) {
	u.Company, u.Rights, u.Received = e.Company, e.Granted(), a.Now()
	receipt, err := a.Store.Apply(ctx, domain.Batch{Updates: []domain.Update{u}})
	if err != nil {
		return domain.Result{}, err
	}
	for _, endpoint := range receipt.Endpoints {
		a.Hint(domain.CallbackLane(endpoint))
	}
	result := receipt.Results[0]
	return result, result.Err
}
