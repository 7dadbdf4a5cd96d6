package waha

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// Parse reads a webhook: one event. Of its kinds those of readers concern us.
func (*Connector) Parse(body []byte) domain.Parsed {
	item := func() []byte { return bytes.Clone(body) }
	var e event
	err := wire.Decode(body, &e)
	var p piece
	if err == nil {
		p, err = e.read()
	}
	account := string(e.Session)
	switch {
	case err != nil:
		return domain.Parsed{Bad: []domain.BadItem{{Account: account, Item: item(), Error: "event: " + err.Error()}}}
	case p.fact == nil:
		return domain.Parsed{Ignored: 1}
	}
	return domain.Parsed{Updates: []domain.Update{{Account: account, Fact: p.fact, At: p.at, Found: e.Found, Item: item}}}
}

// An event is a webhook of WAHA.
type event struct {
	Name    string `json:"event"`
	Session wire.Text
	At      stamp `json:"timestamp"`    // when WAHA sent it
	Found   bool  `json:"recado.found"` // Lookback made it
	Me      struct {
		ID  jid
		Lid jid
	}
	Payload json.RawMessage
}

// A piece is what an event reports. Without a fact it changes nothing.
type piece struct {
	fact domain.Fact
	at   time.Time
}

// readers has a reader for each kind of events that is read.
var readers = map[string]func(*event) (piece, error){
	"message.any":       reading((*message).arrived),
	"message.ack":       reading((*ack).reported),
	"message.ack.group": reading((*ack).reported),
	"message.reaction":  reading((*reaction).reacted),
	"message.edited":    reading((*edit).edited),
	"message.revoked":   reading((*revocation).revoked),
	"session.status":    reading((*sessionStatus).reported),
	hiddenNumber:        reading((*hidden).known),
}

func (e *event) read() (piece, error) {
	switch {
	case e.Name == "":
		return piece{}, errors.New("it has no name")
	case e.Session == "":
		return piece{}, errors.New("it names no session")
	}
	read, known := readers[e.Name]
	if !known {
		return piece{}, nil
	}
	p, err := read(e)
	if err != nil {
		return piece{}, fmt.Errorf("%s: %w", e.Name, err)
	}
	if p.at.IsZero() {
		p.at = e.At.Time
	}
	return p, nil
}

// reading makes a reader of the method that makes a piece of a payload.
func reading[T any](read func(*T, *event) (piece, error)) func(*event) (piece, error) {
	return func(e *event) (piece, error) {
		if len(e.Payload) == 0 || e.Payload[0] != '{' {
			return piece{}, errors.New("it has no payload")
		}
		var payload T
		if err := wire.Decode(e.Payload, &payload); err != nil {
			return piece{}, err
		}
		return read(&payload, e)
	}
}
