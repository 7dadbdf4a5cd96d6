package dc

import (
	"time"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
	"github.com/gotd/td/tgtest"
)

// The groups of the account, and who writes there.
const (
	Family int64 = 500 // a basic group
	Shop   int64 = 700 // a supergroup
	Ben    int64 = 2500
)

// A channel is the log of the supergroup, which counts for itself.
type channel struct {
	pts    int
	log    []entry
	lastID int
	gone   int // the log begins behind it
}

// groups are those of the account. The caller holds mu.
func (w *World) groups() []tg.ChatClass {
	shop := &tg.Channel{ID: Shop, Title: "Tienda", Megagroup: true, Photo: &tg.ChatPhotoEmpty{}}
	shop.SetAccessHash(Shop * 7)
	family := &tg.Chat{ID: Family, Title: "Familia", Photo: &tg.ChatPhotoEmpty{}}
	if w.upgraded {
		family.Deactivated = true
		family.SetMigratedTo(&tg.InputChannel{ChannelID: Shop, AccessHash: Shop * 7})
	}
	return []tg.ChatClass{family, shop}
}

// Upgrade makes the basic group the supergroup.
func (w *World) Upgrade(quietly bool) {
	now := int(time.Now().Unix())
	w.mu.Lock()
	w.upgraded = true
	w.lastID++
	to := &tg.UpdateNewMessage{Message: &tg.MessageService{
		ID: w.lastID, PeerID: &tg.PeerChat{ChatID: Family}, Date: now, Action: &tg.MessageActionChatMigrateTo{ChannelID: Shop},
	}}
	w.record(to, 1)
	w.shop.lastID++
	from := w.shop.record(&tg.MessageService{
		ID: w.shop.lastID, PeerID: &tg.PeerChannel{ChannelID: Shop}, Date: now,
		Action: &tg.MessageActionChannelMigrateFrom{Title: "Familia", ChatID: Family},
	})
	w.mu.Unlock()
	if !quietly {
		w.push(to)
		w.push(from)
	}
}

// SaysInFamily lets Ben write in the basic group.
func (w *World) SaysInFamily(text string, quietly bool) {
	w.mu.Lock()
	w.lastID++
	m := &tg.Message{ID: w.lastID, PeerID: &tg.PeerChat{ChatID: Family}, Date: int(time.Now().Unix()), Message: text}
	w.mu.Unlock()
	m.SetFromID(&tg.PeerUser{UserID: Ben})
	w.happens(&tg.UpdateNewMessage{Message: m}, quietly)
}

// SaysInShop lets Ben write in the supergroup.
func (w *World) SaysInShop(text string, quietly bool) {
	w.mu.Lock()
	m := &tg.Message{PeerID: &tg.PeerChannel{ChannelID: Shop}, Date: int(time.Now().Unix()), Message: text}
	m.SetFromID(&tg.PeerUser{UserID: Ben})
	w.shop.lastID++
	m.ID = w.shop.lastID
	u := w.shop.record(m)
	w.mu.Unlock()
	if !quietly {
		w.push(u)
	}
}

// ReadsInShop lets Ben read what the account wrote in the supergroup, up to a number.
func (w *World) ReadsInShop(through int) {
	w.push(&tg.UpdateReadChannelOutbox{ChannelID: Shop, MaxID: through})
}

// record adds a message to the log. The caller holds the World's mu.
func (c *channel) record(m tg.MessageClass) tg.UpdateClass {
	c.pts++
	u := &tg.UpdateNewChannelMessage{Message: m, Pts: c.pts, PtsCount: 1}
	c.log = append(c.log, entry{c.pts, u})
	return u
}

// Forget removes the logs: what came before is found in the chats only.
func (w *World) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.gone, w.shop.gone = w.pts, w.shop.pts
}

func (w *World) channelDifference(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.UpdatesGetChannelDifferenceRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case r.Pts >= w.shop.pts:
		return &tg.UpdatesChannelDifferenceEmpty{Final: true, Pts: w.shop.pts}, nil
	case r.Pts < w.shop.gone:
		return &tg.UpdatesChannelDifferenceTooLong{Final: true, Dialog: w.dialog(&tg.PeerChannel{ChannelID: Shop}), Users: people(), Chats: w.groups()}, nil
	}
	d := &tg.UpdatesChannelDifference{Final: true, Pts: w.shop.pts, Users: people(), Chats: w.groups()}
	for _, e := range w.shop.log {
		if e.pts > r.Pts {
			d.NewMessages = append(d.NewMessages, e.update.(*tg.UpdateNewChannelMessage).Message)
		}
	}
	return d, nil
}

// takeInGroup takes a message to a group. The caller does not hold mu.
func (w *World) takeInGroup(peer tg.InputPeerClass, random int64, m *tg.Message) (bin.Encoder, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var u tg.UpdateClass
	switch p := peer.(type) {
	case *tg.InputPeerChat:
		if w.upgraded {
			return nil, tgerr.New(400, "CHAT_ID_INVALID")
		}
		w.lastID++
		m.ID, m.PeerID = w.lastID, &tg.PeerChat{ChatID: p.ChatID}
		u = &tg.UpdateNewMessage{Message: m}
		w.record(u, 1)
	case *tg.InputPeerChannel:
		if p.AccessHash != Shop*7 {
			return nil, tgerr.New(400, "CHANNEL_INVALID")
		}
		w.shop.lastID++
		m.ID, m.PeerID = w.shop.lastID, &tg.PeerChannel{ChannelID: p.ChannelID}
		u = w.shop.record(m)
	}
	w.byRandom[random] = m.ID
	return &tg.Updates{
		Updates: []tg.UpdateClass{&tg.UpdateMessageID{ID: m.ID, RandomID: random}, u}, Users: people(), Chats: w.groups(), Date: m.Date,
	}, nil
}
