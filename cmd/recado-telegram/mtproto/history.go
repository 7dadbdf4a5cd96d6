package mtproto

import (
	"context"
	"slices"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/telegram"
	"github.com/gotd/td/telegram/message/peer"
	"github.com/gotd/td/telegram/query/dialogs"
	pages "github.com/gotd/td/telegram/query/messages"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"recado/cmd/recado-telegram/store"
)

// A history fetches messages from the chats themselves, when Telegram has no log any more
// of what came. What was edited or deleted since is then not told.
type history struct {
	api  *tg.Client
	in   *intake
	from int // Unix seconds: the position at which the run began
}

func newHistory(next tg.Invoker, in *intake, from int) history {
	return history{tg.NewClient(patient(next)), in, from}
}

// patient calls again after the time that Telegram wants to be left alone.
func patient(next tg.Invoker) tg.Invoker {
	return telegram.InvokeFunc(func(ctx context.Context, input bin.Encoder, output bin.Decoder) error {
		for {
			again, err := tgerr.FloodWait(ctx, next.Invoke(ctx, input, output))
			if !again {
				return err
			}
		}
	})
}

// Limits of what is fetched.
const (
	maxDialogs  = 1000
	maxMessages = 5000 // of a chat
	pageSize    = 100
)

// everywhere stores what came to all chats since a moment, and how far people have read.
func (h history) everywhere(ctx context.Context, since int) error {
	all := dialogs.NewQueryBuilder(h.api).GetDialogs().BatchSize(pageSize).Iter()
	for n := 0; n < maxDialogs && all.Next(ctx); n++ {
		found := all.Value()
		dialog, ok := found.Dialog.(*tg.Dialog)
		if !ok {
			continue // a folder
		}
		read := &tg.UpdateReadHistoryOutbox{Peer: dialog.Peer, MaxID: dialog.ReadOutboxMaxID}
		if found.Last == nil || found.Last.GetDate() < since {
			if err := h.store(ctx, []tg.UpdateClass{read}, found.Entities); err != nil {
				return err
			}
			continue
		}
		if err := h.chat(ctx, chatOf(dialog.Peer), found.Peer, found.Entities, since, read); err != nil {
			return err
		}
	}
	return all.Err()
}

// channel stores what came to a channel that the account met.
func (h history) channel(ctx context.Context, id int64, since int) error {
	var p store.Peer
	err := h.in.store.Update(ctx, h.in.connection, func(t *store.Tx) (err error) {
		p, _, err = t.Peer(channelChat(id))
		return err
	})
	if err != nil || p.Hash == 0 {
		return err
	}
	return h.chat(ctx, p.Chat, inputPeer(p), peer.Entities{}, since)
}

// chat stores the messages of a chat since a moment, the oldest first, and then what else
// is known of it.
func (h history) chat(ctx context.Context, id int64, at tg.InputPeerClass, of peer.Entities, since int, rest ...tg.UpdateClass) error {
	if err := h.store(ctx, nil, of); err != nil {
		return err
	}
	shown := false
	err := h.in.store.Update(ctx, h.in.connection, func(t *store.Tx) (err error) {
		_, shown, err = h.in.chat(t, id)
		return err
	})
	if err != nil || !shown {
		return err
	}
	var found []tg.UpdateClass
	all := pages.NewQueryBuilder(h.api).GetHistory(at).BatchSize(pageSize).Iter()
	entities := peer.NewEntities(map[int64]*tg.User{}, map[int64]*tg.Chat{}, map[int64]*tg.Channel{})
	for len(found) < maxMessages && all.Next(ctx) && all.Value().Msg.GetDate() >= since {
		if m, ok := all.Value().Msg.(tg.MessageClass); ok { // each is one
			found = append(found, &tg.UpdateNewMessage{Message: m})
		}
		e := all.Value().Entities
		entities.Fill(e.Users(), e.Chats(), e.Channels())
	}
	if err := all.Err(); err != nil {
		return err
	}
	slices.Reverse(found)
	return h.store(ctx, append(found, rest...), entities)
}

func (h history) store(ctx context.Context, all []tg.UpdateClass, of peer.Entities) error {
	var users []tg.UserClass
	for _, u := range of.Users() {
		users = append(users, u)
	}
	var chats []tg.ChatClass
	for _, c := range of.Chats() {
		chats = append(chats, c)
	}
	for _, c := range of.Channels() {
		chats = append(chats, c)
	}
	return h.in.commit(ctx, all, users, chats)
}
