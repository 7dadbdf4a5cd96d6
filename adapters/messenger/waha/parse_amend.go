package waha

import (
	"cmp"
	"errors"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// An edit gives a message a new text. Its own id is that of the action.
type edit struct {
	message
	Original messageID `json:"editedMessageId"`
}

// edited: WhatsApp lets only the author of a message edit it.
func (d *edit) edited(*event) (piece, error) {
	id, err := d.Original.provider()
	if err != nil {
		return piece{}, err
	}
	f := domain.MessageEdited{ProviderID: id, Peer: d.peer(), ByPeer: !d.FromMe, Text: wire.Clean(string(d.Body))}
	if d.Media.exists() && d.Media.URL != "" {
		c := d.file()
		f.Media = c.Media
	}
	return piece{f, d.Timestamp.Time}, nil
}

// peer is the name of the peer of the chat; empty: not given.
func (m *message) peer() domain.PeerID {
	names := m.names()
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// A revocation deletes a message for everyone.
type revocation struct {
	Revoked messageID `json:"revokedMessageId"`
	After   message   // the action
	Before  *message  // the message as it was, where the engine has it
}

// revoked: in a group an admin deletes what others wrote, and WAHA does not say who
// wrote it.
func (r *revocation) revoked(*event) (piece, error) {
	id, err := r.Revoked.provider()
	if err != nil && r.Before != nil {
		id, err = r.Before.ID.provider()
	}
	if err != nil {
		return piece{}, err
	}
	return piece{domain.MessageDeleted{
		ProviderID: id, Peer: r.After.peer(), ByPeer: !r.After.FromMe, ByAnyone: r.After.chat() == "" || r.After.chat().isGroup(),
	}, r.After.Timestamp.Time}, nil
}

// A reaction is an emoji under a message, or none any more.
type reaction struct {
	message
	Reaction *struct {
		Text wire.Text
		ID   messageID `json:"messageId"`
	}
}

func (r *reaction) reacted(e *event) (piece, error) {
	if r.Reaction == nil {
		return piece{}, errors.New("it has no reaction")
	}
	id, err := r.Reaction.ID.provider()
	if err != nil {
		return piece{}, err
	}
	by := r.peer()
	if r.FromMe {
		by = cmp.Or(e.Me.ID.peer(), "me")
	} else if who := r.author(); who != nil {
		by = who.ID
	}
	if by == "" {
		return piece{}, errors.New("it names nobody who reacted")
	}
	return piece{domain.MessageReacted{
		ProviderID: id, Peer: r.peer(), ByPeer: !r.FromMe, By: string(by), Emoji: wire.Clean(string(r.Reaction.Text)),
	}, r.Timestamp.Time}, nil
}
