package domain

import "time"

// decideInbound handles a message that a peer wrote.
func decideInbound(s State, u Update, f MessageArrived) Change {
	if s.Chat.Blocked() {
		return Change{Outcome: Dropped}
	}
	if s.Message != nil {
		return Change{Outcome: Repeated, Aliases: f.AlsoKnown}
	}
	at := u.happenedAt()
	change := Change{Outcome: Applied, Aliases: f.AlsoKnown}
	chat := change.edit(s)
	chat.updateContact(f, at)
	chat.InboundSeq++
	if at.After(chat.LastInboundAt) {
		chat.LastInboundAt = at
	}
	chat.countUnanswered(UnansweredMessage{Seq: chat.InboundSeq, At: at})
	s.recordInbound(chat, at)
	m := arrived(s, f, at)
	m.Origin, m.InboundSeq = OriginClient, chat.InboundSeq
	change.Message = &m
	change.addNotice(EventMessageCreated, m.created(chat))
	if chat.PeerRefuses {
		change.setRefuses(s, false, at)
	}
	return change
}

// decideEcho handles a message that the company wrote: on its own phone, or
// through us, in which case the echo is a sign that it was sent.
func decideEcho(s State, u Update, f MessageArrived) Change {
	at := u.happenedAt()
	if m := s.Message; m != nil {
		if m.Direction == Inbound {
			return Change{Outcome: Repeated, Aliases: f.AlsoKnown}
		}
		change := reachedStatus(s, *m, Sent, at, f.AlsoKnown)
		if change.Message == nil {
			change.Outcome = Repeated
		}
		return change
	}
	for _, m := range s.Open {
		if m.ProviderID == "" && m.Type == f.Type && m.Text == f.Text {
			m.ProviderID = f.ProviderID
			return reachedStatus(s, m, Sent, at, f.AlsoKnown)
		}
	}
	change := Change{Outcome: Applied, Aliases: f.AlsoKnown}
	chat := change.edit(s)
	chat.updateContact(f, at)
	m := arrived(s, f, at)
	m.Origin, m.Status, m.SentAt = OriginPhone, Sent, at
	change.Message = &m
	fewer := chat.raiseWatermark(0, at, s.Unanswered)
	s.recordOutbound(chat, at)
	change.addNotice(EventMessageCreated, m.created(chat))
	if fewer {
		change.addNotice(EventChatUnanswered, chatUnanswered{chat.Unanswered, "reply", Time(at)})
	}
	return change
}

// arrived makes the message that a messenger reported.
func arrived(s State, f MessageArrived, at time.Time) Message {
	return Message{
		ID: MessageID("msg_" + s.NewID), Chat: s.Chat.ID, Connection: s.Chat.Connection, Company: s.Chat.Company,
		Direction: f.Direction, Type: f.Type, Text: f.Text, Media: f.Media, ReplyTo: f.ReplyTo,
		ProviderID: f.ProviderID, At: at,
	}
}

// updateContact stores the messenger's words about the peer, unless newer ones
// are known. Of two equally new ones the greater wins, so that their order does
// not matter.
func (c *Chat) updateContact(f MessageArrived, at time.Time) {
	c.IsGroup = c.IsGroup || f.IsGroup
	reported, known := f.Contact, Contact{c.Title, c.Phone, c.Username}
	if reported == (Contact{}) || at.Before(c.ContactAt) || at.Equal(c.ContactAt) && !reported.after(known) {
		return
	}
	c.Title, c.Phone, c.Username, c.ContactAt = reported.Name, reported.Phone, reported.Username, at
}

// after orders contacts, for updateContact.
func (c Contact) after(o Contact) bool {
	if c.Name != o.Name {
		return c.Name > o.Name
	}
	if c.Phone != o.Phone {
		return c.Phone > o.Phone
	}
	return c.Username > o.Username
}

// created is the data of the event that announces the message.
func (m *Message) created(c *Chat) messageCreated {
	return messageCreated{
		Message: createdMessage{
			ID: m.ID, ProviderID: m.ProviderID, Direction: m.Direction, Origin: m.Origin, Type: m.Type, Text: m.Text,
			Media: m.Media, ReplyTo: m.ReplyTo, SentAt: Time(m.At), ClientRef: m.ClientRef,
		},
		Contact: Contact{c.Title, c.Phone, c.Username},
	}
}
