package telegram

import (
	"cmp"
	"encoding/json"
	"errors"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// otherReaction stands for a reaction that is no emoji: a picture of Telegram's
// own, or its paid star.
const otherReaction = "⭐"

// A reaction holds what one person has under a message now.
type reaction struct {
	Chat    chat
	ID      wire.Integer `json:"message_id"`
	Date    seconds
	User    struct{ ID wire.Integer }
	ByChat  struct{ ID wire.Integer } `json:"actor_chat"` // in place of User: an anonymous admin
	Present []struct {
		Type  string
		Emoji string
	} `json:"new_reaction"`
}

func (r *reaction) reacted(json.RawMessage) (piece, error) {
	if err := r.Chat.check(); err != nil {
		return piece{}, err
	}
	id, err := r.Chat.name(int64(r.ID))
	if err != nil {
		return piece{}, err
	}
	by := cmp.Or(r.User.ID, r.ByChat.ID)
	if by == 0 {
		return piece{}, errors.New("it names nobody who reacted")
	}
	if !chatTypes[r.Chat.Type].supported {
		return piece{}, nil
	}
	return piece{fact: domain.MessageReacted{
		ProviderID: id, Peer: r.Chat.peer(), ByPeer: true, By: string(peerID(by)), Emoji: wire.Clean(r.emoji()),
	}, at: r.Date.time()}, nil
}

// emoji is the last one of those that the person has under the message; empty:
// none is left.
func (r *reaction) emoji() string {
	emoji := ""
	for _, p := range r.Present {
		switch {
		case p.Type == "emoji" && p.Emoji != "":
			emoji = p.Emoji
		case emoji == "":
			emoji = otherReaction
		}
	}
	return emoji
}
