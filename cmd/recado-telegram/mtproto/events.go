package mtproto

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/gotd/td/tg"

	"recado/cmd/recado-telegram/store"
)

// add puts an update of a field into the queue of webhooks.
func add(t *store.Tx, chat int64, field string, value any) error {
	body, err := json.Marshal(map[string]any{field: value})
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return t.AddWebhook(chat, body)
}

// message stores a message, new or edited.
func (in *intake) message(t *store.Tx, c tg.MessageClass, field string) error {
	if notice, ok := c.(*tg.MessageService); ok {
		return in.migrated(t, notice)
	}
	m, ok := c.(*tg.Message)
	if !ok {
		return nil // it was deleted already
	}
	if field == "edited_message" && !showsEdit(m) {
		return nil
	}
	chat, shown, err := in.chat(t, chatOf(m.PeerID))
	if err != nil || !shown {
		return err
	}
	fresh, err := t.See(chat.Chat, m.ID, m.Out)
	if err != nil {
		return err
	}
	made, err := in.convert(t, chat, m)
	if err != nil {
		return err
	}
	if field == "message" {
		if made.Client, err = t.ClientOf(chat.Chat, m.ID); err != nil {
			return err
		}
		if !fresh && made.Client == "" {
			return nil // it came before, and the position was not stored
		}
	}
	if err := add(t, chat.Chat, field, made); err != nil || !m.Out {
		return err
	}
	return in.readBefore(t, chat.Chat, m.ID)
}

// showsEdit reports whether Telegram shows the message as edited. It also calls an edit what
// it shows to nobody, such as reactions and the preview of a link.
// https://core.telegram.org/constructor/message
func showsEdit(m *tg.Message) bool { return m.EditDate != 0 && !m.EditHide }

// messages are some of a chat, to which the same happened.
type messages struct {
	Chat jsonChat `json:"chat"`
	Max  int      `json:"max_id,omitempty"`
	IDs  []int    `json:"message_ids"`
	Date int64    `json:"date"`
}

// maxIDs is how many messages one update names.
const maxIDs = 500

func (in *intake) read(t *store.Tx, id int64, through int) error {
	ids, err := t.Read(id, through)
	if err != nil {
		return err
	}
	slices.Sort(ids)
	return in.many(t, id, "read_outbox", through, ids)
}

// readBefore tells that a message of the account was read, if that came before the message.
func (in *intake) readBefore(t *store.Tx, chat int64, message int) error {
	through, err := t.ReadThrough(chat)
	if err != nil || message > through {
		return err
	}
	return in.read(t, chat, through)
}

func (in *intake) many(t *store.Tx, id int64, field string, through int, ids []int) error {
	chat, shown, err := in.chat(t, id)
	if err != nil || !shown {
		return err
	}
	for part := range slices.Chunk(ids, maxIDs) {
		if err := add(t, id, field, messages{Chat: chatJSON(chat), Max: through, IDs: part, Date: time.Now().Unix()}); err != nil {
			return err
		}
	}
	return nil
}

// deleted finds the chats of messages, which Telegram does not name.
func (in *intake) deleted(t *store.Tx, ids []int) error {
	byChat := map[int64][]int{}
	for _, id := range ids {
		chat, err := t.ChatOf(id)
		if err != nil {
			return err
		}
		if chat != 0 {
			byChat[chat] = append(byChat[chat], id)
		}
	}
	for chat, ids := range byChat {
		if err := in.deletedIn(t, chat, ids); err != nil {
			return err
		}
	}
	return nil
}

func (in *intake) deletedIn(t *store.Tx, chat int64, ids []int) error {
	return in.many(t, chat, "deleted_messages", 0, ids)
}

// named: Telegram took a message of ours. It tells so in the answer too, which may be lost.
func (in *intake) named(t *store.Tx, u *tg.UpdateMessageID) error {
	s, ours, err := t.SentAs(u.RandomID)
	if err != nil || !ours || s.Message != 0 || s.Chat == 0 {
		return err
	}
	date := time.Now().Unix()
	if err := t.Took(s.Client, s.Chat, u.ID, date); err != nil {
		return err
	}
	chat, shown, err := in.chat(t, s.Chat)
	if err != nil || !shown {
		return err
	}
	err = add(t, s.Chat, "message_sent", map[string]any{"client_id": s.Client, "chat": chatJSON(chat), "message_id": u.ID, "date": date})
	if err != nil {
		return err
	}
	return in.readBefore(t, s.Chat, u.ID)
}

// A reaction is what one person has under a message now.
type reaction struct {
	Chat     jsonChat     `json:"chat"`
	Message  int          `json:"message_id"`
	User     jsonUser     `json:"user"`
	Outgoing bool         `json:"outgoing,omitempty"`
	Date     int64        `json:"date"`
	Old      []jsonSymbol `json:"old_reaction"`
	New      []jsonSymbol `json:"new_reaction"`
}

// reacted: Telegram says what is under a message now. In a private chat that is all of
// both; in a group it names some who react, and nobody who took a reaction back.
func (in *intake) reacted(t *store.Tx, u *tg.UpdateMessageReactions) error {
	chat, shown, err := in.chat(t, chatOf(u.Peer))
	if err != nil || !shown {
		return err
	}
	by := map[int64][]jsonSymbol{}
	self := in.self()
	if chat.Chat > 0 {
		by[chat.Chat], by[self.ID] = []jsonSymbol{}, []jsonSymbol{}
	}
	for _, r := range u.Reactions.RecentReactions {
		who := chatOf(r.PeerID)
		if r.My {
			who = self.ID
		}
		if symbol, ok := symbolOf(r.Reaction); ok && who > 0 {
			by[who] = append(by[who], symbol)
		}
	}
	for who, symbols := range by {
		user, err := in.user(t, who)
		if err != nil {
			return err
		}
		err = add(t, chat.Chat, "message_reaction", reaction{
			Chat: chatJSON(chat), Message: u.MsgID, User: user, Outgoing: who == self.ID, Date: time.Now().Unix(), Old: []jsonSymbol{}, New: symbols,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func symbolOf(r tg.ReactionClass) (jsonSymbol, bool) {
	switch r := r.(type) {
	case *tg.ReactionEmoji:
		return jsonSymbol{Type: "emoji", Emoji: r.Emoticon}, true
	case *tg.ReactionCustomEmoji:
		return jsonSymbol{Type: "custom_emoji"}, true
	case *tg.ReactionPaid:
		return jsonSymbol{Type: "paid"}, true
	}
	return jsonSymbol{}, false
}
