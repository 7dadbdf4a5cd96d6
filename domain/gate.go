package domain

import (
	"slices"
	"strings"
	"time"
)

// An Intent is an action in a chat that somebody wants to do, with what the gates
// check.
type Intent struct {
	Rights              Rights
	Chat                *Chat
	Subscription        *Subscription // of the chat's kind; nil: the company has none
	Zone                *time.Location
	Now                 time.Time
	OutgoingDialogsUsed int64    // of the subscription in this month
	PaidDialogsUsed     int64    // of the subscription, reserved or committed
	Ended               bool     // the connection ended
	Closed              []string // see Route.Closed
	Type                MessageType
}

// IntentOf returns what an employee wants to do in a chat, with what the gates check:
// the usage and the connections are those of the employee's company.
func IntentOf(e Employee, c *Chat, t MessageType, now time.Time, usage []Usage, connections []Connection) Intent {
	a := Intent{Rights: e.Granted(), Chat: c, Zone: time.UTC, Now: now, Type: t}
	for i := range connections {
		if connections[i].ID == c.Connection {
			a.Ended, a.Closed = connections[i].Ended, connections[i].Closed
		}
	}
	for i := range usage {
		if u := &usage[i]; u.Kind == c.Kind {
			a.Subscription, a.Zone, a.OutgoingDialogsUsed, a.PaidDialogsUsed = &u.Subscription, u.Zone, u.Dialogs, u.PaidReserved+u.PaidCommitted
		}
	}
	return a
}

// A gate is one reason not to carry out an Intent. A gate with a refusal refuses the
// command; one without stores a message that fails, so that an employee sees why.
type gate struct {
	shut    func(Intent) bool
	refusal Refusal
	reason  Reason
	cause   string // code of the failure's Cause; empty: the reason
	title   string // of the failure's Cause
}

// sendGates are checked in the order of rule 26, and the first shut one decides:
// what the employee must correct first comes first.
var sendGates = []gate{
	{shut: func(a Intent) bool { return !a.Rights.May(WriteChats) }, refusal: ErrForbidden},
	{shut: func(a Intent) bool { return a.Chat.Blocked() }, refusal: ErrChatBlocked},
	{shut: func(a Intent) bool { return a.Ended }, reason: ReasonNoAccount, cause: causeConnectionEnded, title: "the connection has ended"},
	{shut: Intent.unpaid, reason: ReasonUnpaid, title: "the subscription is neither paid nor on trial"},
	{shut: Intent.voiceNotIncluded, refusal: ErrVoiceNotAvailable},
	{shut: Intent.outsideWindow, reason: ReasonWindowClosed, cause: "waba_window_closed", title: "more than 24 hours since the client's last message: only a template may be sent"},
	{shut: Intent.overDialogLimit, reason: ReasonDialogLimit, title: "the outgoing dialogs of the month are used up"},
	{shut: Intent.noPaidDialogs, reason: ReasonNoPaidDialogs, title: "the paid WABA dialogs of the subscription are used up"},
	{shut: Intent.closed, reason: ReasonPermission, cause: "business_connection_closed", title: "the owner of the business account does not let the bot write in this chat"},
	{shut: func(a Intent) bool { return a.Chat.PeerRefuses }, reason: ReasonPeerRefuses, title: "the client blocked the company, or removed it from the group"},
}

// blacklistGates are the gates of rule 6, to put a chat on the blacklist and to
// take it off.
var blacklistGates = []gate{
	{shut: func(a Intent) bool { return !a.Rights.May(BlacklistChats) }, refusal: ErrForbidden},
	{shut: func(a Intent) bool { return a.Chat.IsGroup && a.Chat.Kind.Traits().NoGroupBlacklist }, refusal: ErrUnsupportedChat},
	{shut: func(a Intent) bool { return a.Subscription.State(a.Now, a.Zone) != SubscriptionPaid }, refusal: ErrSubscriptionNotPaid},
	{shut: func(a Intent) bool { return !a.Subscription.includes().blacklist }, refusal: ErrTariffNotAllowed},
}

// causeConnectionEnded tells a message that found no connection from one whose
// peer the messenger does not know.
const causeConnectionEnded = "connection_ended"

func (a Intent) unpaid() bool { return a.Subscription.State(a.Now, a.Zone) == SubscriptionOverdue }

func (a Intent) voiceNotIncluded() bool {
	return a.Type == TypeVoice && !a.Subscription.includes().voice
}

// overDialogLimit reports whether a message sent now would open a dialog too many.
func (a Intent) overDialogLimit() bool {
	limit := a.Subscription.Limit()
	return !slices.Contains(ActionTypes, a.Type) && limit != Unlimited && a.OutgoingDialogsUsed >= limit && a.Chat.opensDialog(a.Subscription, a.Now, a.Zone)
}

// outsideWindow reports whether it is no template and WABA accepts only templates now.
func (a Intent) outsideWindow() bool { return a.Type != TypeTemplate && a.Chat.outsideWindow(a.Now) }

// noPaidDialogs reports whether a template sent now would be a paid dialog too many.
func (a Intent) noPaidDialogs() bool {
	return a.Type == TypeTemplate && a.Chat.needsPaidDialog(a.Now) && a.PaidDialogsUsed >= a.Subscription.WABADialogs
}

// closed reports whether the connection may not write to the peer.
func (a Intent) closed() bool {
	return slices.ContainsFunc(a.Closed, func(end string) bool { return strings.HasSuffix(string(a.Chat.Address()), end) })
}

// failure is the Failure of a message that the gate stopped.
func (g *gate) failure() *Failure {
	f := ownFailure(g.reason, g.title)
	if g.cause != "" {
		f.Cause.Code = g.cause
	}
	return f
}

// first returns the first gate that is shut; nil: all are open.
func first(gates []gate, a Intent) *gate {
	for i := range gates {
		if gates[i].shut(a) {
			return &gates[i]
		}
	}
	return nil
}

// refusalError returns the refusal of a gate; nil if the gate is nil or has none.
func (g *gate) refusalError() error {
	if g == nil || g.refusal == "" {
		return nil
	}
	return g.refusal
}

// MaySend reports whether a message of the Type would pass every gate, and the
// connector can send that type.
func (a Intent) MaySend() bool {
	return a.Chat.Kind.Traits().CanSend(a.Type) && first(sendGates, a) == nil
}

// WhyNot returns why a message would not be sent: a refusal, or the failure that it
// would be stored with. Both are empty if MaySend.
func (a Intent) WhyNot() (Refusal, *Failure) {
	g := first(sendGates, a)
	switch {
	case g != nil && g.refusal != "":
		return g.refusal, nil
	case g != nil:
		return "", g.failure()
	case !a.Chat.Kind.Traits().CanSend(a.Type):
		return ErrUnsupportedType, nil
	}
	return "", nil
}

// MayBlock reports whether the chat may be put on the blacklist or taken off it.
func (a Intent) MayBlock() bool { return first(blacklistGates, a) == nil }
