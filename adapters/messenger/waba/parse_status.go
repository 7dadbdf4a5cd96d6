package waba

import (
	"encoding/json"
	"errors"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// statuses are those that move a message; others are ignored.
var statuses = map[string]domain.DeliveryStatus{
	"sent":      domain.Sent,
	"delivered": domain.Delivered,
	"read":      domain.Read,
	"played":    domain.Read,
	"failed":    domain.Failed,
}

// A status says how far a message came.
type status struct {
	ID        wire.Text
	Status    wire.Text
	Type      wire.Text // of what it is a status; empty: of a message
	Timestamp stamp
	Opaque    string `json:"biz_opaque_callback_data"` // what we sent along
	Pricing   json.RawMessage
	Errors    []apiError

	RecipientID     wire.Text `json:"recipient_id"`
	RecipientUserID wire.Text `json:"recipient_user_id"`
	RecipientParent wire.Text `json:"recipient_parent_user_id"`
	RecipientType   string    `json:"recipient_type"`

	// Who of a group it is about.
	Participant   wire.Text `json:"recipient_participant_id"`
	ParticipantID wire.Text `json:"recipient_participant_user_id"`
}

// peers lists the names of who got the message, if there are several: one alone is
// known already. In a group they would be those of a member.
func (s status) peers(c *contact) []domain.PeerID {
	if s.RecipientType == "group" {
		return nil
	}
	peers := peersOf(s.names(), c)
	if len(peers) < 2 {
		return nil
	}
	return peers
}

func (s status) names() []string {
	return []string{string(s.RecipientID), string(s.RecipientUserID), string(s.RecipientParent)}
}

func (v value) status(s status, alone bool) (piece, error) {
	reached, known := statuses[string(s.Status)]
	switch {
	case s.Status == "":
		return piece{}, errors.New("it has no status")
	case !known, s.Type != "" && s.Type != "message":
		return piece{}, nil
	}
	id, err := providerID("id", string(s.ID))
	if err != nil {
		return piece{}, err
	}
	fact := domain.StatusReported{ProviderID: id, Message: ownID(s.Opaque), Status: reached}
	fact.Pricing, fact.Price = v.charges.read(s.Pricing, s.Timestamp.Time)
	fact.Participant = domain.PeerID(firstOf(string(s.Participant), string(s.ParticipantID)))
	if reached == domain.Failed {
		fact.Failure = noReason()
		if len(s.Errors) > 0 {
			fact.Failure, _ = s.Errors[0].failure(0, asIs)
		}
	}
	p := piece{at: s.Timestamp.Time, contact: v.of(s.names(), alone)}
	fact.Peers = s.peers(p.contact)
	p.fact = fact
	return p, nil
}

// ownID returns what was sent along if it is an id that we give to messages:
// another program may send through the same number.
func ownID(opaque string) domain.MessageID {
	name, ok := strings.CutPrefix(opaque, "msg_")
	if !ok || len(name) > 64 || strings.Trim(name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-") != "" {
		return ""
	}
	return domain.MessageID(opaque)
}
