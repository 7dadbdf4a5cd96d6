package dc

import (
	"slices"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
	"github.com/gotd/td/tgtest"
)

// of lists the messages of a chat, the newest first. The caller holds mu.
func (w *World) of(peer tg.PeerClass) (list []tg.MessageClass) {
	for _, e := range append(slices.Clone(w.log), w.shop.log...) {
		var c tg.MessageClass
		switch u := e.update.(type) {
		case *tg.UpdateNewMessage:
			c = u.Message
		case *tg.UpdateNewChannelMessage:
			c = u.Message
		}
		if m, ok := c.(*tg.Message); ok && m.PeerID.String() == peer.String() {
			list = append(list, m)
		}
	}
	slices.Reverse(list)
	return list
}

// dialog is a chat in the list of chats. The caller holds mu.
func (w *World) dialog(peer tg.PeerClass) *tg.Dialog {
	d := &tg.Dialog{Peer: peer}
	if list := w.of(peer); len(list) > 0 {
		d.TopMessage = list[0].GetID()
	}
	if _, ok := peer.(*tg.PeerChannel); ok {
		d.SetPts(w.shop.pts)
	}
	for _, e := range w.log {
		if u, ok := e.update.(*tg.UpdateReadHistoryOutbox); ok && u.Peer.String() == peer.String() {
			d.ReadOutboxMaxID = u.MaxID
		}
	}
	return d
}

func (w *World) getDialogs(*tgtest.Request) (bin.Encoder, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := &tg.MessagesDialogs{Users: people(), Chats: w.groups()}
	for _, peer := range []tg.PeerClass{&tg.PeerUser{UserID: Ana}, &tg.PeerChat{ChatID: Family}, &tg.PeerChannel{ChannelID: Shop}} {
		all.Dialogs = append(all.Dialogs, w.dialog(peer))
		if list := w.of(peer); len(list) > 0 {
			all.Messages = append(all.Messages, list[0])
		}
	}
	return all, nil
}

func (w *World) getHistory(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.MessagesGetHistoryRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	var peer tg.PeerClass
	switch p := r.Peer.(type) {
	case *tg.InputPeerUser:
		peer = &tg.PeerUser{UserID: p.UserID}
	case *tg.InputPeerChat:
		peer = &tg.PeerChat{ChatID: p.ChatID}
	case *tg.InputPeerChannel:
		peer = &tg.PeerChannel{ChannelID: p.ChannelID}
	default:
		return nil, tgerr.New(400, "PEER_ID_INVALID")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.of(peer)
	page := slices.DeleteFunc(slices.Clone(list), func(m tg.MessageClass) bool { return r.OffsetID != 0 && m.GetID() >= r.OffsetID })
	return &tg.MessagesMessagesSlice{Count: len(list), Messages: page[:min(r.Limit, len(page))], Users: people(), Chats: w.groups()}, nil
}
