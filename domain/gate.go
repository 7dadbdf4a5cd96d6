package domain

import "time"

// An Attempt is what somebody wants to do in a chat, with what the gates look at.
type Attempt struct {
	Rights       Rights
	Chat         *Chat
	Subscription *Subscription // of the chat's kind; nil: the company has none
	Zone         *time.Location
	Now          time.Time
	Dialogs      int64 // outgoing ones of the subscription in this month
	Paid         int64 // paid WABA dialogs of the subscription that are reserved or committed
	Type         MessageType
}

// A gate is one reason not to do it. With a refusal nothing happens; without one
// a message is made that fails for the reason, so that an employee sees it.
type gate struct {
	shut    func(Attempt) bool
	refusal Refusal
	reason  Reason
	cause   string // code of the failure's cause; empty: the reason
	title   string // of the failure's cause
}

// sendGates are asked in order, and the first that is shut is answered: what the
// employee must put right first comes first. The order is rule 26.
var sendGates = []gate{
	{shut: func(a Attempt) bool { return !a.Rights.May(WriteChats) }, refusal: ErrForbidden},
	{shut: func(a Attempt) bool { return a.Chat.Blocked() }, refusal: ErrChatBlocked},
	{shut: Attempt.unpaid, reason: ReasonUnpaid, title: "the subscription is neither paid nor on trial"},
	{shut: Attempt.voiceless, refusal: ErrVoiceNotAvailable},
	{shut: Attempt.late, reason: ReasonWindowClosed, cause: "waba_window_closed", title: "more than 24 hours since the client's last message: only a template may be sent"},
	{shut: Attempt.limited, reason: ReasonDialogLimit, title: "the outgoing dialogs of the month are used up"},
	{shut: Attempt.broke, reason: ReasonNoPaidDialogs, title: "the paid WABA dialogs of the subscription are used up"},
}

// blacklistGates are those of rule 6, for putting a chat on the blacklist and
// for taking it off.
var blacklistGates = []gate{
	{shut: func(a Attempt) bool { return !a.Rights.May(BlacklistChats) }, refusal: ErrForbidden},
	{shut: func(a Attempt) bool { return a.Chat.Kind == TelegramBot && a.Chat.IsGroup }, refusal: ErrUnsupportedChat},
	{shut: func(a Attempt) bool { return a.Subscription.State(a.Now, a.Zone) != Paid }, refusal: ErrSubscriptionNotPaid},
	{shut: func(a Attempt) bool { return !a.Subscription.includes().blacklist }, refusal: ErrTariffNotAllowed},
}

func (a Attempt) unpaid() bool { return a.Subscription.State(a.Now, a.Zone) == Overdue }

func (a Attempt) voiceless() bool {
	return a.Type == TypeVoice && !a.Subscription.includes().voice
}

// limited reports whether a message now would be a dialog too many.
func (a Attempt) limited() bool {
	limit := a.Subscription.Limit()
	return limit != Unlimited && a.Dialogs >= limit && a.Chat.opens(a.Subscription, a.Now, a.Zone)
}

// late reports whether it is no template, and WABA takes nothing else now.
func (a Attempt) late() bool { return a.Type != TypeTemplate && a.Chat.outside(a.Now) }

// broke reports whether a template now would be a paid dialog too many.
func (a Attempt) broke() bool {
	return a.Type == TypeTemplate && a.Chat.buys(a.Now) && a.Paid >= a.Subscription.WABADialogs
}

// failure is what the message fails with.
func (g *gate) failure() *Failure {
	f := ours(g.reason, g.title)
	if g.cause != "" {
		f.Cause.Code = g.cause
	}
	return f
}

// first returns the first gate that is shut; nil: all are open.
func first(gates []gate, a Attempt) *gate {
	for i := range gates {
		if gates[i].shut(a) {
			return &gates[i]
		}
	}
	return nil
}

// refused returns the refusal of a gate; nil: it is open, or only makes a message fail.
func (g *gate) refused() error {
	if g == nil || g.refusal == "" {
		return nil
	}
	return g.refusal
}

// MaySend reports whether a message of the Type would pass every gate, and be of
// use to the messenger.
func (a Attempt) MaySend() bool { return a.Chat.Kind.sends(a.Type) && first(sendGates, a) == nil }

// MayBlock reports whether the chat may be put on the blacklist, or taken off.
func (a Attempt) MayBlock() bool { return first(blacklistGates, a) == nil }
