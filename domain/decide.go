package domain

import (
	"fmt"
	"time"
)

// A State is what Decide knows of the world when it meets an update. The store
// loaded it under the lock of the chat; Decide changes nothing in it.
type State struct {
	Now        time.Time           // the database's
	Chat       *Chat               // nil: the update names no chat that exists
	Message    *Message            // the message that the update names; nil: not known
	Echo       *Message            // another message that holds the provider id of an answer; else nil
	Open       []Message           // our messages of the chat that may have left without an answer yet
	Unanswered []UnansweredMessage // the incoming messages of the chat that nobody answered
	NewID      string              // 26 characters that nothing was named by yet
	Ref        *ClientRef

	Subscription        *Subscription  // of the chat's kind; nil: the company has none
	Zone                *time.Location // the company's; nil: UTC
	OutgoingDialogsUsed int64          // outgoing ones of the subscription in this month, if it has a limit and the update may open one
	PaidDialogsUsed     int64          // paid dialogs of the subscription, reserved or committed, if the update may open one
	Suspended           *Failure       // why the chat's connection is suspended; nil: it is not
}

func (s State) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// attempt is what the update wants to do in the chat.
func (s State) intent(u Update) Intent {
	return Intent{
		Rights: u.Rights, Chat: s.Chat, Subscription: s.Subscription, Zone: s.zone(), Now: s.Now, OutgoingDialogsUsed: s.OutgoingDialogsUsed, PaidDialogsUsed: s.PaidDialogsUsed,
	}
}

// A ClientRef is what is known of a client_ref: the message that it names.
// Asked is a digest of the request, so that another content is refused.
type ClientRef struct {
	Message MessageID
	Asked   string
}

// A Change is what Decide makes of an update. What is nil or empty stays.
type Change struct {
	Outcome Outcome
	Refusal error // or nil; with it nothing else is set

	Chat    *Chat
	Message *Message  // to be stored; new if its id is not known
	Remove  MessageID // an echo that turned out to be ours
	Alias   []PeerID  // further names of the chat's peer
	Orphan  bool      // keep the update until the message it names appears
	notices []notice

	suspend   *Failure  // stop sending over the chat's connection, for this
	sendAfter time.Time // send nothing over it before; zero: no matter
}

func (c *Change) addNotice(typ EventType, data any) { c.notices = append(c.notices, notice{typ, data}) }

// Decide tells what becomes of the update. It is the whole of rules 4 to 37 of
// the product. It does nothing else: it may be called again for the same
// update, on a newer state.
func Decide(s State, u Update) Change {
	switch f := u.Fact.(type) {
	case MessageArrived:
		if f.Direction == Outbound {
			return decideEcho(s, u, f)
		}
		return decideInbound(s, u, f)
	case StatusReported:
		return decideStatus(s, u, f)
	case MessageEdited:
		return amend(s, f.ByPeer, func(m *Message) Change { return decideEdited(m, u, f) })
	case MessageDeleted:
		return amend(s, f.ByPeer, func(m *Message) Change { return decideDeleted(m, u) })
	case MessageReacted:
		return amend(s, f.ByPeer, func(m *Message) Change { return decideReacted(m, u, f) })
	case PeerMigrated:
		return decideMigrated(s, f)
	case SendRequested:
		return decideRequested(s, u, f)
	case SendBegun:
		return decideBegun(s)
	case SendEnded:
		return decideEnded(s, f.Result)
	case EvidenceOverdue:
		return decideOverdue(s)
	case PriceOverdue:
		return decidePriceOverdue(s)
	case BlockRequested:
		return decideBlock(s, u, f)
	case NoReplyNeeded:
		return decideNoReply(s, u, f)
	case OrphansDue:
		return Change{Outcome: Ignored}
	}
	panic(fmt.Sprintf("domain: no rule for the fact %T", u.Fact))
}

// told returns the time of the update: the messenger's, but never the future,
// nor a time before messengers. Stores keep milliseconds, so it has no less.
func (u Update) happenedAt() time.Time {
	at := u.At
	if at.UnixMilli() <= 0 || at.After(u.Received) {
		at = u.Received
	}
	return at.Truncate(time.Millisecond)
}
