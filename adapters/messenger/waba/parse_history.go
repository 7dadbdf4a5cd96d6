package waba

import (
	"encoding/json"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A chunk is a part of what was written before the account was connected, by
// chats. Its messages are of type M: read, or not yet.
type chunk[M any] struct {
	Threads []struct {
		ID       wire.Text // the client's phone number
		Messages []M
	}
}

// pastStatuses lists how far a message of the history came. Of others it is known
// only that they were sent.
var pastStatuses = map[string]domain.DeliveryStatus{
	"DELIVERED": domain.Delivered, "READ": domain.Read, "PLAYED": domain.Read, "ERROR": domain.Failed,
}

// past reads a message of a thread. The account wrote what its client did not.
// Reactions to messages of then and changes of them are left out.
func (v value) past(thread string, m message) (piece, error) {
	direction := domain.Inbound
	switch string(m.From) {
	case "":
		m.From = wire.Text(thread)
	case thread:
	default:
		direction, m.To = domain.Outbound, wire.Text(thread)
	}
	p, err := v.message(m, direction, false)
	if arrived, ok := p.fact.(domain.MessageArrived); ok {
		arrived.Origin = domain.OriginHistory
		if direction == domain.Outbound {
			arrived.Status = pastStatuses[m.Past.Status]
		}
		p.fact = arrived
	} else {
		p.fact = nil
	}
	return p, err
}

// pastAlone reads a chunk of one message; see singly.
func (v value) pastAlone(c chunk[json.RawMessage]) (piece, error) {
	if len(c.Threads) == 0 || len(c.Threads[0].Messages) == 0 {
		return piece{}, nil // it was no chunk, or an empty one
	}
	thread := c.Threads[0]
	var m message
	err := wire.Decode(thread.Messages[0], &m)
	m.raw = thread.Messages[0]
	p, unread := v.past(string(thread.ID), m)
	if err == nil {
		err = unread
	}
	return p, err
}

// singly takes chunks apart into chunks of one message each. What is no list of
// chunks stays as it is.
func singly(raw json.RawMessage) json.RawMessage {
	var chunks []chunk[json.RawMessage]
	if len(raw) == 0 || json.Unmarshal(raw, &chunks) != nil {
		return raw
	}
	type thread struct {
		ID       wire.Text         `json:"id"`
		Messages []json.RawMessage `json:"messages"`
	}
	type one struct {
		Threads []thread `json:"threads"`
	}
	apart := []one{}
	for _, c := range chunks {
		for _, t := range c.Threads {
			for _, m := range t.Messages {
				apart = append(apart, one{[]thread{{t.ID, []json.RawMessage{m}}}})
			}
		}
	}
	list, _ := json.Marshal(apart) // of what was JSON
	return list
}
