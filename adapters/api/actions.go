package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"recado/domain"
)

type (
	reactInput struct {
		ID   domain.MessageID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
		Body struct {
			_     struct{} `additionalProperties:"false"`
			Emoji string   `json:"emoji" maxLength:"16" pattern:"^[^\\x00]*$" doc:"Empty: takes the reaction back."`
		}
	}
	editInput struct {
		ID   domain.MessageID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
		Body struct {
			_    struct{} `additionalProperties:"false"`
			Text string   `json:"text" minLength:"1" maxLength:"4096" pattern:"^[^\\x00]*$"`
		}
	}
)

func (a *API) registerActions(h huma.API) {
	const path, what = "/v1/messages/{id}", "Answers with the action, a message of its own that is not listed in the chat. What became of it is an event of the message, or message.failed."
	errs := []int{http.StatusNotFound, http.StatusConflict}
	register(a, h, huma.Operation{
		OperationID: "react", Method: http.MethodPost, Path: path + "/reaction", Summary: "React to a message", Description: what,
		DefaultStatus: http.StatusAccepted, Errors: append(errs, bodyErrors...),
	}, a.react)
	register(a, h, huma.Operation{
		OperationID: "edit-message", Method: http.MethodPatch, Path: path, Summary: "Edit a message of the company", Description: what,
		DefaultStatus: http.StatusAccepted, Errors: append(errs, bodyErrors...),
	}, a.editMessage)
	register(a, h, huma.Operation{
		OperationID: "delete-message", Method: http.MethodDelete, Path: path, Summary: "Delete a message of the company, for the client too",
		Description: what, DefaultStatus: http.StatusAccepted, Errors: errs,
	}, a.deleteMessage)
}

// react handles POST /v1/messages/{id}/reaction.
func (a *API) react(ctx context.Context, e domain.Employee, in *reactInput) (*messageOutput, error) {
	return a.act(ctx, e, domain.ActionRequested{Target: in.ID, Type: domain.TypeReaction, Text: in.Body.Emoji})
}

// editMessage handles PATCH /v1/messages/{id}.
func (a *API) editMessage(ctx context.Context, e domain.Employee, in *editInput) (*messageOutput, error) {
	return a.act(ctx, e, domain.ActionRequested{Target: in.ID, Type: domain.TypeEdit, Text: in.Body.Text})
}

// deleteMessage handles DELETE /v1/messages/{id}.
func (a *API) deleteMessage(ctx context.Context, e domain.Employee, in *messageInput) (*messageOutput, error) {
	return a.act(ctx, e, domain.ActionRequested{Target: in.ID, Type: domain.TypeDelete})
}

// act answers 202 with the action, which is failed already if a gate refused it.
func (a *API) act(ctx context.Context, e domain.Employee, f domain.ActionRequested) (*messageOutput, error) {
	target, err := a.Store.Message(ctx, e.Company, f.Target)
	if err != nil {
		return nil, err
	}
	if err := a.checkEdit(ctx, target, f); err != nil {
		return nil, err
	}
	f.ID, f.By, f.Origin = domain.NewMessageID(a.NewID()), e.ID, e.Origin()
	r, err := a.commands.Apply(ctx, e, domain.Update{Connection: target.Connection, Fact: f})
	if err != nil {
		return nil, explainType(err, f.Type)
	}
	a.commands.FollowUp(r)
	return &messageOutput{showMessage(r.Message)}, nil
}

// checkEdit refuses a new text that the message cannot have.
func (a *API) checkEdit(ctx context.Context, target domain.Message, f domain.ActionRequested) error {
	if f.Type != domain.TypeEdit || !slices.Contains(domain.OutboundTypes, target.Type) {
		return nil
	}
	c, err := a.Store.Connection(ctx, target.Connection)
	if err != nil {
		return err
	}
	l, ok := domain.LimitOf(a.Connectors[c.Kind], target.Type)
	switch {
	case !ok || !c.Kind.Traits().CanSend(domain.TypeEdit):
		return nil
	case l.Text == 0:
		return domain.ErrNotEditable // such as a voice message where it has no caption
	}
	return excess(c.Kind, l.Check(domain.SendRequested{Text: f.Text}, nil))
}
