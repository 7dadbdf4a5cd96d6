package telegram

import (
	"context"

	"recado/domain"
)

var _ domain.Courteous = (*Connector)(nil)

// action is the body of sendChatAction.
type action struct {
	outgoing
	Action string `json:"action"`
}

// Show shows for five seconds that the bot writes. Only what was written to a business
// can be marked as read; bots have read everything.
func (c *Connector) Show(ctx context.Context, conn domain.Connection, s domain.Courtesy) error {
	to := addressed(domain.Outgoing{Peer: s.Peer, Topic: s.Topic})
	if s.Typing {
		return c.ask(ctx, conn.Settings, "sendChatAction", action{to, "typing"}, nil)
	}
	_, number := splitName(s.Message)
	if to.Business == "" || number == 0 {
		return nil
	}
	to.Message = number
	return c.ask(ctx, conn.Settings, "readBusinessMessage", to, nil)
}
