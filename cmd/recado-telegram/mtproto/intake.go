package mtproto

import (
	"context"
	"slices"
	"strings"

	"github.com/gotd/td/tg"

	"recado/cmd/recado-telegram/store"
)

// An intake stores the updates of an account, and the webhooks that they make.
type intake struct {
	store      *store.Store
	connection string
	groups     bool
	self       func() person
	fence      func(error) // called when an update was not stored
	loginToken func()      // called when a QR code was scanned
	away       func() error
}

// A person is the account itself.
type person struct {
	ID          int64
	First, Last string
	Username    string
}

// Handle takes updates that were pushed.
func (in *intake) Handle(ctx context.Context, u tg.UpdatesClass) error {
	switch u := u.(type) {
	case *tg.Updates:
		return in.commit(ctx, u.Updates, u.Users, u.Chats)
	case *tg.UpdatesCombined:
		return in.commit(ctx, u.Updates, u.Users, u.Chats)
	case *tg.UpdateShort:
		return in.commit(ctx, []tg.UpdateClass{u.Update}, nil, nil)
	}
	return nil
}

// commit stores updates in one transaction. It is not interrupted by the end of the run:
// what was begun is stored or not.
func (in *intake) commit(ctx context.Context, all []tg.UpdateClass, users []tg.UserClass, chats []tg.ChatClass) error {
	if len(all) == 0 && len(users) == 0 && len(chats) == 0 {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	err := in.store.Update(ctx, in.connection, func(t *store.Tx) error {
		if in.away != nil {
			if err := in.away(); err != nil {
				return err
			}
		}
		if err := in.meet(t, users, chats); err != nil {
			return err
		}
		for _, u := range namesFirst(all) {
			if err := in.take(t, u); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		in.fence(err)
		return err
	}
	if slices.ContainsFunc(all, func(u tg.UpdateClass) bool { _, scanned := u.(*tg.UpdateLoginToken); return scanned }) {
		in.loginToken()
	}
	return nil
}

// namesFirst puts the names of our messages before the messages themselves.
func namesFirst(all []tg.UpdateClass) []tg.UpdateClass {
	isName := func(u tg.UpdateClass) int {
		if _, ok := u.(*tg.UpdateMessageID); ok {
			return 0
		}
		return 1
	}
	return slices.SortedStableFunc(slices.Values(all), func(a, b tg.UpdateClass) int { return isName(a) - isName(b) })
}

// meet stores who came with the updates. A "min" person has
// no key: of one who is not known yet the name is stored.
func (in *intake) meet(t *store.Tx, users []tg.UserClass, chats []tg.ChatClass) error {
	for _, c := range users {
		u, ok := c.(*tg.User)
		if !ok {
			continue
		}
		p := store.Peer{
			Chat: u.ID, Hash: u.AccessHash, Phone: strings.TrimPrefix(u.Phone, "+"), Username: strings.ToLower(u.Username),
			First: u.FirstName, Last: u.LastName, Bot: u.Bot,
		}
		meet := t.SetPeer
		if u.Min {
			p.Hash, meet = 0, t.AddPeer
		}
		if err := meet(p); err != nil {
			return err
		}
	}
	for _, c := range chats {
		var p store.Peer
		switch c := c.(type) {
		case *tg.Chat:
			p = store.Peer{Chat: -c.ID, First: c.Title}
			if to, ok := c.MigratedTo.(*tg.InputChannel); ok {
				if err := t.SetMigrated(p.Chat, channelChat(to.ChannelID)); err != nil {
					return err
				}
			}
		case *tg.Channel:
			if c.Min {
				continue
			}
			p = store.Peer{Chat: channelChat(c.ID), Hash: c.AccessHash, Username: strings.ToLower(c.Username), First: c.Title, Broadcast: c.Broadcast}
		default:
			continue
		}
		if err := t.SetPeer(p); err != nil {
			return err
		}
	}
	return nil
}

// take stores one update.
func (in *intake) take(t *store.Tx, u tg.UpdateClass) error {
	switch u := u.(type) {
	case *tg.UpdateNewMessage:
		return in.message(t, u.Message, "message")
	case *tg.UpdateNewChannelMessage:
		return in.message(t, u.Message, "message")
	case *tg.UpdateEditMessage:
		return in.message(t, u.Message, "edited_message")
	case *tg.UpdateEditChannelMessage:
		return in.message(t, u.Message, "edited_message")
	case *tg.UpdateReadHistoryOutbox:
		return in.read(t, chatOf(u.Peer), u.MaxID)
	case *tg.UpdateReadChannelOutbox:
		return in.read(t, channelChat(u.ChannelID), u.MaxID)
	case *tg.UpdateDeleteMessages:
		return in.deleted(t, u.Messages)
	case *tg.UpdateDeleteChannelMessages:
		return in.deletedIn(t, channelChat(u.ChannelID), u.Messages)
	case *tg.UpdateMessageID:
		return in.named(t, u)
	case *tg.UpdateMessageReactions:
		return in.reacted(t, u)
	}
	return nil
}

// hidden lists the chats with Telegram itself, which sends login codes there.
var hidden = []int64{777000, 42777}

// chat returns who is written with; false: Recado is told nothing of it.
func (in *intake) chat(t *store.Tx, chat int64) (p store.Peer, shown bool, err error) {
	if chat == 0 || slices.Contains(hidden, chat) || chat == in.self().ID || chat < 0 && !in.groups {
		return store.Peer{}, false, nil
	}
	p, known, err := t.Peer(chat)
	if !known {
		p.Chat = chat
	}
	return p, !p.Broadcast, err
}
