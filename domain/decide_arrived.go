package domain

import "time"

// decideInbound: a peer writes.
func decideInbound(s State, u Update, f MessageArrived) Change {
	if s.Chat.Blocked() {
		return Change{Outcome: Dropped}
	}
	if s.Message != nil {
		return Change{Outcome: Repeated, Alias: f.AlsoKnown}
	}
	at := u.happenedAt()
	c := *s.Chat
	c.updateContact(f, at)
	c.InboundSeq++
	if at.After(c.LastInboundAt) {
		c.LastInboundAt = at
	}
	c.countUnanswered(UnansweredMessage{Seq: c.InboundSeq, At: at})
	s.recordInbound(&c, at)
	m := arrived(s, f, at)
	m.Origin, m.InboundSeq = OriginClient, c.InboundSeq
	change := Change{Outcome: Applied, Chat: &c, Message: &m, Alias: f.AlsoKnown}
	change.addNotice(EventMessageCreated, m.created(&c))
	return change
}

// decideEcho: the company wrote on its own phone, or we hear of our own send.
func decideEcho(s State, u Update, f MessageArrived) Change {
	at := u.happenedAt()
	if m := s.Message; m != nil {
		if m.Direction == Inbound {
			return Change{Outcome: Repeated, Alias: f.AlsoKnown}
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
	c := *s.Chat
	c.updateContact(f, at)
	m := arrived(s, f, at)
	m.Origin, m.Status, m.SentAt = OriginPhone, Sent, at
	change := Change{Outcome: Applied, Chat: &c, Message: &m, Alias: f.AlsoKnown}
	fewer := c.raiseWatermark(0, at, s.Unanswered)
	s.recordOutbound(&c, at)
	change.addNotice(EventMessageCreated, m.created(&c))
	if fewer {
		change.addNotice(EventChatUnanswered, chatUnanswered{c.Unanswered, "reply", Time(at)})
	}
	return change
}

// arrived makes the message that a messenger told of.
func arrived(s State, f MessageArrived, at time.Time) Message {
	return Message{
		ID: MessageID("msg_" + s.NewID), Chat: s.Chat.ID, Connection: s.Chat.Connection, Company: s.Chat.Company,
		Direction: f.Direction, Type: f.Type, Text: f.Text, Media: f.Media, ReplyTo: f.ReplyTo,
		ProviderID: f.ProviderID, At: at,
	}
}

// meet keeps what the messenger tells of the peer, if nothing newer is known.
// Of two equally new ones the greater stays, so that their order does not matter.
func (c *Chat) updateContact(f MessageArrived, at time.Time) {
	c.IsGroup = c.IsGroup || f.IsGroup
	told, known := f.Contact, Contact{c.Title, c.Phone, c.Username}
	if told == (Contact{}) || at.Before(c.ContactAt) || at.Equal(c.ContactAt) && !told.after(known) {
		return
	}
	c.Title, c.Phone, c.Username, c.ContactAt = told.Name, told.Phone, told.Username, at
}

func (c Contact) after(o Contact) bool {
	if c.Name != o.Name {
		return c.Name > o.Name
	}
	if c.Phone != o.Phone {
		return c.Phone > o.Phone
	}
	return c.Username > o.Username
}

func (m *Message) created(c *Chat) messageCreated {
	return messageCreated{
		Message: createdMessage{
			ID: m.ID, ProviderID: m.ProviderID, Direction: m.Direction, Origin: m.Origin, Type: m.Type, Text: m.Text,
			Media: m.Media, ReplyTo: m.ReplyTo, SentAt: Time(m.At), ClientRef: m.ClientRef,
		},
		Contact: Contact{c.Title, c.Phone, c.Username},
	}
}
