package dc

import (
	"time"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
	"github.com/gotd/td/tgtest"
)

// A method answers a call; a nil answer is none, for the connection is gone.
type method func(req *tgtest.Request) (bin.Encoder, error)

func (w *World) register(d *tgtest.Dispatcher) {
	handle := func(id uint32, name string, known bool, do method) {
		d.HandleFunc(id, func(s *tgtest.Server, req *tgtest.Request) error {
			w.mu.Lock()
			w.calls[name]++
			_, authorized := w.keys[req.Session.AuthKey.ID]
			if authorized {
				w.sessions[req.Session.ID] = req.Session
			}
			w.mu.Unlock()
			if known && !authorized {
				return tgerr.New(401, "AUTH_KEY_UNREGISTERED")
			}
			w.see(name, false)
			answer, err := do(req)
			if err != nil || answer == nil {
				return err
			}
			if err := s.SendResult(req, answer); err != nil {
				return err
			}
			w.see(name, true)
			return nil
		})
	}
	handle(tg.AuthSendCodeRequestTypeID, "auth.sendCode", false, w.sendCode)
	handle(tg.AuthSignInRequestTypeID, "auth.signIn", false, w.signIn)
	handle(tg.AuthExportLoginTokenRequestTypeID, "auth.exportLoginToken", false, w.exportToken)
	handle(tg.AccountGetPasswordRequestTypeID, "account.getPassword", false, passwordOf)
	handle(tg.AuthCheckPasswordRequestTypeID, "auth.checkPassword", false, w.checkPassword)
	handle(tg.AuthLogOutRequestTypeID, "auth.logOut", true, func(req *tgtest.Request) (bin.Encoder, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.keys, req.Session.AuthKey.ID)
		return &tg.AuthLoggedOut{}, nil
	})
	handle(tg.UploadSaveFilePartRequestTypeID, "upload.saveFilePart", true, w.savePart)
	handle(tg.UploadGetFileRequestTypeID, "upload.getFile", true, w.getFile)
	handle(tg.MessagesSendMediaRequestTypeID, "messages.sendMedia", true, w.sendMedia)
	handle(tg.MessagesGetMessagesRequestTypeID, "messages.getMessages", true, w.getMessages)
	handle(tg.UpdatesGetStateRequestTypeID, "updates.getState", true, func(*tgtest.Request) (bin.Encoder, error) {
		return &tg.UpdatesState{Pts: w.Position(), Date: int(time.Now().Unix())}, nil
	})
	handle(tg.UpdatesGetDifferenceRequestTypeID, "updates.getDifference", true, func(req *tgtest.Request) (bin.Encoder, error) {
		var r tg.UpdatesGetDifferenceRequest
		if err := r.Decode(req.Buf); err != nil {
			return nil, err
		}
		return w.difference(r.Pts), nil
	})
	handle(tg.UpdatesGetChannelDifferenceRequestTypeID, "updates.getChannelDifference", true, w.channelDifference)
	handle(tg.MessagesGetDialogsRequestTypeID, "messages.getDialogs", true, w.getDialogs)
	handle(tg.MessagesGetHistoryRequestTypeID, "messages.getHistory", true, w.getHistory)
	handle(tg.ContactsResolvePhoneRequestTypeID, "contacts.resolvePhone", true, resolvePhone)
	handle(tg.ContactsResolveUsernameRequestTypeID, "contacts.resolveUsername", true, resolveUsername)
	handle(tg.ContactsImportContactsRequestTypeID, "contacts.importContacts", true, importContacts)
	handle(tg.ContactsDeleteContactsRequestTypeID, "contacts.deleteContacts", true, deleteContacts)
	handle(tg.MessagesSendMessageRequestTypeID, "messages.sendMessage", true, w.sendMessage)
	d.HandleFunc(tg.UsersGetUsersRequestTypeID, func(s *tgtest.Server, req *tgtest.Request) error {
		w.mu.Lock()
		account, authorized := w.keys[req.Session.AuthKey.ID]
		if authorized {
			w.sessions[req.Session.ID] = req.Session
		}
		w.mu.Unlock()
		if !authorized {
			return tgerr.New(401, "AUTH_KEY_UNREGISTERED")
		}
		return s.SendVector(req, itself(account))
	})
}

// Took is what OnCall sees between a message that is taken, and the answer.
const Took = "messages.sendMessage took"

// sendMessage takes a text.
func (w *World) sendMessage(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.MessagesSendMessageRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	return w.takeFrom(r.Peer, r.RandomID, outgoing(r.Message, nil))
}

// takeFrom takes a message to a peer once, whatever comes again by its random number.
func (w *World) takeFrom(to tg.InputPeerClass, random int64, m *tg.Message) (bin.Encoder, error) {
	peer, ok := to.(*tg.InputPeerUser)
	switch {
	case !ok:
		return w.takeInGroup(to, random, m)
	case peer.AccessHash != peer.UserID*7:
		return nil, tgerr.New(400, "PEER_ID_INVALID")
	case peer.UserID == Flooded:
		return nil, tgerr.New(420, "FLOOD_WAIT_3")
	}
	w.mu.Lock()
	decide := w.onSend
	w.mu.Unlock()
	var fate Fate
	if decide != nil {
		fate = decide()
	}
	if fate.Err != nil {
		return nil, fate.Err
	}
	m.PeerID = &tg.PeerUser{UserID: peer.UserID}
	again, pts := w.take(random, m)
	w.see(Took, false)
	if fate.Cut {
		w.Drop()
		return nil, nil
	}
	if !again && m.Media == nil {
		return &tg.UpdateShortSentMessage{Out: true, ID: m.ID, Pts: pts, PtsCount: 1, Date: m.Date}, nil
	}
	told := &tg.UpdateNewMessage{Message: m, Pts: pts, PtsCount: 1}
	if again { // as Telegram was seen to answer: the same message, which moves nothing
		told.PtsCount = 0
	}
	return &tg.Updates{
		Updates: []tg.UpdateClass{&tg.UpdateMessageID{ID: m.ID, RandomID: random}, told}, Users: []tg.UserClass{user(peer.UserID)}, Date: m.Date,
	}, nil
}

// take gives a message its number, and keeps it unless its random number came before.
func (w *World) take(random int64, m *tg.Message) (again bool, pts int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if m.ID, again = w.byRandom[random]; !again {
		w.lastID++
		m.ID = w.lastID
		w.byRandom[random] = m.ID
		kept := *m // encoding a message writes into it
		w.record(&tg.UpdateNewMessage{Message: &kept}, 1)
		w.record(&tg.UpdateMessageID{ID: m.ID, RandomID: random}, 0)
		if m.Media != nil {
			w.files.messages[m.ID] = &kept
		}
	}
	return again, w.pts
}
