package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// Parse reads a webhook: one update. Most of its kinds do not concern us.
func (a api) Parse(body []byte) domain.Parsed {
	pieces, err := a.read(body)
	if err != nil {
		return domain.Parsed{Bad: []domain.BadItem{{Item: bytes.Clone(body), Error: err.Error()}}}
	}
	var parsed domain.Parsed
	for _, p := range pieces {
		if p.fact == nil {
			parsed.Ignored++
			continue
		}
		item := p.item
		if item == nil {
			item = func() []byte { return bytes.Clone(body) }
		}
		parsed.Updates = append(parsed.Updates, domain.Update{Fact: p.fact, At: p.at, Item: item})
	}
	return parsed
}

// A piece is what an update reports. Without a fact it changes nothing.
type piece struct {
	fact domain.Fact
	at   time.Time
	item func() []byte // an update with this piece alone; nil: it is the only one
}

// updateKinds lists the kinds of updates of bots that are read, by their names.
var updateKinds = []string{
	"message", "edited_message", "message_reaction", "callback_query", "my_chat_member",
	"business_connection", "business_message", "edited_business_message", "deleted_business_messages",
}

func readUpdate(body []byte) ([]piece, error) {
	var u struct {
		ID        *wire.Integer   `json:"update_id"`
		Message   json.RawMessage `json:"message"`
		Edited    json.RawMessage `json:"edited_message"`
		Reaction  json.RawMessage `json:"message_reaction"`
		Press     json.RawMessage `json:"callback_query"`
		Member    json.RawMessage `json:"my_chat_member"`
		Connected json.RawMessage `json:"business_connection"`
		Business  json.RawMessage `json:"business_message"`
		Changed   json.RawMessage `json:"edited_business_message"`
		Deleted   json.RawMessage `json:"deleted_business_messages"`
	}
	if err := wire.Decode(body, &u); err != nil {
		return nil, fmt.Errorf("update: %w", err)
	}
	switch {
	case u.ID == nil:
		return nil, errors.New("update: it has no update_id")
	case present(u.Message):
		return readPart("message", u.Message, (*message).arrived)
	case present(u.Edited):
		return readPart("edited_message", u.Edited, (*message).edited)
	case present(u.Reaction):
		return readPart("message_reaction", u.Reaction, (*reaction).reacted)
	case present(u.Business):
		return readPart("business_message", u.Business, (*message).arrived)
	case present(u.Changed):
		return readPart("edited_business_message", u.Changed, (*message).edited)
	case present(u.Press):
		return readPart("callback_query", u.Press, (*press).pressed)
	case present(u.Member):
		return readPart("my_chat_member", u.Member, (*membership).changed)
	case present(u.Connected):
		return readPart("business_connection", u.Connected, (*businessConnection).changed)
	case present(u.Deleted):
		return readDeleted(u.Deleted)
	}
	return []piece{{}}, nil
}

// present reports whether a field is there. Relays that write an update anew
// give empty values to fields that were absent.
func present(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "null", "false", "0", `""`, "[]":
		return false
	}
	return true
}

func readPart[T any](noun string, raw json.RawMessage, read func(*T, json.RawMessage) (piece, error)) ([]piece, error) {
	var part T
	err := wire.Decode(raw, &part)
	var p piece
	if err == nil {
		p, err = read(&part, raw)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", noun, err)
	}
	return []piece{p}, nil
}

// A chat is where something happened.
type chat struct {
	ID        wire.Integer
	Type      string
	Title     string
	Username  string
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Direct    bool   `json:"is_direct_messages"` // what clients write to a channel, each in a topic
}

// chatTypes says which chats are supported, and which of them are groups. Channels
// have readers, not clients.
var chatTypes = map[string]struct{ supported, group bool }{
	"private":    {supported: true},
	"group":      {supported: true, group: true},
	"supergroup": {supported: true, group: true},
}

func (c chat) check() error {
	switch {
	case c.ID == 0:
		return errors.New("its chat has no id")
	case c.Type == "":
		return errors.New("its chat has no type")
	}
	return nil
}

func (c chat) peer() domain.PeerID { return peerID(c.ID) }

func peerID[N ~int64](id N) domain.PeerID { return domain.PeerID(strconv.FormatInt(int64(id), 10)) }

// name is the name of a message that has the number in the chat.
func (c chat) name(number int64) (domain.ProviderID, error) {
	if number <= 0 {
		return "", errors.New("it has no message_id")
	}
	return domain.ProviderID(fmt.Sprintf("%d/%d", c.ID, number)), nil
}
