package waba

import (
	"context"
	"errors"
	"fmt"

	"recado/domain"
)

var _ domain.Courteous = (*Connector)(nil)

// A seen message has two blue ticks. With a typing indicator the peer also sees for 25
// seconds that somebody writes.
type seen struct {
	Product string            `json:"messaging_product"`
	Status  string            `json:"status"`
	ID      domain.ProviderID `json:"message_id"`
	Typing  *typing           `json:"typing_indicator,omitempty"`
}

type typing struct {
	Type string `json:"type"`
}

// Show marks the message as read. Meta shows that somebody writes together with that only.
func (c *Connector) Show(ctx context.Context, conn domain.Connection, s domain.Courtesy) error {
	if s.Message == "" {
		return nil
	}
	body := seen{Product: "whatsapp", Status: "read", ID: s.Message}
	if s.Typing {
		body.Typing = &typing{"text"}
	}
	by := c.sender(conn, domain.Outgoing{})
	reply, err := by.post(ctx, body)
	switch {
	case err != nil:
		return errors.New(by.hide(err.Error()))
	case reply.Status/100 != 2:
		return fmt.Errorf("HTTP status %d", reply.Status)
	}
	return nil
}
