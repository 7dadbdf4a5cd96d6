package waba

import (
	"encoding/json"
	"sync"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// object is what Meta calls the webhooks that are for us.
const object = "whatsapp_business_account"

// chatFields lists the fields of changes that change a chat.
var chatFields = map[string]bool{
	"messages":           true,
	"smb_message_echoes": true, // what the company wrote on its own phone
	"calls":              true,
	"user_id_update":     true,
	"history":            true, // what was written before the account was connected
	"standby":            true, // what an agent of Meta answers
	"smb_app_state_sync": true, // the address book of the company's phone

	"group_lifecycle_update":    true,
	"group_settings_update":     true,
	"group_participants_update": true,
	"group_participant_update":  true, // so it stands in Meta's schema
	"group_status_update":       true,
}

// origins tells the origin of the messages of a field; empty: they are written
// now, to the company.
var origins = map[string]domain.Origin{"standby": domain.OriginStandby}

// Parse reads a webhook: entries of changes of messages, statuses and echoes.
// Nearly all are sound from end to end and are read in one pass; one in which
// something is odd is read part by part, so that what is sound is not lost.
func (c *Connector) Parse(body []byte) domain.Parsed {
	if p, sound := c.parseAtOnce(body); sound {
		return p
	}
	return c.parsePiecewise(body)
}

// A piece is what one element of a list reports. Without a fact it changes no chat.
type piece struct {
	fact    domain.Fact
	at      time.Time
	contact *contact // that it needs to be read again, or nil
	number  string   // see domain.Update
}

// parseAtOnce reads a webhook in one pass. It returns false if a part is odd.
func (c *Connector) parseAtOnce(body []byte) (p domain.Parsed, sound bool) {
	var hook struct {
		Object string
		Entry  []struct {
			ID      wire.Text // of the WhatsApp Business Account
			Changes []struct {
				Field string
				Value lists
			}
		}
	}
	if json.Unmarshal(body, &hook) != nil || hook.Object != object {
		return p, false
	}
	parts := sync.OnceValue(func() domain.Parsed { return c.parsePiecewise(body) })
	take := func(business, account string, piece piece) {
		n := len(p.Updates) // what is parsed part by part has the same order
		p.Updates = append(p.Updates, domain.Update{
			Account: account, Business: business, Number: piece.number, Fact: piece.fact, At: piece.at, Item: func() []byte { return parts().Updates[n].Item() },
		})
	}
	for _, entry := range hook.Entry {
		for _, change := range entry.Changes {
			if signals[change.Field] != nil || change.Field == handovers {
				return p, false // rare, and read from the raw value
			}
			if !chatFields[change.Field] && change.Field != "" {
				p.Ignored++
				continue
			}
			account, pieces, err := change.Value.read(change.Field, c.charges)
			if err != nil || change.Field == "" {
				return p, false
			}
			if len(pieces) == 0 || len(change.Value.Errors) > 0 {
				p.Ignored++
			}
			for _, piece := range pieces {
				if piece.fact == nil {
					p.Ignored++
				} else {
					piece.number = change.Value.Metadata.number()
					take(string(entry.ID), account, piece)
				}
			}
		}
	}
	return p, true
}

// lists is the body of a change.
type lists struct {
	Metadata metadata
	Contacts []contact
	Messages []message
	Echoes   []message `json:"message_echoes"`
	Statuses []status
	Calls    []call
	Renamed  []renaming `json:"user_id_update"`
	History  []chunk[message]
	Standby  []message
	Book     []listing `json:"state_sync"`
	Groups   []group
	Errors   json.RawMessage // of the account, not of a message
}

// read reads the lists in their order.
func (l lists) read(field string, charges Charges) (account string, pieces []piece, err error) {
	v := value{charges: charges, contacts: l.Contacts, origin: origins[field]}
	if v.account, err = l.Metadata.account(); err != nil {
		return "", nil, err
	}
	keep := func(p piece, failed error) {
		pieces = append(pieces, p)
		if failed != nil {
			err = failed
		}
	}
	for _, m := range l.Messages {
		keep(v.message(m, domain.Inbound, len(l.Messages) == 1))
	}
	for _, m := range l.Echoes {
		keep(v.message(m, domain.Outbound, len(l.Echoes) == 1))
	}
	for _, s := range l.Statuses {
		keep(v.status(s, len(l.Statuses) == 1))
	}
	for _, c := range l.Calls {
		keep(v.call(c, len(l.Calls) == 1))
	}
	for _, r := range l.Renamed {
		keep(r.piece())
	}
	for _, c := range l.History {
		for _, t := range c.Threads {
			for _, m := range t.Messages {
				keep(v.past(string(t.ID), m))
			}
		}
	}
	for _, m := range l.Standby {
		keep(v.message(m, domain.Inbound, len(l.Standby) == 1))
	}
	for _, b := range l.Book {
		keep(b.piece())
	}
	for _, g := range l.Groups {
		keep(g.notice())
	}
	return v.account, pieces, err
}
