package mtproto

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gotd/td/tg"

	"recado/cmd/recado-telegram/store"
)

// migrated stores a notice that a basic group became a supergroup, which has another id:
// both groups have one. Other notices are none of Recado's.
func (in *intake) migrated(t *store.Tx, m *tg.MessageService) error {
	made := jsonMessage{ID: m.ID, Date: m.Date}
	switch a := m.Action.(type) {
	case *tg.MessageActionChatMigrateTo:
		made.MigrateTo = channelChat(a.ChannelID)
	case *tg.MessageActionChannelMigrateFrom:
		made.MigrateFrom = -a.ChatID
	default:
		return nil
	}
	chat, shown, err := in.chat(t, chatOf(m.PeerID))
	if err != nil || !shown {
		return err
	}
	fresh, err := t.See(chat.Chat, m.ID, false)
	if err != nil || !fresh {
		return err
	}
	made.Chat = chatJSON(chat)
	return add(t, chat.Chat, "message", made)
}

// notMigrated refuses a message to a basic group that became a supergroup, and says which.
func (a *Account) notMigrated(ctx context.Context, name string) error {
	chat, invalid := strconv.ParseInt(name, 10, 64)
	if invalid != nil {
		return nil // it has another name, or none
	}
	var to int64
	err := a.update(ctx, func(t *store.Tx) (err error) { to, err = t.MigratedTo(chat); return err })
	if err == nil && to != 0 {
		err = &Error{Code: http.StatusBadRequest, Words: "Bad Request: group chat was upgraded to a supergroup chat", Type: "CHAT_MIGRATED", MigrateTo: to}
	}
	return err
}
