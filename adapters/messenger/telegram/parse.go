package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"recado/domain"
)

// Parse reads a webhook: one update. Of its kinds only messages, their edits
// and reactions to them concern a chat.
func (*Connector) Parse(body []byte) domain.Parsed {
	p, err := readUpdate(body)
	switch {
	case err != nil:
		return domain.Parsed{Bad: []domain.BadItem{{Item: bytes.Clone(body), Error: err.Error()}}}
	case p.fact == nil:
		return domain.Parsed{Ignored: 1}
	}
	return domain.Parsed{Updates: []domain.Update{{
		Fact: p.fact, At: p.at, Item: func() []byte { return bytes.Clone(body) },
	}}}
}

// A piece is what an update reports. Without a fact it changes no chat.
type piece struct {
	fact domain.Fact
	at   time.Time
}

func readUpdate(body []byte) (piece, error) {
	var u struct {
		ID       *int64          `json:"update_id"`
		Message  json.RawMessage `json:"message"`
		Edited   json.RawMessage `json:"edited_message"`
		Reaction json.RawMessage `json:"message_reaction"`
	}
	if err := json.Unmarshal(body, &u); err != nil {
		return piece{}, fmt.Errorf("update: %w", err)
	}
	switch {
	case u.ID == nil:
		return piece{}, errors.New("update: it has no update_id")
	case present(u.Message):
		return readPart("message", u.Message, message.arrived)
	case present(u.Edited):
		return readPart("edited_message", u.Edited, message.edited)
	case present(u.Reaction):
		return readPart("message_reaction", u.Reaction, reaction.reacted)
	}
	return piece{}, nil
}

func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }

func readPart[T any](noun string, raw json.RawMessage, read func(T) (piece, error)) (piece, error) {
	var part T
	err := json.Unmarshal(raw, &part)
	var p piece
	if err == nil {
		p, err = read(part)
	}
	if err != nil {
		return piece{}, fmt.Errorf("%s: %w", noun, err)
	}
	return p, nil
}

// A chat is where something happened.
type chat struct {
	ID        int64
	Type      string
	Title     string
	Username  string
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
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

func peerID(id int64) domain.PeerID { return domain.PeerID(strconv.FormatInt(id, 10)) }

// name is the name of a message that has the number in the chat.
func (c chat) name(number int64) (domain.ProviderID, error) {
	if number <= 0 {
		return "", errors.New("it has no message_id")
	}
	return domain.ProviderID(fmt.Sprintf("%d/%d", c.ID, number)), nil
}

// seconds since 1970. What cannot be a time is the zero time: what happened
// matters more than when.
type seconds int64

func (s seconds) time() time.Time {
	if s <= 0 || s >= 1e11 { // the year 5138
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}
