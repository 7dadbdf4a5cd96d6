package waba

import (
	"encoding/json"
	"slices"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A message is one that came in, or an echo.
type message struct {
	ID         wire.Text
	Timestamp  stamp
	From       wire.Text // absent or empty where the sender hides his phone number
	FromUserID wire.Text `json:"from_user_id"`
	FromParent wire.Text `json:"from_parent_user_id"`
	To         wire.Text // of echoes
	ToUserID   wire.Text `json:"to_user_id"`
	ToParent   wire.Text `json:"to_parent_user_id"`
	GroupID    wire.Text `json:"group_id"`
	Context    surroundings
	Referral   *referral
	Past       struct{ Status string } `json:"history_context"` // of a message of the history

	Reaction json.RawMessage
	Edit     json.RawMessage
	Revoke   json.RawMessage
	said

	direction domain.Direction
	origin    domain.Origin
	contact   *contact
}

func (v value) message(m message, d domain.Direction, alone bool) (piece, error) {
	m.direction, m.origin = d, v.origin
	m.contact = v.of(m.names(), alone)
	fact, err := m.fact()
	return piece{fact: fact, at: m.Timestamp.Time, contact: m.contact}, err
}

// names lists the names of the other side, the best first.
func (m message) names() []string {
	names := [5]wire.Text{m.From, m.FromUserID, m.FromParent}
	switch {
	case m.direction == domain.Outbound:
		names = [5]wire.Text{m.To, m.ToUserID, m.ToParent}
	case m.System != nil:
		names[3], names[4] = m.System.PreviousUserID, m.System.PreviousParent
	}
	all := make([]string, 0, len(names)+3) // and those of the contact
	for _, name := range names {
		if name != "" {
			all = append(all, string(name))
		}
	}
	return all
}

// A notice that does not say whose name changed comes beside a change of the
// field user_id_update, which does.
func (m message) namesNobody() bool {
	return m.Type == "system" && m.direction == domain.Inbound && len(m.names()) == 0 && m.contact == nil
}

func (m message) fact() (domain.Fact, error) {
	id, err := providerID("id", string(m.ID))
	if err != nil || m.namesNobody() {
		return nil, err
	}
	peers, err := m.peers()
	if err != nil {
		return nil, err
	}
	if amend := amendments[m.Type]; amend != nil {
		if fact, err := amend(m, peers[0]); err == nil {
			return fact, nil
		}
	}
	return m.arrived(id, peers)
}

func (m message) arrived(id domain.ProviderID, peers []domain.PeerID) (domain.Fact, error) {
	c, err := m.content()
	if err != nil {
		return nil, err
	}
	arrived := domain.MessageArrived{
		Peer: peers[0], IsGroup: m.GroupID != "", Direction: m.direction, Origin: m.origin,
		ProviderID: id, Type: c.Type, Text: wire.Clean(c.Text), Media: c.Media, Content: m.carried(c.Content),
	}
	if len(peers) > 1 {
		arrived.AlsoKnown = peers[1:]
	}
	if arrived.IsGroup { // the contact is a person, and the peer is the group
		arrived.Author = m.author()
	} else {
		arrived.Contact = m.contact.known(arrived.Peer)
		arrived.MovedFrom, arrived.MovedTo = m.moved()
	}
	if to, err := providerID("context", string(m.Context.ID)); err == nil {
		arrived.ReplyTo = to
	}
	return arrived, nil
}

// peers lists the names of the chat, the best first: the group's, else all that
// say about the person. A name that is none is left out.
func (m message) peers() ([]domain.PeerID, error) {
	names, c := m.names(), m.contact
	if m.Type == "system" && m.System != nil && (len(names) > 0 || c != nil) {
		names = append(c.appendNames(names), m.System.names()...)
	}
	if m.GroupID != "" {
		names, c = []string{string(m.GroupID)}, nil
	}
	peers := peersOf(names, c)
	if len(peers) == 0 {
		return nil, errNoPeer
	}
	return peers, nil
}

// peersOf lists names and those of a contact, each once. A name that is none is
// left out.
func peersOf(names []string, c *contact) (peers []domain.PeerID) {
	for _, name := range c.appendNames(names) {
		if peer, err := domain.WABA.Peer(name); err == nil && !slices.Contains(peers, peer) {
			peers = append(peers, peer)
		}
	}
	return peers
}

// by names who of a group wrote; empty: nobody needs to be distinguished.
func (m message) by() domain.PeerID {
	if m.GroupID == "" || m.direction == domain.Outbound {
		return ""
	}
	id, err := domain.WABA.Peer(firstOf(string(m.From), string(m.FromUserID)))
	if err != nil {
		return ""
	}
	return id
}

// author tells who of a group wrote; nil: the company.
func (m message) author() *domain.Author {
	id, err := domain.WABA.Peer(firstOf(string(m.From), string(m.FromUserID)))
	if m.direction == domain.Outbound || err != nil {
		return nil
	}
	who := m.contact.known(id)
	return &domain.Author{ID: id, Name: who.Name, Phone: who.Phone, Username: who.Username}
}
