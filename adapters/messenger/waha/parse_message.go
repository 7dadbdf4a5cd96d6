package waha

import (
	"cmp"
	"errors"
	"slices"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// A message is what we read of WAHA's WAMessage.
type message struct {
	ID          messageID
	Timestamp   stamp
	From        jid
	FromMe      bool
	Source      wire.Text // of our own: "api", or "app" where it was written on the phone
	To          jid
	Participant jid // who of a group wrote it
	Author      jid // the same, by older versions

	Body     wire.Text
	HasMedia bool
	Media    *media
	Location *location
	VCards   []string
	ReplyTo  *struct{ ID messageID }
	Ack      *wire.Integer // how far one of the company came
	Data     data          `json:"_data"`
}

// data is what the engine itself says of a message: GOWS in Info, NOWEB in Key.
type data struct {
	Info struct {
		SenderAlt    jid // the other name of who wrote it
		RecipientAlt jid // and of whom we wrote to
		PushName     string
		MediaType    string
	}
	Key struct {
		RemoteJidAlt   jid //nolint:revive // as NOWEB writes it
		SenderPn       jid
		ParticipantAlt jid
		ParticipantPn  jid
	}
	PushName   string
	NotifyName string
	Message    raw
}

// arrived: somebody wrote: the peer, or the company on its phone or through WAHA.
func (m *message) arrived(e *event) (piece, error) {
	chat := m.chat()
	id, err := m.ID.provider()
	switch {
	case err != nil:
		return piece{}, err
	case chat == "":
		return piece{}, errors.New("it names no chat")
	case !chat.isChat() || e.isSelf(chat):
		return piece{}, nil
	}
	c, wrote := m.content()
	if !wrote {
		return piece{}, nil
	}
	names := m.names()
	if len(names) == 0 {
		return piece{}, errors.New("it names no peer")
	}
	f := domain.MessageArrived{
		Peer: names[0], AlsoKnown: append([]domain.PeerID(nil), names[1:]...), IsGroup: chat.isGroup(), Contact: m.contact(names[0]), Direction: m.direction(), ProviderID: id,
		Type: c.Type, Text: wire.Clean(c.Text), Media: c.Media, Content: c.Content.OrNil(), Author: m.author(),
	}
	f.Pending = m.FromMe && m.Source == "api" && !chat.isGroup() && m.Ack != nil && *m.Ack == 0
	if m.ReplyTo != nil {
		f.ReplyTo, _ = m.ReplyTo.ID.provider() // what has no name is no reply
	}
	return piece{f, m.Timestamp.Time}, nil
}

// isSelf reports whether the chat is the account's own, where its owner takes notes.
func (e *event) isSelf(chat jid) bool {
	peer := chat.peer()
	return peer != "" && (peer == e.Me.ID.peer() || peer == e.Me.Lid.peer())
}

// chat is where the message stands. Its id says it best; older engines write bare ids.
func (m *message) chat() jid {
	if m.ID.chat != "" {
		return m.ID.chat
	}
	return m.other()
}

// other is who stands on the other side, by the words of from and to.
func (m *message) other() jid {
	if m.FromMe {
		return cmp.Or(m.To, m.From)
	}
	return m.From
}

func (m *message) direction() domain.Direction {
	if m.FromMe {
		return domain.Outbound
	}
	return domain.Inbound
}

// names lists the names of the peer, a phone number first. In a group the names that
// the engine adds are of a participant.
func (m *message) names() []domain.PeerID {
	all := []jid{m.chat()}
	switch {
	case m.chat().isGroup():
	case m.FromMe:
		all = append(all, m.other(), m.Data.Info.RecipientAlt, m.Data.Key.RemoteJidAlt)
	default:
		all = append(all, m.other(), m.Data.Info.SenderAlt, m.Data.Key.SenderPn, m.Data.Key.RemoteJidAlt)
	}
	return peersOf(all...)
}

// peersOf lists the peers of the addresses, each once, a phone number first.
func peersOf(all ...jid) []domain.PeerID {
	var names []domain.PeerID
	for _, j := range all {
		if p := j.peer(); p != "" && j.isChat() && !slices.Contains(names, p) {
			names = append(names, p)
		}
	}
	if i := slices.IndexFunc(names, domain.PeerID.IsPhone); i > 0 {
		names[0], names[i] = names[i], names[0]
	}
	return names
}

// contact is what the message tells of the peer. The name in our own messages is ours.
func (m *message) contact(peer domain.PeerID) domain.Contact {
	var c domain.Contact
	if m.chat().isGroup() {
		return c
	}
	if !m.FromMe {
		c.Name = m.Data.name()
	}
	if peer.IsPhone() {
		c.Phone = string(peer)
	}
	return c
}

// name is what the writer calls themself.
func (d *data) name() string { return wire.Clean(cmp.Or(d.Info.PushName, d.PushName, d.NotifyName)) }

// author tells who of a group wrote; nil: the chat says it.
func (m *message) author() *domain.Author {
	if !m.chat().isGroup() || m.FromMe {
		return nil
	}
	names := peersOf(m.Participant, m.ID.participant, m.Author, m.Data.Info.SenderAlt, m.Data.Key.ParticipantPn, m.Data.Key.ParticipantAlt)
	if len(names) == 0 {
		return nil
	}
	a := domain.Author{ID: names[0], Name: m.Data.name()}
	if a.ID.IsPhone() {
		a.Phone = string(a.ID)
	}
	return &a
}
