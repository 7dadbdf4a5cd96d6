package domain

import (
	"cmp"
	"time"
)

// decideArrived handles a message of either side.
func decideArrived(s State, u Update, f MessageArrived) Change {
	if f.Direction == Outbound {
		return decideEcho(s, u, f)
	}
	return decideInbound(s, u, f)
}

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
	m := arrived(s, f, at)
	m.Origin = cmp.Or(f.Origin, OriginClient)
	if f.counts() {
		chat.InboundSeq++
		m.InboundSeq = chat.InboundSeq
		chat.noteInbound(m.Content.TopicID(), at)
		chat.countUnanswered(UnansweredMessage{Seq: chat.InboundSeq, At: at})
		s.recordInbound(chat, at)
		change.seekPhone(s)
	}
	change.Message = &m
	if f.Author != nil && f.Author.Role == "" {
		change.meet(s, f.Author.ID)
	}
	change.addNotice(EventMessageCreated, m.created(chat))
	if chat.PeerRefuses {
		change.setRefuses(s, false, at)
	}
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

// counts reports whether a person on the other side wrote, pressed, sent or
// called. Only such a message is unanswered, moves the chat in the list, opens the
// free window and makes a dialog the peer's (rule 48).
func (f MessageArrived) counts() bool {
	fromPerson := f.Author == nil || f.Author.Role == ""
	return f.Direction == Inbound && f.Origin == "" && f.Type != TypeSystem && fromPerson
}

// noteInbound notes when a message came that counts, and in which topic. Of two
// of the same moment the greater topic stays, so that their order does not matter.
func (c *Chat) noteInbound(topic string, at time.Time) {
	switch {
	case at.After(c.LastInboundAt):
		c.LastInboundAt, c.Topic = at, topic
	case at.Equal(c.LastInboundAt):
		c.Topic = max(c.Topic, topic)
	}
}

// decidePast handles a message of the time before the account was connected. It
// is stored, and no more: nothing waits for an answer, and nobody is told.
func decidePast(s State, u Update, f MessageArrived) Change {
	switch {
	case !s.KeepHistory:
		return Change{Outcome: Ignored}
	case f.Direction == Inbound && s.Chat.Blocked():
		return Change{Outcome: Dropped}
	case s.Message != nil:
		change := Change{Outcome: Repeated}
		change.applyNames(s, f)
		return change
	}
	at := u.happenedAt()
	change := Change{Outcome: Applied}
	change.applyNames(s, f)
	change.edit(s).updateContact(f, at)
	m := arrived(s, f, at)
	m.Origin = OriginHistory
	if m.Direction == Outbound {
		m.Status, m.SentAt = cmp.Or(f.Status, Sent), at
		if m.Status == Failed {
			m.Failure, m.FailedAt = unexplained(s), at
		}
	}
	change.Message = &m
	return change
}

// decidePeerListed takes over what the company's address book calls a peer. Like past
// messages, that concerns only a connection that keeps its history; by which names the
// messenger knows the peer concerns every connection (rule 44).
func decidePeerListed(s State, u Update, f PeerListed) Change {
	if s.Chat == nil {
		return Change{Outcome: Ignored}
	}
	change := Change{Outcome: Ignored}
	if len(f.AlsoKnown) > 0 {
		change.Outcome = Repeated
		change.learn(s, append([]PeerID{f.Peer}, f.AlsoKnown...)...)
	}
	if s.KeepHistory {
		change.Outcome = Repeated
		listed := *change.chat(s)
		listed.updateContact(MessageArrived{Contact: f.Contact}, u.happenedAt())
		if listed.contact() != s.Chat.contact() {
			*change.edit(s) = listed
		}
	}
	if change.Chat != nil {
		change.Outcome = Applied
	}
	return change
}

// decideEcho handles a message that the company wrote: on its own phone, or
// through us, in which case the echo is a sign that it was sent. Only an id proves
// that: an employee may type on the phone what was sent through us.
func decideEcho(s State, u Update, f MessageArrived) Change {
	at := u.happenedAt()
	if m := s.Message; m != nil {
		change := Change{Outcome: Repeated}
		if m.Direction == Outbound {
			change = hasLeft(s, *m, f.Pending, at)
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
	m.Origin, m.Status, m.SentAt = cmp.Or(f.Origin, OriginPhone), Sent, at
	if f.Pending {
		m.Status, m.SentAt, m.TakenAt = Queued, time.Time{}, at
	}
	change.Message = &m
	fewer := false
	if f.Origin == "" { // else an agent of the messenger wrote it, who answers for nobody
		fewer = chat.raiseWatermark(0, at, s.Unanswered)
		s.recordOutbound(chat, at)
	}
	change.addNotice(EventMessageCreated, m.created(chat))
	if fewer {
		change.addNotice(EventChatUnanswered, chatUnanswered{chat.Unanswered, answeredByReply, Time(at)})
	}
	return change
}

// arrived makes the message that a messenger reported.
func arrived(s State, f MessageArrived, at time.Time) Message {
	return Message{
		ID: NewMessageID(s.NewID), Chat: s.Chat.ID, Connection: s.Chat.Connection, Company: s.Chat.Company,
		Direction: f.Direction, Type: f.Type, Text: f.Text, Media: f.Media, ReplyTo: f.ReplyTo,
		Content: f.Content, Author: f.Author, ProviderID: f.ProviderID, At: at,
	}
}

// updateContact stores the messenger's words about the peer, unless newer ones
// are known. Of two equally new ones the greater wins, so that their order does
// not matter. What one of them leaves out, it does not change.
func (c *Chat) updateContact(f MessageArrived, at time.Time) {
	c.IsGroup = c.IsGroup || f.IsGroup
	reported, known := f.Contact, c.contact()
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
			ID: m.ID, Chat: m.Chat, ProviderID: m.ProviderID, ClientRef: m.ClientRef, Direction: m.Direction, Origin: m.Origin,
			Author: m.Author, Type: m.Type, Text: m.Text, Media: m.PublicMedia(), Template: m.Template, Content: m.Content, ReplyTo: m.ReplyTo,
			Status: m.Status, CreatedAt: Time(m.At), SentAt: Time(m.At),
		},
		Contact: c.contact(),
	}
}
