package waba

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A message is one that came in, or an echo.
type message struct {
	ID         string
	Timestamp  stamp
	From       string // absent if the sender hides the phone number
	FromUserID string `json:"from_user_id"`
	To         string // of echoes
	ToUserID   string `json:"to_user_id"`
	GroupID    string `json:"group_id"`
	Context    struct{ ID string }

	Reaction json.RawMessage
	Edit     json.RawMessage
	Revoke   json.RawMessage
	said

	direction domain.Direction
	contact   *contact
}

func (v value) message(m message, d domain.Direction, alone bool) (piece, error) {
	m.direction = d
	m.contact = v.of(m.names(), alone)
	fact, err := m.fact()
	return piece{fact: fact, at: m.Timestamp.Time, contact: m.contact}, err
}

// names lists the names of the other side, the best first.
func (m message) names() []string {
	names := []string{m.From, m.FromUserID}
	switch {
	case m.direction == domain.Outbound:
		names = []string{m.To, m.ToUserID}
	case m.System != nil:
		names = append(names, m.System.PreviousUserID)
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

func (m message) fact() (domain.Fact, error) {
	id, err := providerID("id", m.ID)
	if err != nil {
		return nil, err
	}
	peers, err := m.peers()
	if err != nil {
		return nil, err
	}
	byPeer := m.direction == domain.Inbound
	switch m.Type {
	case "":
		return nil, errors.New("it has no type")
	case "reaction":
		return m.reaction(peers[0], byPeer)
	case "edit":
		return m.edit(peers[0], byPeer)
	case "revoke":
		revoke, err := decode[struct {
			ID string `json:"original_message_id"`
		}]("revoke", m.Revoke)
		if err != nil {
			return nil, err
		}
		original, err := providerID("original_message_id", revoke.ID)
		return domain.MessageDeleted{ProviderID: original, Peer: peers[0], ByPeer: byPeer}, err
	}
	c, err := m.content()
	if err != nil {
		return nil, err
	}
	arrived := domain.MessageArrived{
		Peer: peers[0], IsGroup: m.GroupID != "", Direction: m.direction,
		ProviderID: id, Type: c.Type, Text: wire.Clean(c.Text), Media: c.Media,
	}
	if len(peers) > 1 {
		arrived.AlsoKnown = peers[1:]
	}
	if !arrived.IsGroup { // the contact is a person, and the peer is the group
		arrived.Contact = m.contact.known(arrived.Peer)
	}
	if m.Context.ID != "" {
		arrived.ReplyTo, err = providerID("context", m.Context.ID)
	}
	return arrived, err
}

// peers lists the names of the chat, the best first: the group's, else all that
// are told of the person.
func (m message) peers() ([]domain.PeerID, error) {
	names := m.names()
	if m.contact != nil {
		names = append(names, m.contact.WaID, m.contact.UserID)
	}
	if m.GroupID != "" {
		names = []string{m.GroupID}
	}
	var peers []domain.PeerID
	for _, name := range names {
		if name == "" {
			continue
		}
		peer, err := domain.WABA.Peer(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(peers, peer) {
			peers = append(peers, peer)
		}
	}
	if len(peers) == 0 {
		return nil, errors.New("it names no peer")
	}
	return peers, nil
}

func (m message) reaction(peer domain.PeerID, byPeer bool) (domain.Fact, error) {
	r, err := decode[struct {
		ID    string `json:"message_id"`
		Emoji string // empty or absent: taken back
	}]("reaction", m.Reaction)
	if err != nil {
		return nil, err
	}
	by := peer
	if m.From != "" || m.FromUserID != "" { // in a group, and in echoes, not the peer
		if by, err = domain.WABA.Peer(firstOf(m.From, m.FromUserID)); err != nil {
			return nil, err
		}
	}
	id, err := providerID("message_id", r.ID)
	return domain.MessageReacted{ProviderID: id, Peer: peer, ByPeer: byPeer, By: string(by), Emoji: wire.Clean(r.Emoji)}, err
}

func (m message) edit(peer domain.PeerID, byPeer bool) (domain.Fact, error) {
	e, err := decode[struct {
		ID      string `json:"original_message_id"`
		Message json.RawMessage
	}]("edit", m.Edit)
	if err != nil {
		return nil, err
	}
	said, err := decode[said]("message", e.Message)
	if err != nil {
		return nil, fmt.Errorf("edit: %w", err)
	}
	c, err := said.content()
	if err != nil {
		return nil, fmt.Errorf("edit: %w", err)
	}
	id, err := providerID("original_message_id", e.ID)
	return domain.MessageEdited{ProviderID: id, Peer: peer, ByPeer: byPeer, Text: wire.Clean(c.Text)}, err
}
