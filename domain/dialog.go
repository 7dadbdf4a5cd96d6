package domain

import (
	"cmp"
	"slices"
	"time"
)

// A Dialog is a month of a chat, as rule 28 counts it. It is kept in its chat,
// whose lock every message takes anyway; only the sums are elsewhere.
type Dialog struct {
	Month      string      `json:"month"` // in the company's zone: 2026-01
	FirstIn    time.Time   `json:"first_in,omitzero"`
	OutgoingAt []time.Time `json:"held,omitempty"` // our messages that make it outgoing and were not refused, the earliest first
}

// heldMax bounds Held. When so many were accepted before the peer wrote a word,
// nobody asks any more whether all of them were refused.
const maxHolds = 16

// Outgoing reports whether the dialog counts: we wrote first, or at all where
// that is what counts.
func (d Dialog) Outgoing() bool { return len(d.OutgoingAt) > 0 }

// Month names the month of a moment in a zone: 2026-01.
func Month(at time.Time, zone *time.Location) string { return at.In(zone).Format("2006-01") }

// monthBefore names the month before that of a moment.
func monthBefore(at time.Time, zone *time.Location) string {
	year, month, _ := at.In(zone).Date()
	return Month(time.Date(year, month-1, 1, 12, 0, 0, 0, zone), zone)
}

// dialog returns the chat's dialog of a month, empty if nothing was said in it.
func (c *Chat) dialog(month string) Dialog {
	for _, d := range c.Dialogs {
		if d.Month == month {
			return d
		}
	}
	return Dialog{Month: month}
}

// opens reports whether a message now would make a dialog outgoing that was not.
func (c *Chat) opensDialog(s *Subscription, now time.Time, zone *time.Location) bool {
	d := c.dialog(Month(now, zone))
	return !c.IsGroup && !d.Outgoing() && d.countsAsOutgoing(s, now)
}

// counts reports whether a message of ours makes the dialog outgoing.
func (d Dialog) countsAsOutgoing(s *Subscription, at time.Time) bool {
	return s.anyOutgoing() || d.FirstIn.IsZero() || at.Before(d.FirstIn)
}

// heard notes in its dialog that the peer wrote. What we wrote before it stays
// ours-first, what we wrote after it does not, whichever came to us first.
func (s State) recordInbound(c *Chat, at time.Time) {
	d := c.dialog(Month(at, s.zone()))
	if c.IsGroup || !d.FirstIn.IsZero() && !at.Before(d.FirstIn) {
		s.replaceDialogs(c)
		return
	}
	d.FirstIn = at
	after := func(held time.Time) bool { return !d.countsAsOutgoing(s.Subscription, held) }
	d.OutgoingAt = slices.DeleteFunc(slices.Clone(d.OutgoingAt), after)
	s.replaceDialogs(c, d)
}

// wrote notes in its dialog that we wrote.
func (s State) recordOutbound(c *Chat, at time.Time) {
	d := c.dialog(Month(at, s.zone()))
	if c.IsGroup || s.Subscription == nil || !d.countsAsOutgoing(s.Subscription, at) {
		s.replaceDialogs(c)
		return
	}
	d.OutgoingAt = append(slices.Clone(d.OutgoingAt), at)
	slices.SortFunc(d.OutgoingAt, time.Time.Compare)
	d.OutgoingAt = d.OutgoingAt[:min(len(d.OutgoingAt), maxHolds)]
	s.replaceDialogs(c, d)
}

// keepDialogs replaces dialogs of the chat, which is a copy; its list is not. A
// message of before the last month comes too late to be counted. A group has no
// dialogs: what was counted before it was known to be one counts no more.
func (s State) replaceDialogs(c *Chat, changed ...Dialog) {
	oldest := monthBefore(s.Now, s.zone())
	same := len(changed) == 0 && !slices.ContainsFunc(c.Dialogs, func(d Dialog) bool {
		return d.Month < oldest || c.IsGroup && d.Outgoing()
	})
	if same {
		return
	}
	list := slices.Clone(changed)
	for _, d := range c.Dialogs {
		if !slices.ContainsFunc(changed, func(new Dialog) bool { return new.Month == d.Month }) {
			list = append(list, d)
		}
	}
	list = slices.DeleteFunc(list, func(d Dialog) bool { return d.Month < oldest })
	for i := range list {
		if c.IsGroup {
			list[i].OutgoingAt = nil
		}
	}
	slices.SortFunc(list, func(x, y Dialog) int { return cmp.Compare(x.Month, y.Month) })
	c.Dialogs = list
}

// release gives back what a message holds of its dialog: it was refused.
func (change *Change) releaseDialog(s State, m *Message) {
	for i, d := range s.chatOf(change).Dialogs {
		at := slices.IndexFunc(d.OutgoingAt, m.At.Equal)
		if at < 0 {
			continue
		}
		c := *s.chatOf(change)
		c.Dialogs = slices.Clone(c.Dialogs)
		c.Dialogs[i].OutgoingAt = slices.Delete(slices.Clone(d.OutgoingAt), at, at+1)
		change.Chat = &c
		return
	}
}

// chatOf returns the chat as the change leaves it.
func (s State) chatOf(change *Change) *Chat {
	if change.Chat != nil {
		return change.Chat
	}
	return s.Chat
}

// refusedLate reports whether the message failed as one that no dialog counts,
// although the messenger took it: the peer has no account.
func (m *Message) refusedLate() bool {
	return m.Status == Failed && m.Failure.Reason == ReasonNoAccount
}
