package waha

import (
	"errors"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// source is where the causes of failures come from.
const source = "whatsapp_business"

// An ack tells how far a message came. WAHA tells it of the client's messages too,
// when the company read them.
type ack struct {
	ID          messageID
	FromMe      bool
	Participant jid // who of a group it is about
	Ack         *wire.Integer
}

// statuses says what the numbers of acks mean; 0 is a message that waits.
var statuses = map[wire.Integer]domain.DeliveryStatus{
	-1: domain.Failed, 1: domain.Sent, 2: domain.Delivered, 3: domain.Read, 4: domain.Read, // 4: played
}

// reported: one of our messages reached a status. Acks come in any order, some
// twice, and some never. The chat in the id may have another name than the one that
// we wrote to: it is the same peer, for the id is ours.
func (a *ack) reported(*event) (piece, error) {
	id, err := a.ID.provider()
	switch {
	case err != nil:
		return piece{}, err
	case a.Ack == nil:
		return piece{}, errors.New("it has no ack")
	}
	status, known := statuses[*a.Ack]
	if !known || !a.FromMe {
		return piece{}, nil
	}
	f := domain.StatusReported{ProviderID: id, Status: status}
	if status == domain.Failed {
		f.Failure = &domain.Failure{Reason: domain.ReasonRestricted, Cause: domain.Cause{
			Source: source, Code: "ack_error", Title: "WhatsApp did not take the message from the gateway",
		}}
	}
	if a.ID.chat.isGroup() {
		for _, who := range []jid{a.Participant, a.ID.participant} {
			if f.Participant == "" {
				f.Participant = who.peer()
			}
		}
	} else {
		f.Peers = peersOf(a.ID.chat)
	}
	return piece{fact: f}, nil
}
