package telegram

import (
	"cmp"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// author tells who of a group wrote; nil: the chat says it.
func (m *message) author() *domain.Author {
	switch {
	case !m.isGroup() && (m.From == nil || !m.From.Bot || m.direction() == domain.Outbound):
		return nil
	case m.SenderChat != nil:
		a := m.SenderChat.author()
		if m.Linked || m.SenderChat.ID == m.Chat.ID {
			a.Role = domain.RoleCompany
		}
		return a
	case m.From != nil:
		return m.From.author()
	}
	return nil
}

// by names who of a group wrote; empty: the chat says it.
func (m *message) by() domain.PeerID {
	if a := m.author(); a != nil {
		return a.ID
	}
	return ""
}

func (u *user) author() *domain.Author {
	a := domain.Author{ID: peerID(u.ID), Name: wire.Clean(fullName(u.FirstName, u.LastName)), Username: wire.Clean(u.Username)}
	if u.Bot {
		a.Role = domain.RoleBot
	}
	return &a
}

func (c *chat) author() *domain.Author {
	who := c.contact()
	return &domain.Author{ID: c.peer(), Name: who.Name, Username: who.Username}
}

// An origin is from where a message was forwarded. Of each kind it has one.
type origin struct {
	User   *user  `json:"sender_user"`
	Hidden string `json:"sender_user_name"` // who does not want to be named
	Sender *chat  `json:"sender_chat"`
	Chat   *chat  // a channel
	Signed string `json:"author_signature"`
}

func (o *origin) author() *domain.Author {
	switch {
	case o == nil:
		return nil
	case o.User != nil:
		return o.User.author()
	case o.Sender != nil:
		return o.Sender.author()
	case o.Chat != nil:
		return o.Chat.author()
	case cmp.Or(o.Hidden, o.Signed) != "":
		return &domain.Author{Name: wire.Clean(cmp.Or(o.Hidden, o.Signed))}
	}
	return nil
}
