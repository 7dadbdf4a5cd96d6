package telegram

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A membership says what became of the bot in a chat: a client blocked it, or a
// group removed it.
type membership struct {
	Chat chat
	Date seconds
	New  struct {
		Status  string
		Member  bool  `json:"is_member"`
		MaySend *bool `json:"can_send_messages"`
	} `json:"new_chat_member"`
}

func (m *membership) changed(json.RawMessage) (piece, error) {
	if err := m.Chat.check(); err != nil {
		return piece{}, err
	}
	if m.New.Status == "" {
		return piece{}, errors.New("it has no status")
	}
	if !chatTypes[m.Chat.Type].supported {
		return piece{}, nil
	}
	refuses := false
	switch m.New.Status {
	case "kicked", "left":
		refuses = true
	case "restricted":
		refuses = !m.New.Member || m.New.MaySend != nil && !*m.New.MaySend
	}
	return piece{fact: domain.PeerRefused{Peer: m.Chat.peer(), Refuses: refuses}, at: m.Date.time()}, nil
}

// A businessConnection lets the bot write for the owner of a business account, or
// does so no more.
type businessConnection struct {
	ID      string
	User    *user
	Date    seconds
	Enabled bool `json:"is_enabled"`
	Rights  *struct {
		CanReply bool `json:"can_reply"`
	}
}

func (b *businessConnection) mayReply() bool {
	return b.Enabled && (b.Rights == nil || b.Rights.CanReply)
}

func (b *businessConnection) changed(json.RawMessage) (piece, error) {
	if b.ID == "" || strings.ContainsAny(b.ID, "/ ") || wire.Clean(b.ID) != b.ID {
		return piece{}, errors.New("it has no id")
	}
	owner := "an owner without a name"
	if b.User != nil {
		owner = orKind(wire.Brief(b.User.contact().Name), owner)
	}
	s := domain.ConnectionSignaled{
		Signal: domain.Signal{Kind: domain.SignalAccount, Level: domain.LevelInfo, Title: "business connection: the bot may reply"},
		Opens:  businessMark + b.ID,
	}
	if !b.mayReply() {
		s.Signal.Level, s.Signal.Title = domain.LevelWarning, "business connection: the bot may not reply"
		if !b.Enabled {
			s.Signal.Title = "business connection: closed"
		}
		s.Closes, s.Opens = s.Opens, ""
	}
	s.Signal.Details = fmt.Sprintf("%s, of %s", b.ID, owner)
	return piece{fact: s, at: b.Date.time()}, nil
}

// readDeleted reads the messages that were deleted in the chat of a business
// account; Telegram does not say by whom.
func readDeleted(raw json.RawMessage) ([]piece, error) {
	var d struct {
		Business string `json:"business_connection_id"`
		Chat     chat
		IDs      []wire.Integer `json:"message_ids"`
	}
	err := wire.Decode(raw, &d)
	if err == nil {
		err = d.Chat.check()
	}
	if err == nil && (d.Business == "" || len(d.IDs) == 0) {
		err = errors.New("it names no messages of a business connection")
	}
	peer := businessPeer(d.Chat, d.Business)
	if err == nil {
		_, err = domain.TelegramBot.Peer(string(peer))
	}
	if err != nil {
		return nil, fmt.Errorf("deleted_business_messages: %w", err)
	}
	var pieces []piece
	for _, id := range d.IDs {
		if id <= 0 {
			pieces = append(pieces, piece{})
			continue
		}
		fact := domain.MessageDeleted{ProviderID: domain.ProviderID(fmt.Sprintf("%s/%d", peer, id)), Peer: peer, ByPeer: true, ByAnyone: true}
		pieces = append(pieces, piece{fact: fact, item: func() []byte { return alone("deleted_business_messages", raw, id) }})
	}
	return pieces, nil
}
