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
}

func (v value) status(s status) (piece, error) {
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
	if reached == domain.Failed {
		fact.Failure = noReason()
		if len(s.Errors) > 0 {
			fact.Failure, _ = s.Errors[0].failure(0, asIs)
		}
	}
	return piece{fact: fact, at: s.Timestamp.Time}, nil
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
