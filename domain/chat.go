package domain

import "time"

// A Chat is the conversation with one peer over one connection. Decide changes it
// through Change.edit.
type Chat struct {
	ID         ChatID
	Company    CompanyID
	Connection ConnectionID
	Kind       Kind
	Peer       PeerID // the first name of the peer; others are aliases
	MovedTo    PeerID // the alias to which messages are sent; empty: they are sent to Peer
	MergedInto ChatID // the chat that goes on for the same peer; empty: this one does
	IsGroup    bool
	Title      string
	Phone      string
	Username   string
	ContactAt  time.Time // the messenger's time of Title, Phone and Username
	CreatedAt  time.Time

	Seq           int64     // of the last event; each event raises it by one
	LastInboundAt time.Time // orders the list of chats; zero: no message came yet
	Topic         string    // of the message that came then; empty: none

	InboundSeq   int64     // incoming messages so far
	AnsweredSeq  int64     // messages with an InboundSeq up to this are answered
	AnsweredAt   time.Time // and those up to this time, by an echo from the phone
	Unanswered   int64     // incoming messages that are not answered
	WaitingSince time.Time // not later than the oldest of them; zero: none

	Dialogs    []Dialog   // of this month and the last, the older first; see setDialog
	PaidDialog PaidDialog // the last one

	Members []PeerID // of a group, that are known, up to membersMax; in order; replaced, never changed in place

	Reach Reach // what the messenger said about writing to the peer

	PeerRefuses bool      // the peer takes no messages
	RefusesAt   time.Time // the messenger's time of PeerRefuses; zero: it never said

	BlockedBy EmployeeID
	BlockedAt time.Time // zero: not blocked
}

// Blocked reports whether the chat is on the connection's blacklist.
func (c *Chat) Blocked() bool { return !c.BlockedAt.IsZero() }

// contact returns what the messenger says of the peer.
func (c *Chat) contact() Contact { return Contact{c.Title, c.Phone, c.Username} }

// Address returns the id of the peer to which messages are sent.
func (c *Chat) Address() PeerID {
	if c.MovedTo != "" {
		return c.MovedTo
	}
	return c.Peer
}

// An UnansweredMessage is an incoming message that is not answered.
type UnansweredMessage struct {
	Seq int64 // Message.InboundSeq
	At  time.Time
}

// countUnanswered adds an incoming message to the unanswered ones, unless the
// company answered it on its phone and the echo came first.
func (c *Chat) countUnanswered(m UnansweredMessage) {
	if !m.At.After(c.AnsweredAt) {
		return
	}
	c.Unanswered++
	if c.WaitingSince.IsZero() || m.At.Before(c.WaitingSince) {
		c.WaitingSince = m.At
	}
}

// raiseWatermark marks the incoming messages up to seq and up to the time as
// answered; neither mark ever goes back. It counts the rest of unanswered again,
// and reports whether there are fewer.
func (c *Chat) raiseWatermark(seq int64, at time.Time, unanswered []UnansweredMessage) bool {
	c.AnsweredSeq = max(c.AnsweredSeq, min(seq, c.InboundSeq))
	if at.After(c.AnsweredAt) {
		c.AnsweredAt = at
	}
	before := c.Unanswered
	c.Unanswered, c.WaitingSince = 0, time.Time{}
	for _, m := range unanswered {
		if m.Seq > c.AnsweredSeq {
			c.countUnanswered(m)
		}
	}
	return c.Unanswered < before
}
