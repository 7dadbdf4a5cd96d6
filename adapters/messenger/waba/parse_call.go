package waba

import (
	"encoding/json"
	"fmt"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// Meta reports a call when it rings, and again, under the same id, when it is over.
type call struct {
	ID         wire.Text
	From, To   wire.Text
	FromUserID wire.Text `json:"from_user_id"`
	ToUserID   wire.Text `json:"to_user_id"`
	Event      string
	Direction  string
	Timestamp  stamp
	Duration   wire.Integer    // seconds
	Status     json.RawMessage // a word, or a list of one
}

func (v value) call(c call, alone bool) (piece, error) {
	m := message{
		From: c.From, FromUserID: c.FromUserID, To: c.To, ToUserID: c.ToUserID, Timestamp: c.Timestamp, direction: domain.Inbound,
	}
	if c.Direction == "BUSINESS_INITIATED" {
		m.direction = domain.Outbound
	}
	m.contact = v.of(m.names(), alone)
	p := piece{at: c.Timestamp.Time, contact: m.contact}
	id, err := providerID("id", string(c.ID))
	if err != nil {
		return p, err
	}
	peers, err := m.peers()
	if err != nil {
		return p, err
	}
	text, about := c.show()
	if about == nil {
		return p, nil
	}
	arrived := domain.MessageArrived{
		Peer: peers[0], Contact: m.contact.known(peers[0]), Direction: m.direction, ProviderID: id, Type: domain.TypeCall, Text: text,
		Content: &domain.Content{Call: about},
	}
	if len(peers) > 1 {
		arrived.AlsoKnown = peers[1:]
	}
	p.fact = arrived
	return p, nil
}

// show returns what is shown of the call, text and details; nil: nothing that is shown.
func (c call) show() (string, *domain.Call) {
	switch {
	case c.Event == "connect":
		return "call", &domain.Call{}
	case c.Event != "terminate":
		return "", nil
	case c.Duration <= 0:
		return "call: missed", &domain.Call{Missed: true}
	}
	return fmt.Sprintf("call: %d s", c.Duration), &domain.Call{Seconds: int64(c.Duration)}
}
