package domain

import "time"

// A Chat is the conversation with one peer over one connection.
type Chat struct {
	ID         ChatID
	Company    CompanyID
	Connection ConnectionID
	Kind       Kind
	Peer       PeerID // the first name of the peer; others are aliases
	MovedTo    PeerID // where the messenger moved the peer, one of the aliases; empty: nowhere
	IsGroup    bool
	Title      string
	Phone      string
	Username   string
	ContactAt  time.Time // when the messenger last told the three above
	CreatedAt  time.Time

	Seq           int64     // of the last event; rises by one per event
	LastInboundAt time.Time // the order of the chat list; zero: nothing came yet

	InboundSeq   int64     // incoming messages so far
	AnsweredSeq  int64     // those up to this one are answered
	AnsweredAt   time.Time // and those that came up to this moment, by an echo from the phone
	Unanswered   int64     // incoming messages that nobody answered
	WaitingSince time.Time // not later than the oldest of them; zero: none

	Dialogs    []Dialog   // of this month and the last, the older first; never changed in place
	PaidDialog PaidDialog // the last one; never changed in place

	BlockedBy EmployeeID
	BlockedAt time.Time // zero: not blocked
}

// Blocked reports whether the chat is on the connection's blacklist.
func (c *Chat) Blocked() bool { return !c.BlockedAt.IsZero() }

// Address is the name of the peer under which messages reach it.
func (c *Chat) Address() PeerID {
	if c.MovedTo != "" {
		return c.MovedTo
	}
	return c.Peer
}

// A Waiting is an incoming message that nobody answered.
type UnansweredMessage struct {
	Seq int64
	At  time.Time
}

// counted adds an incoming message to those that wait for an answer, unless an
// echo from the phone, written after it, came first.
func (c *Chat) countUnanswered(w UnansweredMessage) {
	if !w.At.After(c.AnsweredAt) {
		return
	}
	c.Unanswered++
	if c.WaitingSince.IsZero() || w.At.Before(c.WaitingSince) {
		c.WaitingSince = w.At
	}
}

// answered raises the watermark to the incoming message seq and the moment at,
// each only if it is higher, and counts again who of waiting still waits. It
// reports whether fewer do.
func (c *Chat) raiseWatermark(seq int64, at time.Time, waiting []UnansweredMessage) bool {
	c.AnsweredSeq = max(c.AnsweredSeq, min(seq, c.InboundSeq))
	if at.After(c.AnsweredAt) {
		c.AnsweredAt = at
	}
	before := c.Unanswered
	c.Unanswered, c.WaitingSince = 0, time.Time{}
	for _, w := range waiting {
		if w.Seq > c.AnsweredSeq {
			c.countUnanswered(w)
		}
	}
	return c.Unanswered < before
}
