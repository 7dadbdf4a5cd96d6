package mtproto

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"recado/cmd/recado-telegram/store"
)

// A Request is a message to be sent.
type Request struct {
	Client  string // Recado's id of it
	Chat    string // a number, a phone number with its plus, or a public name
	Text    string // or the caption of the file
	ReplyTo int
	OrPlain bool // without the reply, if that is impossible

	File     *File // one of these, or nothing but the text
	Location *Location
	Venue    *Venue
	Contact  *Contact
}

// content tells apart two messages with the same client_id, without a word of their text.
func (r Request) content() string {
	kind, words := "text", []byte(r.Text)
	switch {
	case r.File != nil:
		kind = r.File.Kind
	case r.Location != nil:
		kind, words = "location", asJSON(r.Location)
	case r.Venue != nil:
		kind, words = "venue", asJSON(r.Venue)
	case r.Contact != nil:
		kind, words = "contact", asJSON(r.Contact)
	}
	sum := sha256.Sum256(words)
	return kind + " " + r.Chat + " " + hex.EncodeToString(sum[:16])
}

func asJSON(v any) []byte {
	data, _ := json.Marshal(v) // a struct of texts and of numbers that came as JSON
	return data
}

// A Taken message is one that Telegram took.
type Taken struct {
	Chat    jsonChat
	Message int
	Date    int64
	Self    person
}

// Send sends a message once, however often it is called with the same client_id: Telegram
// recognises the number that the id makes.
func (a *Account) Send(ctx context.Context, r Request) (*Taken, *Error) {
	taken, err := a.send(ctx, r)
	return taken, a.noted(ctx, err)
}

func (a *Account) send(ctx context.Context, r Request) (*Taken, error) {
	var sent store.Sent
	err := a.update(ctx, func(t *store.Tx) (err error) {
		sent, err = t.Ask(r.Client, r.content())
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case sent.Message != 0 && sent.Content != r.content():
		return nil, refused(http.StatusConflict, "CLIENT_ID_USED")
	case sent.Message != 0:
		return a.taken(ctx, sent.Chat, sent.Message, sent.Date)
	}
	client, err := a.api()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(a.notMigrated(ctx, r.Chat), a.allowed(ctx, r.Chat)); err != nil {
		return nil, err
	}
	var chat int64
	media := r.shared()
	var answer tg.UpdatesClass
	err = a.reach(ctx, client, r.Chat, func(peer store.Peer) (err error) {
		chat = peer.Chat
		if err := a.update(ctx, func(t *store.Tx) error { return t.Towards(r.Client, chat) }); err != nil {
			return err
		}
		if r.File != nil && media == nil {
			if media, err = a.media(ctx, client, r.File); err != nil {
				return err
			}
		}
		answer, err = a.call(ctx, client, peer, media, sent.Random, r)
		return unanswered(err)
	})
	if err != nil && !tgerr.Is(err, "RANDOM_ID_DUPLICATE") {
		return nil, errors.Join(err, a.flooded(ctx, err))
	}
	taken, err := a.took(ctx, r.Client, chat, answer)
	return taken, unanswered(err)
}

// took stores what Telegram made of a message that it took; a nil answer: it took it before.
func (a *Account) took(ctx context.Context, client string, chat int64, answer tg.UpdatesClass) (*Taken, error) {
	id, date := madeOf(answer, store.RandomOf(a.cfg.Connection, client))
	if id == 0 {
		return a.await(ctx, client)
	}
	err := a.update(ctx, func(t *store.Tx) error {
		if err := t.Took(client, chat, id, date); err != nil {
			return err
		}
		return a.intake().readBefore(t, chat, id)
	})
	if err != nil {
		return nil, err
	}
	return a.taken(ctx, chat, id, date)
}

// update runs a transaction that the end of a call does not interrupt.
func (a *Account) update(ctx context.Context, do func(*store.Tx) error) error {
	return a.cfg.Store.Update(context.WithoutCancel(ctx), a.cfg.Connection, do)
}

// call asks Telegram to send the message.
func (*Account) call(
	ctx context.Context, client *telegram.Client, peer store.Peer, media tg.InputMediaClass, random int64, r Request,
) (answer tg.UpdatesClass, err error) {
	once := func(replyTo int) (tg.UpdatesClass, error) {
		if media != nil {
			m := &tg.MessagesSendMediaRequest{Peer: inputPeer(peer), Media: media, Message: r.Text, RandomID: random}
			if replyTo != 0 {
				m.SetReplyTo(&tg.InputReplyToMessage{ReplyToMsgID: replyTo})
			}
			return client.API().MessagesSendMedia(ctx, m)
		}
		m := &tg.MessagesSendMessageRequest{Peer: inputPeer(peer), Message: r.Text, RandomID: random}
		if replyTo != 0 {
			m.SetReplyTo(&tg.InputReplyToMessage{ReplyToMsgID: replyTo})
		}
		return client.API().MessagesSendMessage(ctx, m)
	}
	answer, err = once(r.ReplyTo)
	if r.OrPlain && tgerr.Is(err, "REPLY_MESSAGE_ID_INVALID") {
		return once(0)
	}
	return answer, err
}

// madeOf reads the number and the time that Telegram gave a message; zero: it did not say.
func madeOf(answer tg.UpdatesClass, random int64) (id int, date int64) {
	var all []tg.UpdateClass
	switch u := answer.(type) {
	case *tg.UpdateShortSentMessage:
		return u.ID, int64(u.Date)
	case *tg.Updates:
		all, date = u.Updates, int64(u.Date)
	case *tg.UpdatesCombined:
		all, date = u.Updates, int64(u.Date)
	}
	for _, u := range all {
		if named, ok := u.(*tg.UpdateMessageID); ok && named.RandomID == random {
			id = named.ID
		}
	}
	if date == 0 {
		date = time.Now().Unix()
	}
	return id, date
}

// await waits a moment for the update that names a message which Telegram took before.
func (a *Account) await(ctx context.Context, client string) (*Taken, error) {
	for range 20 {
		var sent store.Sent
		err := a.update(ctx, func(t *store.Tx) (err error) {
			sent, _, err = t.SentAs(store.RandomOf(a.cfg.Connection, client))
			return err
		})
		if err != nil {
			return nil, err
		}
		if sent.Message != 0 {
			return a.taken(ctx, sent.Chat, sent.Message, sent.Date)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil, refused(http.StatusBadGateway, "RANDOM_ID_DUPLICATE")
}

func (a *Account) taken(ctx context.Context, chat int64, message int, date int64) (*Taken, error) {
	var peer store.Peer
	err := a.update(ctx, func(t *store.Tx) (err error) {
		peer, _, err = t.Peer(chat)
		return err
	})
	peer.Chat = chat
	return &Taken{Chat: chatJSON(peer), Message: message, Date: date, Self: a.who()}, err
}
