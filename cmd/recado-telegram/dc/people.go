package dc

import (
	"context"
	"fmt"
	"time"

	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgtest"
)

func me() *tg.User { return itself(Self) }

// itself is an account as it sees itself.
func itself(account int64) *tg.User {
	u := &tg.User{ID: account, Self: true, FirstName: "Clínica"}
	u.SetAccessHash(1)
	return u
}

func user(id int64) *tg.User {
	u := &tg.User{ID: id, FirstName: fmt.Sprint("U", id)}
	switch id {
	case Ben:
		u.FirstName = "Ben"
	case Ana:
		u.FirstName, u.LastName, u.Username, u.Phone = "Ana", "Gil", "ana_gil", AnaPhone
	}
	u.SetAccessHash(id * 7)
	return u
}

// people are those whom updates are about.
func people() []tg.UserClass { return []tg.UserClass{user(Ana), user(Ben), me()} }

// record puts an update into the log. The caller holds mu.
func (w *World) record(u tg.UpdateClass, count int) {
	w.pts += count
	switch u := u.(type) {
	case *tg.UpdateNewMessage:
		u.Pts, u.PtsCount = w.pts, count
	case *tg.UpdateEditMessage:
		u.Pts, u.PtsCount = w.pts, count
	case *tg.UpdateReadHistoryOutbox:
		u.Pts, u.PtsCount = w.pts, count
	case *tg.UpdateDeleteMessages:
		u.Pts, u.PtsCount = w.pts, count
	}
	w.log = append(w.log, entry{w.pts, u})
}

// happens records an update, and pushes it unless it happens quietly, as while nobody is
// connected.
func (w *World) happens(u tg.UpdateClass, quietly bool) {
	w.mu.Lock()
	w.record(u, 1)
	w.mu.Unlock()
	if !quietly {
		w.push(u)
	}
}

// Says lets Ana write, and returns the number of the message.
func (w *World) Says(text string, quietly bool) int {
	return w.write(Ana, text, quietly)
}

// SaysAs lets anybody write, such as Telegram itself.
func (w *World) SaysAs(who int64, text string) int { return w.write(who, text, false) }

func (w *World) write(who int64, text string, quietly bool) int {
	w.mu.Lock()
	w.lastID++
	id := w.lastID
	w.mu.Unlock()
	m := &tg.Message{ID: id, PeerID: &tg.PeerUser{UserID: who}, Date: int(time.Now().Unix()), Message: text}
	m.SetFromID(&tg.PeerUser{UserID: who})
	w.happens(&tg.UpdateNewMessage{Message: m}, quietly)
	return id
}

// Owner lets the owner of the account write to Ana on the phone.
func (w *World) Owner(text string) int { return w.owner(outgoing(text, nil)) }

// OwnerShares lets the owner of the account send Ana something else than a text.
func (w *World) OwnerShares(media tg.MessageMediaClass) int { return w.owner(outgoing("", media)) }

func (w *World) owner(m *tg.Message) int {
	w.mu.Lock()
	w.lastID++
	m.ID = w.lastID
	w.mu.Unlock()
	m.PeerID = &tg.PeerUser{UserID: Ana}
	w.happens(&tg.UpdateNewMessage{Message: m}, false)
	return m.ID
}

// outgoing makes a message of the account, without its number and its peer.
func outgoing(text string, media tg.MessageMediaClass) *tg.Message {
	m := &tg.Message{Out: true, Date: int(time.Now().Unix()), Message: text}
	m.SetFromID(&tg.PeerUser{UserID: Self})
	if media != nil {
		m.SetMedia(media)
	}
	return m
}

// Edits lets Ana edit what she wrote.
func (w *World) Edits(id int, text string, quietly bool) {
	m := &tg.Message{ID: id, PeerID: &tg.PeerUser{UserID: Ana}, Date: int(time.Now().Unix()), Message: text}
	m.SetFromID(&tg.PeerUser{UserID: Ana})
	m.SetEditDate(int(time.Now().Unix()))
	w.happens(&tg.UpdateEditMessage{Message: m}, quietly)
}

// Touches changes what Ana wrote as a reaction does: by an edit that no program shows.
func (w *World) Touches(id int, text string) {
	m := &tg.Message{ID: id, EditHide: true, PeerID: &tg.PeerUser{UserID: Ana}, Date: int(time.Now().Unix()), Message: text}
	m.SetFromID(&tg.PeerUser{UserID: Ana})
	m.SetEditDate(int(time.Now().Unix()))
	w.happens(&tg.UpdateEditMessage{Message: m}, false)
}

// Reads lets Ana read what the account wrote, up to a number.
func (w *World) Reads(through int, quietly bool) {
	w.happens(&tg.UpdateReadHistoryOutbox{Peer: &tg.PeerUser{UserID: Ana}, MaxID: through}, quietly)
}

// Deletes lets Ana delete messages.
func (w *World) Deletes(quietly bool, ids ...int) {
	w.happens(&tg.UpdateDeleteMessages{Messages: ids}, quietly)
}

// push sends an update to everybody who is connected.
func (w *World) push(u tg.UpdateClass) {
	w.mu.Lock()
	var to []tgtest.Session
	for _, s := range w.sessions {
		to = append(to, s)
	}
	pushed := &tg.Updates{Updates: []tg.UpdateClass{u}, Users: people(), Chats: w.groups(), Date: int(time.Now().Unix())}
	w.mu.Unlock()
	for _, s := range to {
		if err := w.server.Send(context.Background(), s, tgtest.MessageFromServer, pushed); err != nil { // who is gone asks for it later
			w.mu.Lock()
			delete(w.sessions, s.ID)
			w.mu.Unlock()
		}
	}
}

func (w *World) difference(since int) tg.UpdatesDifferenceClass {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := int(time.Now().Unix())
	switch {
	case since < w.gone:
		return &tg.UpdatesDifferenceTooLong{Pts: w.pts}
	case since >= w.pts:
		return &tg.UpdatesDifferenceEmpty{Date: now}
	}
	d := &tg.UpdatesDifference{State: tg.UpdatesState{Pts: w.pts, Date: now}, Users: people(), Chats: w.groups()}
	for _, e := range w.log {
		if e.pts <= since {
			continue
		}
		if n, ok := e.update.(*tg.UpdateNewMessage); ok {
			d.NewMessages = append(d.NewMessages, n.Message)
		} else {
			d.OtherUpdates = append(d.OtherUpdates, e.update)
		}
	}
	if w.shop.pts > 0 {
		long := &tg.UpdateChannelTooLong{ChannelID: Shop}
		long.SetPts(w.shop.pts)
		d.OtherUpdates = append(d.OtherUpdates, long)
	}
	return d
}
