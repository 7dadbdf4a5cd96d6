package waha

import (
	"context"
	"net/http"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// act changes a message of the chat once. Done twice it changes no more than done once.
func (s *sending) act(ctx context.Context) domain.SendResult {
	message := s.messagePath(s.to, s.target())
	switch {
	case s.m.Type == domain.TypeReaction:
		return s.done(s.do(ctx, http.MethodPut, "/api/reaction", map[string]string{
			"session": s.session, "messageId": s.target(), "reaction": s.m.Text,
		}))
	case s.m.Type == domain.TypeDelete:
		return s.done(s.do(ctx, http.MethodDelete, message, nil))
	}
	return s.done(s.do(ctx, http.MethodPut, message, map[string]string{"text": s.m.Text})) // of a file: its caption
}

// target is WAHA's name of the message on which the action acts.
func (s *sending) target() string { return s.nameOf(s.m.Target, s.m.TargetBy) }

// done is the result of an action.
func (s *sending) done(reply wire.Reply, failed *domain.SendResult) domain.SendResult {
	switch {
	case failed != nil:
		return *failed
	case reply.Status/100 == 2 && reply.Cut == nil:
		return domain.SendResult{Fate: domain.FateAccepted}
	}
	result, own := s.failed(reply)
	if own && isOfMessage(reply, result.Failure.Cause.Title) {
		result.Failure.Reason = domain.ReasonInvalid
	}
	return result
}
