package mtproto

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gotd/td/telegram"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"

	"recado/cmd/recado-telegram/store"
)

// reach calls Telegram about the peer that a text names. If Telegram knows the peer by
// another key than the gateway does, the peer is looked up anew, once.
func (a *Account) reach(ctx context.Context, client *telegram.Client, name string, call func(store.Peer) error) error {
	peer, known, err := a.known(ctx, name)
	if err != nil {
		return err
	}
	if known {
		err = call(peer)
		if !tgerr.Is(err, "PEER_ID_INVALID", "USER_ID_INVALID", "CHAT_ID_INVALID", "CHANNEL_INVALID") {
			return err
		}
	} else {
		err = refused(http.StatusBadRequest, "PEER_ID_INVALID")
	}
	phone, username := named(name)
	if phone == "" && username == "" {
		phone, username = peer.Phone, peer.Username
	}
	found, forget, lookedUp := a.lookUp(ctx, client, phone, username)
	defer forget()
	switch {
	case lookedUp == nil && (!known || found.Chat == peer.Chat):
		return call(found)
	case known:
		return err
	}
	return lookedUp
}

// named reads a phone number with its plus, or a public name; neither: it is a number.
func named(name string) (phone, username string) {
	if digits, ok := strings.CutPrefix(name, "+"); ok {
		return digits, ""
	}
	username, ok := strings.CutPrefix(strings.ToLower(name), "@")
	if !ok {
		return "", ""
	}
	return "", username
}

// known returns the peer that a text names, if the account met it.
func (a *Account) known(ctx context.Context, name string) (peer store.Peer, known bool, err error) {
	phone, username := named(name)
	chat, invalid := strconv.ParseInt(name, 10, 64)
	if phone == "" && username == "" && invalid != nil {
		return peer, false, refused(http.StatusBadRequest, "PEER_ID_INVALID")
	}
	err = a.update(ctx, func(t *store.Tx) (err error) {
		if phone+username != "" {
			peer, known, err = t.PeerNamed(phone, username)
		} else {
			peer, known, err = t.Peer(chat)
		}
		return err
	})
	return peer, known, err
}

// lookUp asks Telegram who that is, and remembers the peer. Call forget when it was used.
func (a *Account) lookUp(ctx context.Context, client *telegram.Client, phone, username string) (peer store.Peer, forget func(), err error) {
	forget = func() {}
	switch {
	case username != "":
		peer, err = a.met(ctx, "", func() (*tg.ContactsResolvedPeer, error) {
			return client.API().ContactsResolveUsername(ctx, &tg.ContactsResolveUsernameRequest{Username: username})
		})
	case phone != "":
		peer, err = a.met(ctx, phone, func() (*tg.ContactsResolvedPeer, error) { return client.API().ContactsResolvePhone(ctx, phone) })
		if a.cfg.ImportContacts && tgerr.Is(err, "PHONE_NOT_OCCUPIED") {
			return a.importContact(ctx, client, phone)
		}
	default:
		err = refused(http.StatusBadRequest, "PEER_ID_INVALID")
	}
	return peer, forget, err
}

// importContact finds a person whom only the address book finds. What forget returns
// takes them out of it again.
func (a *Account) importContact(ctx context.Context, client *telegram.Client, phone string) (peer store.Peer, forget func(), err error) {
	forget = func() {}
	made, err := client.API().ContactsImportContacts(ctx, []tg.InputPhoneContact{{ClientID: 1, Phone: "+" + phone, FirstName: "+" + phone}})
	switch {
	case err != nil:
		return peer, forget, err
	case len(made.RetryContacts) > 0:
		return peer, forget, &Error{Code: http.StatusTooManyRequests, Type: "RETRY_CONTACTS", RetryAfter: 60, Scope: "chat"}
	case len(made.Imported) == 0:
		return peer, forget, refused(http.StatusBadRequest, "PHONE_NOT_OCCUPIED")
	}
	peer, err = a.met(ctx, phone, func() (*tg.ContactsResolvedPeer, error) {
		return &tg.ContactsResolvedPeer{Peer: &tg.PeerUser{UserID: made.Imported[0].UserID}, Users: made.Users}, nil
	})
	return peer, func() {
		_, err := client.API().ContactsDeleteContacts(context.WithoutCancel(ctx), []tg.InputUserClass{&tg.InputUser{UserID: peer.Chat, AccessHash: peer.Hash}})
		if err != nil {
			a.cfg.Log.Warn("a contact stays in the address book", "connection", a.cfg.Connection, "error", ErrorOf(err).Type)
		}
	}, err
}

// met asks Telegram who that is, and remembers the peer; and whose the phone number is, if
// it asked by one.
func (a *Account) met(ctx context.Context, phone string, ask func() (*tg.ContactsResolvedPeer, error)) (peer store.Peer, err error) {
	found, err := ask()
	if err != nil {
		return peer, err
	}
	known := false
	err = a.update(ctx, func(t *store.Tx) error {
		if err := a.intake().meet(t, found.Users, found.Chats); err != nil {
			return err
		}
		peer, known, err = t.Peer(chatOf(found.Peer))
		if err == nil && known && phone != "" {
			err = t.SetLookedUp(phone, peer.Chat)
		}
		return err
	})
	if err == nil && !known {
		err = refused(http.StatusBadRequest, "PEER_ID_INVALID")
	}
	return peer, err
}

func inputPeer(p store.Peer) tg.InputPeerClass {
	switch {
	case p.Chat > 0:
		return &tg.InputPeerUser{UserID: p.Chat, AccessHash: p.Hash}
	case p.Chat > channelBase:
		return &tg.InputPeerChat{ChatID: -p.Chat}
	}
	return &tg.InputPeerChannel{ChannelID: channelBase - p.Chat, AccessHash: p.Hash}
}
