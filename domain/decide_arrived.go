package domain

import (
	"cmp"
	"time"
)

// decideInbound handles a message that a peer wrote.
func decideInbound(s State, u Update, f MessageArrived) Change {
	var change Change
	change.applyNames(s, f)
	if s.Chat.Blocked() {
		change.Outcome = Dropped
		return change
	}
	if s.Message != nil {
		change.Outcome = Repeated
		return change
	}
	change.Outcome = Applied
	at := u.happenedAt()
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
	return change
}

// applyNames applies what a message says of the names of the peer, whether or not
// the message is new, and whether or not the peer is blocked.
func (c *Change) applyNames(s State, f MessageArrived) {
	if f.MovedTo != "" {
		c.move(s, cmp.Or(f.MovedFrom, f.Peer), f.MovedTo)
	}
	c.learn(s, append([]PeerID{f.Peer}, f.AlsoKnown...)...)
}

// decideEcho handles a message that the company wrote: on its own phone, or
// through us, in which case the echo is a sign that it was sent. Only an id proves
// that: an employee may type on the phone what was sent through us.
func decideEcho(s State, u Update, f MessageArrived) Change {
	at := u.happenedAt()
	if m := s.Message; m != nil {
		change := Change{Outcome: Repeated}
		if m.Direction == Outbound {
			change = reachedStatus(s, *m, Sent, at)
		}
		if change.Message == nil {
			change.Outcome = Repeated
		}
		change.applyNames(s, f)
		return change
	}
	change := Change{Outcome: Applied}
	change.applyNames(s, f)
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
// not matter. What one of them leaves out, it does not change.
func (c *Chat) updateContact(f MessageArrived, at time.Time) {
	c.IsGroup = c.IsGroup || f.IsGroup
	reported, known := f.Contact, Contact{c.Title, c.Phone, c.Username}
	if reported == (Contact{}) {
		return
	}
	if at.Before(c.ContactAt) || at.Equal(c.ContactAt) && !reported.after(known) {
		reported, known = known, reported
	} else {
		c.ContactAt = at
	}
	c.Title, c.Phone, c.Username = cmp.Or(reported.Name, known.Name), cmp.Or(reported.Phone, known.Phone), cmp.Or(reported.Username, known.Username)
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
