package domain

import (
	"cmp"
	"slices"
	"time"
)

// olderChat orders chats by their age.
func olderChat(x, y *Chat) int {
	return cmp.Or(x.CreatedAt.Compare(y.CreatedAt), cmp.Compare(x.ID, y.ID))
}

// mergeChats returns two chats of one peer as they are once that is known: the
// older goes on, and the other, whose messages stay in it, receives nothing more.
func mergeChats(older, younger *Chat) (into, merged *Chat) {
	a, b := *older, *younger
	b.MergedInto = a.ID
	shareBlock(&a, &b)
	a.IsGroup = a.IsGroup || b.IsGroup
	a.updateContact(MessageArrived{Contact: b.contact()}, b.ContactAt)
	if b.LastInboundAt.After(a.LastInboundAt) {
		a.LastInboundAt = b.LastInboundAt
	}
	if a.Kind.Traits().Phones && !a.Address().IsPhone() && b.Address().IsPhone() {
		a.MovedTo = b.Address()
	}
	if !a.PaidDialog.reserved() && !b.PaidDialog.reserved() && b.PaidDialog.Until.After(a.PaidDialog.Until) {
		a.PaidDialog = PaidDialog{OpenedAt: b.PaidDialog.OpenedAt, Until: b.PaidDialog.Until}
	}
	return &a, &b
}

// shareBlock puts both chats on the blacklist if one of them is.
func shareBlock(a, b *Chat) {
	switch {
	case a.Blocked():
		b.BlockedBy, b.BlockedAt = a.BlockedBy, a.BlockedAt
	case b.Blocked():
		a.BlockedBy, a.BlockedAt = b.BlockedBy, b.BlockedAt
	}
}

// mergeDialogs makes the dialogs of two chats those of the one that goes on: the
// peer wrote first in a month if it did so in either, and its dialog of a month
// counts once.
func (s State) mergeDialogs(into, merged *Chat) {
	for _, d := range merged.Dialogs {
		both := into.dialog(d.Month)
		if both.FirstIn.IsZero() || !d.FirstIn.IsZero() && d.FirstIn.Before(both.FirstIn) {
			both.FirstIn = d.FirstIn
		}
		both.OutgoingAt = slices.Concat(both.OutgoingAt, d.OutgoingAt)
		slices.SortFunc(both.OutgoingAt, time.Time.Compare)
		both.OutgoingAt = slices.DeleteFunc(both.OutgoingAt, func(sent time.Time) bool { return !both.countsAsOutgoing(s.Subscription, sent) })
		both.OutgoingAt = both.OutgoingAt[:min(len(both.OutgoingAt), maxHolds)]
		into.setDialog(both)
		d.OutgoingAt = nil
		merged.setDialog(d)
	}
}
