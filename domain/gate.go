package domain

import "time"

// An Attempt is what somebody wants to do in a chat, with what the gates look at.
type Intent struct {
	Rights              Rights
	Chat                *Chat
	Subscription        *Subscription // of the chat's kind; nil: the company has none
	Zone                *time.Location
	Now                 time.Time
	OutgoingDialogsUsed int64 // outgoing ones of the subscription in this month
	PaidDialogsUsed     int64 // paid WABA dialogs of the subscription that are reserved or committed
	Type                MessageType
}

// A gate is one reason not to do it. With a refusal nothing happens; without one
// a message is made that fails for the reason, so that an employee sees it.
type gate struct {
	shut    func(Intent) bool
	refusal Refusal
	reason  Reason
	cause   string // code of the failure's cause; empty: the reason
	title   string // of the failure's cause
}

// sendGates are asked in order, and the first that is shut is answered: what the
// employee must put right first comes first. The order is rule 26.
var sendGates = []gate{
	{shut: func(a Intent) bool { return !a.Rights.May(WriteChats) }, refusal: ErrForbidden},
	{shut: func(a Intent) bool { return a.Chat.Blocked() }, refusal: ErrChatBlocked},
	{shut: Intent.unpaid, reason: ReasonUnpaid, title: "the subscription is neither paid nor on trial"},
	{shut: Intent.voiceNotIncluded, refusal: ErrVoiceNotAvailable},
	{shut: Intent.outsideWindow, reason: ReasonWindowClosed, cause: "waba_window_closed", title: "more than 24 hours since the client's last message: only a template may be sent"},
	{shut: Intent.overDialogLimit, reason: ReasonDialogLimit, title: "the outgoing dialogs of the month are used up"},
	{shut: Intent.noPaidDialogs, reason: ReasonNoPaidDialogs, title: "the paid WABA dialogs of the subscription are used up"},
}

// blacklistGates are those of rule 6, for putting a chat on the blacklist and
// for taking it off.
var blacklistGates = []gate{
	{shut: func(a Intent) bool { return !a.Rights.May(BlacklistChats) }, refusal: ErrForbidden},
	{shut: func(a Intent) bool { return a.Chat.Kind == TelegramBot && a.Chat.IsGroup }, refusal: ErrUnsupportedChat},
	{shut: func(a Intent) bool { return a.Subscription.State(a.Now, a.Zone) != SubscriptionPaid }, refusal: ErrSubscriptionNotPaid},
	{shut: func(a Intent) bool { return !a.Subscription.includes().blacklist }, refusal: ErrTariffNotAllowed},
}

func (a Intent) unpaid() bool { return a.Subscription.State(a.Now, a.Zone) == SubscriptionOverdue }

func (a Intent) voiceNotIncluded() bool {
	return a.Type == TypeVoice && !a.Subscription.includes().voice
}

// limited reports whether a message now would be a dialog too many.
func (a Intent) overDialogLimit() bool {
	limit := a.Subscription.Limit()
	return limit != Unlimited && a.OutgoingDialogsUsed >= limit && a.Chat.opensDialog(a.Subscription, a.Now, a.Zone)
}

// late reports whether it is no template, and WABA takes nothing else now.
func (a Intent) outsideWindow() bool { return a.Type != TypeTemplate && a.Chat.outsideWindow(a.Now) }

// broke reports whether a template now would be a paid dialog too many.
func (a Intent) noPaidDialogs() bool {
	return a.Type == TypeTemplate && a.Chat.needsPaidDialog(a.Now) && a.PaidDialogsUsed >= a.Subscription.WABADialogs
}

// failure is what the message fails with.
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

// refused returns the refusal of a gate; nil: it is open, or only makes a message fail.
func (g *gate) refusalError() error {
	if g == nil || g.refusal == "" {
		return nil
	}
	return g.refusal
}

// MaySend reports whether a message of the Type would pass every gate, and be of
// use to the messenger.
func (a Intent) MaySend() bool { return a.Chat.Kind.sends(a.Type) && first(sendGates, a) == nil }

// MayBlock reports whether the chat may be put on the blacklist, or taken off.
func (a Intent) MayBlock() bool { return first(blacklistGates, a) == nil }
