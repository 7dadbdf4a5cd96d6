package waba

import (
	"encoding/json"
	"fmt"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// amendments lists the types of messages that change another one. What does
// not say which is a message of its own, so that its words are not lost.
var amendments = map[string]func(message, domain.PeerID) (domain.Fact, error){
	"reaction": message.reaction, "edit": message.edit, "revoke": message.revoke,
}

func (m message) reaction(peer domain.PeerID) (domain.Fact, error) {
	r, err := decode[struct {
		ID    wire.Text `json:"message_id"`
		Emoji string    // empty or absent: taken back
	}]("reaction", m.Reaction)
	if err != nil {
		return nil, err
	}
	by := peer
	if m.From != "" || m.FromUserID != "" { // in a group, and in echoes, not the peer
		if by, err = domain.WABA.Peer(firstOf(string(m.From), string(m.FromUserID))); err != nil {
			return nil, err
		}
	}
	id, err := providerID("message_id", string(r.ID))
	return domain.MessageReacted{
		ProviderID: id, Peer: peer, ByPeer: m.direction == domain.Inbound, By: string(by), Emoji: wire.Clean(r.Emoji),
	}, err
}

func (m message) edit(peer domain.PeerID) (domain.Fact, error) {
	e, err := decode[struct {
		ID      wire.Text `json:"original_message_id"`
		Message json.RawMessage
	}]("edit", m.Edit)
	if err != nil {
		return nil, err
	}
	id, err := providerID("original_message_id", string(e.ID))
	if err != nil {
		return nil, err
	}
	said, err := decode[said]("message", e.Message)
	if err != nil {
		return nil, fmt.Errorf("edit: %w", err)
	}
	said.raw = e.Message
	c, err := said.content()
	return domain.MessageEdited{
		ProviderID: id, Peer: peer, ByPeer: m.direction == domain.Inbound, By: m.by(), Text: wire.Clean(c.Text), Media: c.Media, Content: c.Content.OrNil(),
	}, err
}

func (m message) revoke(peer domain.PeerID) (domain.Fact, error) {
	revoke, err := decode[struct {
		ID wire.Text `json:"original_message_id"`
	}]("revoke", m.Revoke)
	if err != nil {
		return nil, err
	}
	original, err := providerID("original_message_id", string(revoke.ID))
	return domain.MessageDeleted{ProviderID: original, Peer: peer, ByPeer: m.direction == domain.Inbound, By: m.by()}, err
}
