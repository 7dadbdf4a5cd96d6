package domain

import (
	"cmp"
	"slices"
	"time"
)

// A Dialog is a month of a chat, as rule 28 counts it. It is stored in its chat,
// which every message locks anyway; only the sums are stored elsewhere.
type Dialog struct {
	Month   string    `json:"month"` // in the company's zone: 2026-01
	FirstIn time.Time `json:"first_in,omitzero"`

	// OutgoingAt holds when the messages that make it outgoing were accepted, the
	// earliest first. Refused messages are removed.
	OutgoingAt []time.Time `json:"held,omitempty"`
}

// maxHolds bounds OutgoingAt and PaidDialog.Holds. With so many messages it is
// not likely that all of them are refused later.
const maxHolds = 16

// Outgoing reports whether the dialog counts against the limit: the company
// wrote first, or wrote at all where CountMode says so.
func (d Dialog) Outgoing() bool { return len(d.OutgoingAt) > 0 }

// Month names the month of a moment in a zone: 2026-01.
func Month(at time.Time, zone *time.Location) string { return at.In(zone).Format("2006-01") }

// dateOf names the day of a moment, as 2006-01-02.
func dateOf(at time.Time, zone *time.Location) string { return at.In(zone).Format(time.DateOnly) }

// monthBefore names the month before that of a moment.
func monthBefore(at time.Time, zone *time.Location) string {
	year, month, _ := at.In(zone).Date()
	return Month(time.Date(year, month-1, 1, 12, 0, 0, 0, zone), zone)
}

// dialog returns the chat's dialog of a month, an empty one if there is none.
func (c *Chat) dialog(month string) Dialog {
	for _, d := range c.Dialogs {
		if d.Month == month {
			return d
		}
	}
	return Dialog{Month: month}
}

// setDialog stores a dialog in a new list: others may still read the old one.
func (c *Chat) setDialog(d Dialog) {
	i, found := slices.BinarySearchFunc(c.Dialogs, d.Month, func(d Dialog, month string) int { return cmp.Compare(d.Month, month) })
	list := make([]Dialog, len(c.Dialogs), len(c.Dialogs)+1)
	copy(list, c.Dialogs)
	if found {
		list[i] = d
	} else {
		list = slices.Insert(list, i, d)
	}
	c.Dialogs = list
}

// opensDialog reports whether a message sent now would make a dialog outgoing.
func (c *Chat) opensDialog(s *Subscription, now time.Time, zone *time.Location) bool {
	d := c.dialog(Month(now, zone))
	return !c.IsGroup && !d.Outgoing() && d.countsAsOutgoing(s, now)
}

// countsAsOutgoing reports whether a message that the company wrote at the time
// makes the dialog outgoing.
func (d Dialog) countsAsOutgoing(s *Subscription, at time.Time) bool {
	return s.anyOutgoing() || d.FirstIn.IsZero() || at.Before(d.FirstIn)
}

// recordInbound notes in its dialog that the peer wrote. Messages that the company
// wrote earlier still count as outgoing, later ones do not, in whichever order the
// two became known. A message of before the last month comes too late to count.
func (s State) recordInbound(c *Chat, at time.Time) {
	oldest := monthBefore(s.Now, s.zone())
	c.dropDialogs(oldest)
	d := c.dialog(Month(at, s.zone()))
	if c.IsGroup || d.Month < oldest || !d.FirstIn.IsZero() && !at.Before(d.FirstIn) {
		return
	}
	d.FirstIn = at
	after := func(sent time.Time) bool { return !d.countsAsOutgoing(s.Subscription, sent) }
	d.OutgoingAt = slices.DeleteFunc(slices.Clone(d.OutgoingAt), after)
	c.setDialog(d)
}

// recordOutbound notes in its dialog that the company wrote, unless that comes too
// late to count.
func (s State) recordOutbound(c *Chat, at time.Time) {
	oldest := monthBefore(s.Now, s.zone())
	c.dropDialogs(oldest)
	d := c.dialog(Month(at, s.zone()))
	if c.IsGroup || d.Month < oldest || s.Subscription == nil || !d.countsAsOutgoing(s.Subscription, at) {
		return
	}
	d.OutgoingAt = append(slices.Clone(d.OutgoingAt), at)
	slices.SortFunc(d.OutgoingAt, time.Time.Compare)
	d.OutgoingAt = d.OutgoingAt[:min(len(d.OutgoingAt), maxHolds)]
	c.setDialog(d)
}

// dropDialogs removes the dialogs of months before the oldest. A group has no
// outgoing dialogs: those counted before it was known to be a group are undone.
func (c *Chat) dropDialogs(oldest string) {
	if !slices.ContainsFunc(c.Dialogs, func(d Dialog) bool { return d.Month < oldest || c.IsGroup && d.Outgoing() }) {
		return
	}
	list := slices.DeleteFunc(slices.Clone(c.Dialogs), func(d Dialog) bool { return d.Month < oldest })
	if c.IsGroup {
		for i := range list {
			list[i].OutgoingAt = nil
		}
	}
	c.Dialogs = list
}

// releaseDialog removes a message that was refused from its dialog, which is
// outgoing no more if there was no other.
func (c *Change) releaseDialog(s State, m *Message) {
	if m.Target != "" { // an action opens none
		return
	}
	if d, found := c.chat(s).dialogWithout(m.At); found {
		c.edit(s).setDialog(d)
	} else if s.Chat.MergedInto != "" {
		c.refusedAt = m.At
	}
}

// dialogWithout returns the dialog of the message that was accepted at the time, as
// it is without the message; false: no dialog counts it.
func (c *Chat) dialogWithout(at time.Time) (Dialog, bool) {
	for _, d := range c.Dialogs {
		if i := slices.IndexFunc(d.OutgoingAt, at.Equal); i >= 0 {
			d.OutgoingAt = slices.Delete(slices.Clone(d.OutgoingAt), i, i+1)
			return d, true
		}
	}
	return Dialog{}, false
}

// refusedLate reports whether the messenger accepted the message and found later
// that the peer has no account. No dialog counts such a message.
func (m *Message) refusedLate() bool {
	return m.Status == Failed && m.Failure.Reason == ReasonNoAccount
}
