package waba

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// handovers is the field of changes that say who answers a client from now on: the
// company, or an agent of Meta.
const handovers = "messaging_handovers"

// A handover is the value of such a change. It has no metadata: the number is the
// recipient.
type handover struct {
	Type      string
	Timestamp stamp
	Recipient metadata
	Sender    struct {
		Phone  wire.Text `json:"phone_number"`
		WaID   wire.Text `json:"wa_id"`
		UserID wire.Text `json:"user_id"`
	}
	Passed owners `json:"control_passed"`
	Taken  owners `json:"control_taken"`
}

type owners struct {
	Previous    string `json:"previous_owner_role"`
	PreviousApp string `json:"previous_owner_app_role"` // older
	Now         string `json:"new_owner_role"`
}

// words says who answered and who answers.
func (o owners) words() string {
	return strings.Trim(firstOf(o.Previous, o.PreviousApp)+" → "+o.Now, " →")
}

// handover reads a change of who answers: a system message of the chat.
func (p *parsed) handover(raw []byte, value json.RawMessage) {
	var h handover
	err := wire.Decode(value, &h)
	var arrived domain.MessageArrived
	if err == nil {
		arrived, err = h.notice()
	}
	account, noAccount := h.Recipient.account()
	if err == nil {
		err = noAccount
	}
	if err != nil {
		p.bad(account, p.wrapChange(raw), fmt.Errorf("%s: %w", handovers, err))
		return
	}
	change, entry := slices.Clone(raw), p.entered
	p.Updates = append(p.Updates, domain.Update{
		Account: account, Business: p.business, Number: h.Recipient.number(), Fact: arrived, At: h.Timestamp.Time,
		Item: func() []byte { return entry.wrapChange(change) },
	})
}

// notice makes a system message. Meta gives it no id: what happened, to which chat
// and when is one.
func (h handover) notice() (domain.MessageArrived, error) {
	peers := peersOf([]string{string(h.Sender.WaID), string(h.Sender.Phone), string(h.Sender.UserID)}, nil)
	if len(peers) == 0 {
		return domain.MessageArrived{}, errNoPeer
	}
	happened := firstOf(h.Type, handovers)
	id, err := providerID("type", fmt.Sprintf("%s/%s/%d", happened, peers[0], h.Timestamp.Unix()))
	arrived := domain.MessageArrived{
		Peer: peers[0], Direction: domain.Inbound, ProviderID: id, Type: domain.TypeSystem,
		Text: wire.Clean(wire.Lines(happened, firstOf(h.Passed.words(), h.Taken.words()))),
	}
	if len(peers) > 1 {
		arrived.AlsoKnown = peers[1:]
	}
	return arrived, err
}
