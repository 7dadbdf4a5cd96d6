package telegram

import (
	"encoding/json"
	"fmt"
	"strings"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A message is what we read of the Bot API's Message.
type message struct {
	ID          wire.Integer `json:"message_id"`
	Ephemeral   wire.Integer `json:"ephemeral_message_id"` // in place of the id: only its receiver sees it
	Chat        chat
	From        *user
	SenderChat  *chat        `json:"sender_chat"`          // in place of From: who writes as a chat
	Linked      bool         `json:"is_automatic_forward"` // a post of the channel linked to the group
	Signature   string       `json:"author_signature"`
	Business    string       `json:"business_connection_id"`
	DirectTopic *directTopic `json:"direct_messages_topic"`
	Thread      wire.Integer `json:"message_thread_id"`
	InTopic     bool         `json:"is_topic_message"`
	Date        seconds
	EditDate    seconds      `json:"edit_date"`
	Album       string       `json:"media_group_id"`
	MigrateTo   wire.Integer `json:"migrate_to_chat_id"`
	MigrateFrom wire.Integer `json:"migrate_from_chat_id"`

	around
	body
}

// A user is a person, or a bot.
type user struct {
	ID        wire.Integer
	Bot       bool   `json:"is_bot"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Username  string
}

type directTopic struct {
	ID   wire.Integer `json:"topic_id"`
	User *user
}

// arrived: somebody wrote, or the group moved.
func (m *message) arrived(raw json.RawMessage) (piece, error) {
	if err := m.check(); err != nil {
		return piece{}, err
	}
	at := m.Date.time()
	switch {
	case m.MigrateTo != 0:
		return piece{fact: domain.PeerMigrated{Peer: m.Chat.peer(), To: peerID(m.MigrateTo)}, at: at}, nil
	case m.MigrateFrom != 0:
		return piece{fact: domain.PeerMigrated{Peer: peerID(m.MigrateFrom), To: m.Chat.peer()}, at: at}, nil
	case !chatTypes[m.Chat.Type].supported:
		return piece{}, nil
	}
	c, wrote := m.content(raw)
	if !wrote {
		return piece{}, nil
	}
	id, err := m.name()
	if err != nil {
		return piece{}, err
	}
	return piece{fact: domain.MessageArrived{
		Peer: m.peer(), IsGroup: m.isGroup(), Contact: m.contact(), Direction: m.direction(), ProviderID: id,
		Type: c.Type, Text: wire.Clean(c.Text), Media: c.Media, ReplyTo: m.replyTo(), Content: m.carried(c.Content), Author: m.author(),
	}, at: at}, nil
}

func (m *message) edited(raw json.RawMessage) (piece, error) {
	if err := m.check(); err != nil {
		return piece{}, err
	}
	if !chatTypes[m.Chat.Type].supported {
		return piece{}, nil
	}
	c, wrote := m.content(raw)
	if !wrote {
		return piece{}, nil
	}
	id, err := m.name()
	if err != nil {
		return piece{}, err
	}
	return piece{fact: domain.MessageEdited{
		ProviderID: id, Peer: m.peer(), ByPeer: m.direction() == domain.Inbound, By: m.by(), Text: wire.Clean(c.Text), Media: c.Media,
		Content: m.carried(c.Content),
	}, at: m.EditDate.time()}, nil
}

func (m *message) check() error {
	if _, err := domain.TelegramBot.Peer(string(m.peer())); err != nil {
		return err
	}
	return m.Chat.check()
}

// peer names who is written with. In the direct messages of a channel each
// topic is a client; a client of a business account is not the bot's own.
func (m *message) peer() domain.PeerID {
	switch {
	case m.Chat.Direct && m.DirectTopic != nil:
		return domain.PeerID(fmt.Sprintf("%d/t:%d", m.Chat.ID, m.DirectTopic.ID))
	case m.Business != "":
		return businessPeer(m.Chat, m.Business)
	}
	return m.Chat.peer()
}

func businessPeer(c chat, business string) domain.PeerID {
	return domain.PeerID(fmt.Sprintf("%d%s%s", c.ID, businessMark, business))
}

func (m *message) isGroup() bool { return chatTypes[m.Chat.Type].group && !m.Chat.Direct }

// name is the messenger's name of the message. A message that only its receiver
// sees has a number of its own, which is used again later.
func (m *message) name() (domain.ProviderID, error) {
	switch {
	case m.ID <= 0 && m.Ephemeral > 0:
		return domain.ProviderID(fmt.Sprintf("%d/e%d.%d", m.Chat.ID, m.Ephemeral, m.Date.Integer)), nil
	case m.Business != "" && m.ID > 0:
		return domain.ProviderID(fmt.Sprintf("%s/%d", businessPeer(m.Chat, m.Business), m.ID)), nil
	}
	return m.Chat.name(int64(m.ID))
}

// direction tells a client from the owner of a business account, who writes in
// the same chat on his phone.
func (m *message) direction() domain.Direction {
	if m.Business != "" && m.From != nil && m.From.ID != m.Chat.ID {
		return domain.Outbound
	}
	return domain.Inbound
}

// contact is what the chat tells of the peer: a person, or the group.
func (m *message) contact() domain.Contact {
	if m.Chat.Direct && m.DirectTopic != nil && m.DirectTopic.User != nil {
		return m.DirectTopic.User.contact()
	}
	return m.Chat.contact()
}

func (c chat) contact() domain.Contact {
	name := c.Title
	if name == "" {
		name = fullName(c.FirstName, c.LastName)
	}
	return domain.Contact{Name: wire.Clean(name), Username: wire.Clean(c.Username)}
}

func (u *user) contact() domain.Contact {
	return domain.Contact{Name: wire.Clean(fullName(u.FirstName, u.LastName)), Username: wire.Clean(u.Username)}
}

func fullName(first, last string) string { return strings.TrimSpace(first + " " + last) }
