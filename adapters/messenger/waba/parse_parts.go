package waba

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// parsePiecewise reads a webhook part by part. What cannot be read goes to Bad together
// with a webhook of its own.
func (c *Connector) parsePiecewise(body []byte) domain.Parsed {
	p := parsed{charges: c.charges}
	p.envelope(body)
	return p.Parsed
}

type parsed struct {
	domain.Parsed
	charges Charges
	entered
}

// entered is the entry that is read.
type entered struct {
	business string // the WhatsApp Business Account
	at       time.Time
}

func (p *parsed) bad(account string, item []byte, err error) {
	p.Bad = append(p.Bad, domain.BadItem{Account: account, Item: item, Error: err.Error()})
}

func (p *parsed) envelope(body []byte) {
	var hook struct {
		Object string
		Entry  []json.RawMessage
	}
	err := json.Unmarshal(body, &hook)
	switch {
	case err != nil:
		p.bad("", bytes.Clone(body), fmt.Errorf("webhook: %w", err))
	case hook.Object == "":
		p.bad("", bytes.Clone(body), errors.New("webhook: it has no object"))
	case hook.Object != object:
		p.Ignored++
	default:
		for _, raw := range hook.Entry {
			p.entry(raw)
		}
	}
}

func (p *parsed) entry(raw json.RawMessage) {
	var entry struct {
		ID      wire.Text
		Time    stamp
		Changes []json.RawMessage
	}
	if err := wire.Decode(raw, &entry); err != nil {
		p.bad("", wrapEntry(raw), fmt.Errorf("entry: %w", err))
		return
	}
	p.entered = entered{string(entry.ID), entry.Time.Time}
	for _, raw := range entry.Changes {
		p.change(raw)
	}
}

func (p *parsed) change(raw json.RawMessage) {
	var change struct {
		Field string
		Value json.RawMessage
	}
	err := json.Unmarshal(raw, &change)
	if err == nil && signals[change.Field] != nil {
		p.signal(raw, change.Field, change.Value)
		return
	}
	if err == nil && change.Field == handovers {
		p.handover(raw, change.Value)
		return
	}
	if err == nil && change.Field == "" {
		err = errors.New("it has no field")
	}
	if err != nil {
		p.bad("", p.wrapChange(raw), fmt.Errorf("change: %w", err))
		return
	}
	if !chatFields[change.Field] {
		p.Ignored++
		return
	}
	r := rawLists{field: change.Field, entered: p.entered, value: value{charges: p.charges, origin: origins[change.Field]}}
	if err = json.Unmarshal(change.Value, &r); err == nil {
		err = r.open()
	}
	if err != nil {
		p.bad("", p.wrapChange(raw), fmt.Errorf("change: value: %w", err))
		return
	}
	p.lists(r)
}

// rawLists is the body of a change, its lists not read yet.
type rawLists struct {
	value
	entered
	field  string
	number string

	Metadata json.RawMessage
	Contacts json.RawMessage
	Messages json.RawMessage
	Echoes   json.RawMessage `json:"message_echoes"`
	Statuses json.RawMessage
	Calls    json.RawMessage
	Renamed  json.RawMessage `json:"user_id_update"`
	History  json.RawMessage
	Standby  json.RawMessage
	Book     json.RawMessage `json:"state_sync"`
	Groups   json.RawMessage
	Errors   json.RawMessage
}

// open reads what all its lists need.
func (r *rawLists) open() error {
	if len(r.Metadata) == 0 {
		return errors.New("it has no metadata")
	}
	var m metadata
	err := json.Unmarshal(r.Metadata, &m)
	if err == nil {
		r.account, err = m.account()
		r.number = m.number()
	}
	if err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	r.openStandby()
	r.contacts = readContacts(r.Contacts)
	return nil
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
		if wire.Decode(item, &c) == nil {
			contacts = append(contacts, c)
		}
	}
	return contacts
}

// lists reads the lists of a change. Meta sends one of them; any mix is taken.
func (p *parsed) lists(r rawLists) {
	arrived := func(d domain.Direction) func(m message, raw json.RawMessage, alone bool) (piece, error) {
		return func(m message, raw json.RawMessage, alone bool) (piece, error) {
			m.raw = raw
			return r.message(m, d, alone)
		}
	}
	n := list(p, r, "messages", r.Messages, arrived(domain.Inbound))
	n += list(p, r, "message_echoes", r.Echoes, arrived(domain.Outbound))
	n += list(p, r, "statuses", r.Statuses, func(s status, _ json.RawMessage, alone bool) (piece, error) { return r.status(s, alone) })
	n += list(p, r, "calls", r.Calls, func(c call, _ json.RawMessage, alone bool) (piece, error) { return r.call(c, alone) })
	n += list(p, r, "user_id_update", r.Renamed, func(u renaming, _ json.RawMessage, _ bool) (piece, error) { return u.piece() })
	n += list(p, r, "history", singly(r.History), func(c chunk[json.RawMessage], _ json.RawMessage, _ bool) (piece, error) { return r.pastAlone(c) })
	n += list(p, r, "standby", r.Standby, arrived(domain.Inbound))
	n += list(p, r, "state_sync", r.Book, func(b listing, _ json.RawMessage, _ bool) (piece, error) { return b.piece() })
	n += list(p, r, "groups", r.Groups, func(g group, _ json.RawMessage, _ bool) (piece, error) { return g.notice() })
	if n == 0 || len(r.Errors) > 0 {
		p.Ignored++
	}
}

// list reads one of them and returns how many things it has.
func list[T any](p *parsed, r rawLists, name string, raw json.RawMessage, read func(item T, raw json.RawMessage, alone bool) (piece, error)) int {
	if len(raw) == 0 {
		return 0
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		p.bad(r.account, r.wrap(name, nil, raw), fmt.Errorf("%s: %w", name, err))
		return 1
	}
	for _, raw := range items {
		var item T
		err := wire.Decode(raw, &item)
		piece, unread := read(item, raw, len(items) == 1) // with an error the item holds what could be read
		if err == nil {
			err = unread
		}
		webhook := func() []byte { return r.wrap(name, piece.contact, fmt.Appendf(nil, "[%s]", raw)) }
		switch {
		case err != nil:
			p.bad(r.account, webhook(), fmt.Errorf("%s: %w", name, err))
		case piece.fact == nil:
			p.Ignored++
		default:
			p.Updates = append(p.Updates, domain.Update{Account: r.account, Business: p.business, Number: r.number, Fact: piece.fact, At: piece.at, Item: webhook})
		}
	}
	return len(items)
}

// wrap makes a webhook of one list.
func (r rawLists) wrap(list string, c *contact, items []byte) []byte {
	var sender json.RawMessage
	if c != nil {
		sender = c.raw
	}
	return r.wrapChange(fmt.Appendf(nil, `{"field":%q,"value":{"messaging_product":"whatsapp","metadata":%s,"contacts":[%s],%q:%s}}`,
		r.field, r.Metadata, sender, list, items))
}

func (e entered) wrapChange(change []byte) []byte {
	id, _ := json.Marshal(e.business) // a string
	return wrapEntry(fmt.Appendf(nil, `{"id":%s,"time":%d,"changes":[%s]}`, id, e.seconds(), change))
}

// seconds is the time of the entry; zero: none.
func (e entered) seconds() int64 {
	if e.at.IsZero() {
		return 0
	}
	return e.at.Unix()
}

func wrapEntry(entry []byte) []byte {
	return fmt.Appendf(nil, `{"object":%q,"entry":[%s]}`, object, entry)
}
