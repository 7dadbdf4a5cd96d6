package domain

import (
	"fmt"
	"slices"
	"time"
)

// A State is what Decide knows when it handles an update. The store loaded it
// under the lock of the chat; Decide changes nothing in it.
type State struct {
	Now        time.Time           // by the database's clock
	Chat       *Chat               // nil: the update names no chat that exists
	Message    *Message            // the one that the update names; nil: unknown
	Target     *Message            // the one on which Message acts; nil: it is no action, or the target is gone
	Echo       *Message            // another message that has the provider id of the update; nil: none
	Media      *StoredMedia        // the file that the update names; nil: unknown
	Merged     []ChatID            // chats that are merged into it, where the update may name their messages
	Names      []PeerID            // those of the update that were names of the chat before
	Unanswered []UnansweredMessage // the incoming messages of the chat that nobody answered
	NewID      string              // 26 characters that never named anything before
	Stranger   bool                // the update names the peer of another chat than the message's
	Ref        *ClientRef          // what is stored of the client_ref of the update; nil: nothing

	Subscription        *Subscription  // of the chat's kind; nil: the company has none
	Zone                *time.Location // the company's; nil: UTC
	OutgoingDialogsUsed int64          // of the subscription in this month, if it has a limit and the update may open one
	PaidDialogsUsed     int64          // of the subscription, reserved or committed, if the update may open one
	KeepHistory         bool           // the connection stores messages of the time before it
	Suspended           *Failure       // why the connection sends nothing; nil: it does
	Ended               bool           // the chat's connection ended
	Closed              []string       // see Route.Closed
	Watched             Watched        // see Route.Watched
}

func (s State) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// belongs reports whether the message is one of the chat, or of one merged into it.
func (s State) belongs(m *Message) bool {
	return m != nil && (m.Chat == s.Chat.ID || slices.Contains(s.Merged, m.Chat))
}

// intent is what the update asks to do in the chat.
func (s State) intent(u Update) Intent {
	return Intent{
		Rights: u.Rights, Chat: s.Chat, Subscription: s.Subscription, Zone: s.zone(), Now: s.Now,
		OutgoingDialogsUsed: s.OutgoingDialogsUsed, PaidDialogsUsed: s.PaidDialogsUsed, Ended: s.Ended, Closed: s.Closed,
	}
}

// A ClientRef is what is stored of a client_ref.
type ClientRef struct {
	Message MessageID // the message that it names
	Digest  string    // SendRequested.Digest: the same client_ref with another content is refused
}

// A Change is what becomes of an update. A field that is nil or empty changes
// nothing.
type Change struct {
	Outcome Outcome
	Refusal error // or nil; with it nothing else is set

	Chat    *Chat     // to be stored; see edit
	Message *Message  // to be stored; new if its id is unknown
	Target  *Message  // to be stored: State.Target as the action leaves it
	Remove  MessageID // an echo that turned out to be of another message
	Aliases []PeerID  // further names of the chat's peer
	Orphan  bool      // store the update until the message that it names appears
	notices []notice

	media     *StoredMedia // to be stored
	priced    *Price       // what the message was billed as; nil: it is not known, or was counted already
	signals   []Signal     // of the connection
	suspend   *Failure     // why the connection sends nothing from now on; see StatusBy
	resume    bool         // the connection sends again
	closes    string       // see ConnectionSignaled
	opens     string       // see ConnectionSignaled
	watched   *Watched     // the connection's status at its messenger; nil: as before
	lookAt    time.Time    // when the messenger is looked at, at the latest; zero: in its turn
	sendAfter time.Time    // send nothing over the connection before
	refusedAt time.Time    // when a refused message of a merged chat was accepted; see Book.releaseDialog
}

// edit returns the Change's own copy of the chat, which it makes at the first
// call. It is the one way to change a chat. The lists in it are shared with the
// state: a method that changes one replaces it.
func (c *Change) edit(s State) *Chat {
	if c.Chat == nil {
		chat := *s.Chat
		c.Chat = &chat
	}
	return c.Chat
}

// editWatched returns the Change's own copy of the connection's status, which it makes
// at the first call.
func (c *Change) editWatched(s State) *Watched {
	if c.watched == nil {
		seen := s.Watched
		c.watched = &seen
	}
	return c.watched
}

// chat returns the chat as the Change leaves it, to be read.
func (c *Change) chat(s State) *Chat {
	if c.Chat != nil {
		return c.Chat
	}
	return s.Chat
}

// addNotice asks for an event.
func (c *Change) addNotice(typ EventType, data any) { c.notices = append(c.notices, notice{typ, data}) }

// Decide returns what becomes of an update: it is rules 4 to 37 of the product. It
// is pure, so a store may call it again for the same update with a newer state.
func Decide(s State, u Update) Change {
	switch f := u.Fact.(type) {
	case MessageArrived:
		if f.Origin == OriginHistory {
			return decidePast(s, u, f)
		}
		if f.endsCall(s.Message) {
			return decideCallEnded(s, u, f)
		}
		change := decideArrived(s, u, f)
		if u.Found {
			change.reportMissed(s, u)
		}
		return change
	case StatusReported:
		return decideStatus(s, u, f)
	case MessageEdited:
		return amendOwn(s, f.ByPeer, f.By, func(m *Message) Change { return decideEdited(m, u, f) })
	case MessageDeleted:
		if f.ByAnyone {
			return amendShared(s, f.ByPeer, func(m *Message) Change { return decideDeleted(m, u, f) })
		}
		return amendOwn(s, f.ByPeer, f.By, func(m *Message) Change { return decideDeleted(m, u, f) })
	case MessageReacted:
		return amend(s, f.ByPeer, func(m *Message) Change { return decideReacted(m, u, f) })
	case PeerMigrated:
		return decideMigrated(s, f)
	case PeerRefused:
		return decidePeerRefused(s, u, f)
	case PeerListed:
		return decidePeerListed(s, u, f)
	case ConnectionSignaled:
		return decideSignaled(s, f)
	case ConnectionWatched:
		return decideWatched(s, f)
	case LookRequested:
		return decideLook(s, f)
	case ConnectionReported:
		return decideReported(s, u, f)
	case SendRequested:
		return decideRequested(s, u, f)
	case ActionRequested:
		return decideAction(s, u, f)
	case SendBegun:
		return decideBegun(s, f)
	case SendEnded:
		return decideEnded(s, f.Result)
	case EvidenceOverdue:
		return decideOverdue(s)
	case MediaFetched:
		return decideFetched(s, f)
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

// happenedAt returns the time of the update by the messenger's clock, or the time
// of its receipt where the messenger gives none, or one in the future. It is cut
// to milliseconds, because stores hold no more.
func (u Update) happenedAt() time.Time {
	at := u.At
	if at.UnixMilli() <= 0 || at.After(u.Received) {
		at = u.Received
	}
	return at.Truncate(time.Millisecond)
}
