package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

// A noReply is the body of no-reply-needed.
type noReply struct {
	_          struct{} `additionalProperties:"false"`
	ThroughSeq int64    `json:"through_seq" minimum:"0" maximum:"9007199254740991" doc:"The inbound_seq that the employee saw; later messages stay unanswered."`
}

type noReplyInput struct {
	ID   domain.ChatID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
	Body noReply
}

func (a *API) registerCommands(h huma.API) {
	register(a, h, huma.Operation{
		OperationID: "block-chat", Method: http.MethodPost, Path: "/v1/chats/{id}/block",
		Summary: "Add a chat to the blacklist (idempotent)", Errors: []int{http.StatusPaymentRequired, http.StatusNotFound},
	}, a.blockChat)
	register(a, h, huma.Operation{
		OperationID: "unblock-chat", Method: http.MethodPost, Path: "/v1/chats/{id}/unblock",
		Summary: "Remove a chat from the blacklist (idempotent)", Errors: []int{http.StatusPaymentRequired, http.StatusNotFound},
	}, a.unblockChat)
	register(a, h, huma.Operation{
		OperationID: "no-reply-needed", Method: http.MethodPost, Path: "/v1/chats/{id}/no-reply-needed",
		Summary: "Mark incoming messages as needing no reply (idempotent)", Errors: append([]int{http.StatusNotFound}, bodyErrors...),
	}, a.noReplyNeeded)
}

// blockChat handles POST /v1/chats/{id}/block.
func (a *API) blockChat(ctx context.Context, e domain.Employee, in *chatInput) (*chatOutput, error) {
	return a.changeChat(ctx, e, domain.BlockRequested{Chat: in.ID, By: e.ID, Block: true})
}

// unblockChat handles POST /v1/chats/{id}/unblock.
func (a *API) unblockChat(ctx context.Context, e domain.Employee, in *chatInput) (*chatOutput, error) {
	return a.changeChat(ctx, e, domain.BlockRequested{Chat: in.ID, By: e.ID})
}

// noReplyNeeded handles POST /v1/chats/{id}/no-reply-needed. It clears the
// unanswered counter up to through_seq.
func (a *API) noReplyNeeded(ctx context.Context, e domain.Employee, in *noReplyInput) (*chatOutput, error) {
	return a.changeChat(ctx, e, domain.NoReplyNeeded{Chat: in.ID, ThroughSeq: in.Body.ThroughSeq})
}

// changeChat applies a command to a chat and returns the changed chat.
func (a *API) changeChat(ctx context.Context, e domain.Employee, f domain.Fact) (*chatOutput, error) {
	r, err := a.commands.Apply(ctx, e, domain.Update{Fact: f})
	if err != nil {
		return nil, err
	}
	return a.chatOutput(ctx, e, r.Chat)
}
