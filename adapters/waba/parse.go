package waba

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"recado/domain"
)

// object is what Meta calls the webhooks that are for us.
const object = "whatsapp_business_account"

// A change with another field tells nothing that changes a chat.
const (
	fieldMessages = "messages"
	fieldEchoes   = "smb_message_echoes" // what the company wrote on its own phone
)

// Parse reads a webhook: entries of changes of messages, statuses and echoes.
func (c *Connector) Parse(body []byte) domain.Parsed {
	p := parsed{charges: c.charges}
	if !p.whole(body) {
		p.envelope(body)
	}
	return p.Parsed
}

// parsed collects what is found. What cannot be read goes to bad together with
// a webhook of its own.
type parsed struct {
	domain.Parsed
	charges Charges
}

func (p *parsed) bad(account string, item []byte, err error) {
	p.Bad = append(p.Bad, domain.BadItem{Account: account, Item: item, Error: err.Error()})
}

// whole reads the envelope and its changes in one pass, as nearly all can be
// read. False: something in them is odd, nothing was read, and the parts are to
// be read one by one, so that what is sound is not lost with it.
func (p *parsed) whole(body []byte) bool {
	var hook struct {
		Object string
		Entry  []struct {
			Changes []struct {
				Field string
				Value value
			}
		}
	}
	if json.Unmarshal(body, &hook) != nil || hook.Object != object {
		return false
	}
	var values []value
	ignored := 0
	for _, entry := range hook.Entry {
		for _, change := range entry.Changes {
			switch change.Field {
			case "":
				return false
			case fieldMessages, fieldEchoes:
				if change.Value.open(change.Field) != nil {
					return false
				}
				values = append(values, change.Value)
			default:
				ignored++
			}
		}
	}
	p.Ignored += ignored
	for _, v := range values {
		p.value(v)
	}
	return true
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
	var entry struct{ Changes []json.RawMessage }
	if err := json.Unmarshal(raw, &entry); err != nil {
		p.bad("", wrapEntry(raw), fmt.Errorf("entry: %w", err))
		return
	}
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
	if err == nil && change.Field == "" {
		err = errors.New("it has no field")
	}
	if err != nil {
		p.bad("", wrapChange(raw), fmt.Errorf("change: %w", err))
		return
	}
	if change.Field != fieldMessages && change.Field != fieldEchoes {
		p.Ignored++
		return
	}
	var v value
	if err = json.Unmarshal(change.Value, &v); err == nil {
		err = v.open(change.Field)
	}
	if err != nil {
		p.bad("", wrapChange(raw), fmt.Errorf("change: value: %w", err))
		return
	}
	p.value(v)
}

// value reads the lists of a change. Meta sends one of them; any mix is taken.
func (p *parsed) value(v value) {
	v.charges = p.charges
	if len(v.Messages)+len(v.Statuses)+len(v.Echoes) == 0 || len(v.Errors) > 0 {
		p.Ignored++
	}
	p.list(v, "messages", v.Messages, v.message)
	p.list(v, "message_echoes", v.Echoes, v.echo)
	p.list(v, "statuses", v.Statuses, v.status)
}

// A piece is what one element of a list tells. Without a fact it concerns nobody.
type piece struct {
	fact    domain.Fact
	at      time.Time
	contact json.RawMessage // that it needs to be read again, or nil
}

func (p *parsed) list(v value, name string, raw json.RawMessage, read func(raw json.RawMessage, alone bool) (piece, error)) {
	if len(raw) == 0 {
		return
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		p.bad(v.account, v.wrap(name, nil, raw), fmt.Errorf("%s: %w", name, err))
		return
	}
	for _, item := range items {
		piece, err := read(item, len(items) == 1)
		webhook := func() []byte { return v.wrap(name, piece.contact, fmt.Appendf(nil, "[%s]", item)) }
		switch {
		case err != nil:
			p.bad(v.account, webhook(), fmt.Errorf("%s: %w", name, err))
		case piece.fact == nil:
			p.Ignored++
		default:
			p.Updates = append(p.Updates, domain.Update{Account: v.account, Fact: piece.fact, At: piece.at, Item: webhook})
		}
	}
}
