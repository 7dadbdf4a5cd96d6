package telegram

import (
	"encoding/json"
	"errors"
	"fmt"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// readAccountUpdate reads an update of a gateway: of the Bot API, or one that
// GATEWAY.md adds to it.
func readAccountUpdate(body []byte) ([]piece, error) {
	var u struct {
		ID       *wire.Integer   `json:"update_id"`
		Message  json.RawMessage `json:"message"`
		Edited   json.RawMessage `json:"edited_message"`
		Reaction json.RawMessage `json:"message_reaction"`
		Read     json.RawMessage `json:"read_outbox"`
		Deleted  json.RawMessage `json:"deleted_messages"`
		Sent     json.RawMessage `json:"message_sent"`
		Account  json.RawMessage `json:"account"`
	}
	if err := wire.Decode(body, &u); err != nil {
		return nil, fmt.Errorf("update: %w", err)
	}
	switch {
	case u.ID == nil:
		return nil, errors.New("update: it has no update_id")
	case present(u.Message):
		return readPart("message", u.Message, (*accountMessage).arrived)
	case present(u.Edited):
		return readPart("edited_message", u.Edited, (*accountMessage).edited)
	case present(u.Reaction):
		return readPart("message_reaction", u.Reaction, (*accountReaction).reacted)
	case present(u.Read):
		return readNumbers("read_outbox", u.Read, readByPeer)
	case present(u.Deleted):
		return readNumbers("deleted_messages", u.Deleted, deletedByAnyone)
	case present(u.Sent):
		return readPart("message_sent", u.Sent, (*sentMessage).sent)
	case present(u.Account):
		return readPart("account", u.Account, (*accountStatus).reported)
	}
	return []piece{{}}, nil
}

// An accountMessage is one of a chat of the account. In a private chat the chat is the
// other person, whoever wrote.
type accountMessage struct {
	message
	Outgoing bool   // the account wrote it, on any device
	Client   string `json:"client_id"` // ours, if it went through the gateway
}

func (m *accountMessage) arrived(raw json.RawMessage) (piece, error) {
	p, err := m.message.arrived(raw)
	f, isMessage := p.fact.(domain.MessageArrived)
	if err != nil || !m.Outgoing || !isMessage {
		return p, err
	}
	if m.Client != "" { // what the employee wrote is stored already
		sent := sentMessage{Client: m.Client, Chat: m.Chat, ID: m.ID, Date: m.Date}
		return sent.sent(raw)
	}
	f.Direction, f.Author = domain.Outbound, nil
	p.fact = f
	return p, nil
}

func (m *accountMessage) edited(raw json.RawMessage) (piece, error) {
	p, err := m.message.edited(raw)
	if f, ok := p.fact.(domain.MessageEdited); ok && m.Outgoing {
		f.ByPeer, f.By = false, ""
		p.fact = f
	}
	return p, err
}

// An accountReaction is one of anybody in a chat of the account.
type accountReaction struct {
	reaction
	Outgoing bool
}

func (r *accountReaction) reacted(raw json.RawMessage) (piece, error) {
	p, err := r.reaction.reacted(raw)
	if f, ok := p.fact.(domain.MessageReacted); ok && r.Outgoing {
		f.ByPeer = false
		p.fact = f
	}
	return p, err
}

// A sentMessage says that Telegram took a message of ours, and what it calls it.
type sentMessage struct {
	Client string `json:"client_id"`
	Chat   chat
	ID     wire.Integer `json:"message_id"`
	Date   seconds
}

func (s *sentMessage) sent(json.RawMessage) (piece, error) {
	if s.Client == "" {
		return piece{}, errors.New("it has no client_id")
	}
	if err := s.Chat.check(); err != nil {
		return piece{}, err
	}
	id, err := s.Chat.name(int64(s.ID))
	if err != nil {
		return piece{}, err
	}
	return piece{fact: domain.StatusReported{
		Message: domain.MessageID(s.Client), ProviderID: id, Peers: s.Chat.person(), Status: domain.Sent,
	}, at: s.Date.time()}, nil
}

// person names the peer of a private chat; of a group nothing.
func (c chat) person() []domain.PeerID {
	if c.Type != "private" {
		return nil
	}
	return []domain.PeerID{c.peer()}
}

// numbers are messages of a chat to which the same happened.
type numbers struct {
	Chat chat
	IDs  []wire.Integer `json:"message_ids"`
	Date seconds
}

func readByPeer(c chat, id domain.ProviderID) domain.Fact {
	return domain.StatusReported{ProviderID: id, Peers: c.person(), Status: domain.Read}
}

// deletedByAnyone: in a private chat each of the two may delete what either wrote.
func deletedByAnyone(c chat, id domain.ProviderID) domain.Fact {
	return domain.MessageDeleted{ProviderID: id, Peer: c.peer(), ByPeer: true, ByAnyone: true}
}

func readNumbers(noun string, raw json.RawMessage, fact func(chat, domain.ProviderID) domain.Fact) ([]piece, error) {
	var n numbers
	err := wire.Decode(raw, &n)
	if err == nil {
		err = n.Chat.check()
	}
	if err == nil && len(n.IDs) == 0 {
		err = errors.New("it names no messages")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", noun, err)
	}
	var pieces []piece
	for _, id := range n.IDs {
		name, err := n.Chat.name(int64(id))
		if err != nil || !chatTypes[n.Chat.Type].supported {
			pieces = append(pieces, piece{})
			continue
		}
		pieces = append(pieces, piece{fact: fact(n.Chat, name), at: n.Date.time(), item: func() []byte { return alone(noun, raw, id) }})
	}
	return pieces, nil
}

// alone is an update that names one of the messages.
func alone(noun string, raw json.RawMessage, id wire.Integer) []byte {
	fields := map[string]json.RawMessage{}
	_ = json.Unmarshal(raw, &fields) // it was an object
	fields["message_ids"] = fmt.Appendf(nil, "[%d]", id)
	part, _ := json.Marshal(fields) // of JSON
	return fmt.Appendf(nil, `{"update_id":0,%q:%s}`, noun, part)
}
