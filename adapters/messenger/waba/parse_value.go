package waba

import (
	"encoding/json"
	"slices"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A value is what the lists of a change have in common.
type value struct {
	account  string // the phone number that it came to
	charges  Charges
	contacts []contact
	origin   domain.Origin // of its messages
}

type metadata struct {
	PhoneNumberID wire.Text `json:"phone_number_id"`
	Display       wire.Text `json:"display_phone_number"`
}

// number is the digits of the phone number.
func (m metadata) number() string { return digits(string(m.Display)) }

func digits(phone string) string {
	if isPhone(phone) {
		return phone // as nearly all are
	}
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
}

func (m metadata) account() (string, error) {
	id, err := providerID("phone_number_id", string(m.PhoneNumberID))
	return string(id), err
}

// A contact is what Meta says about a person beside the messages.
type contact struct {
	raw     json.RawMessage // read part by part only
	Profile struct{ Name, Username string }
	WaID    wire.Text `json:"wa_id"`
	UserID  wire.Text `json:"user_id"`
	Parent  wire.Text `json:"parent_user_id"`
}

// of finds the contact of who has one of the names; nil: there is none. Where
// there is one contact and no doubt whose it is, the names need not agree: a
// wa_id is not always the phone number.
func (v value) of(names []string, alone bool) *contact {
	for i, c := range v.contacts {
		if slices.Contains(names, string(c.WaID)) || slices.Contains(names, string(c.UserID)) {
			return &v.contacts[i]
		}
	}
	if len(v.contacts) == 1 && (alone || len(names) == 0) {
		return &v.contacts[0]
	}
	return nil
}

// appendNames adds the names of the contact.
func (c *contact) appendNames(names []string) []string {
	if c == nil {
		return names
	}
	return append(names, string(c.WaID), string(c.UserID), string(c.Parent))
}

// known is what the contact says about the peer.
func (c *contact) known(peer domain.PeerID) domain.Contact {
	if c == nil {
		return domain.Contact{}
	}
	known := domain.Contact{Name: wire.Clean(c.Profile.Name), Username: wire.Clean(strings.TrimPrefix(c.Profile.Username, "@"))}
	switch {
	case isPhone(string(peer)):
		known.Phone = string(peer)
	case isPhone(string(c.WaID)):
		known.Phone = string(c.WaID)
	}
	return known
}
