package waba

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"recado/adapters/wire"
	"recado/domain"
)

// A value is the body of a change, its lists not read yet.
type value struct {
	field    string
	account  string // the phone number that it came to
	charges  Charges
	contacts []contact

	Metadata json.RawMessage
	Contacts json.RawMessage
	Messages json.RawMessage
	Statuses json.RawMessage
	Echoes   json.RawMessage `json:"message_echoes"`
	Errors   json.RawMessage // of the account, not of a message
}

// open reads what all its lists need.
func (v *value) open(field string) error {
	var metadata struct {
		PhoneNumberID string `json:"phone_number_id"`
	}
	if len(v.Metadata) == 0 {
		return errors.New("it has no metadata")
	}
	if err := json.Unmarshal(v.Metadata, &metadata); err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	account, err := providerID("phone_number_id", metadata.PhoneNumberID)
	if err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	v.field, v.account = field, string(account)
	v.contacts = readContacts(v.Contacts)
	return nil
}

// A contact is what Meta tells of a person beside his messages.
type contact struct {
	raw     json.RawMessage
	Profile struct{ Name, Username string }
	WaID    string `json:"wa_id"`
	UserID  string `json:"user_id"`
}

// readContacts leaves out what it cannot read: a message does not need it.
func readContacts(raw json.RawMessage) []contact {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var contacts []contact
	for _, item := range list {
		c := contact{raw: item}
		if json.Unmarshal(item, &c) == nil {
			contacts = append(contacts, c)
		}
	}
	return contacts
}

// of finds the contact of who has one of the names. Where there is one contact
// and no doubt whose it is, the names need not agree: a wa_id is not always the
// phone number.
func (v value) of(names []string, alone bool) contact {
	for _, c := range v.contacts {
		for _, name := range names {
			if name == c.WaID || name == c.UserID {
				return c
			}
		}
	}
	if len(v.contacts) == 1 && (alone || len(names) == 0) {
		return v.contacts[0]
	}
	return contact{}
}

// told is what the contact tells of the peer.
func (c contact) told(peer domain.PeerID) domain.Contact {
	told := domain.Contact{Name: wire.Clean(c.Profile.Name), Username: wire.Clean(strings.TrimPrefix(c.Profile.Username, "@"))}
	switch {
	case c.raw == nil: // no contact: nothing is told
	case isPhone(string(peer)):
		told.Phone = string(peer)
	case isPhone(c.WaID):
		told.Phone = c.WaID
	}
	return told
}

// wrap makes a webhook of one list. The contact may be nil.
func (v value) wrap(list string, contact, items []byte) []byte {
	return wrapChange(fmt.Appendf(nil, `{"field":%q,"value":{"messaging_product":"whatsapp","metadata":%s,"contacts":[%s],%q:%s}}`,
		v.field, v.Metadata, contact, list, items))
}

func wrapChange(change []byte) []byte {
	return wrapEntry(fmt.Appendf(nil, `{"changes":[%s]}`, change))
}

func wrapEntry(entry []byte) []byte {
	return fmt.Appendf(nil, `{"object":%q,"entry":[%s]}`, object, entry)
}
