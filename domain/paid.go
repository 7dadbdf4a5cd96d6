package domain

import (
	"slices"
	"time"
)

const (
	windowLasts     = 24 * time.Hour // after the peer's last message WABA takes anything, for nothing
	paidDialogLasts = 24 * time.Hour // what a paid dialog buys
	PriceTimeout    = 26 * time.Hour // from the reservation: an hour to be sent, and 25 for the messenger to tell the price
)

// A Pricing is what a messenger tells of the price of a message.
type Pricing string

// The pricings; empty: nothing was told.
const (
	PricingCharged Pricing = "charged"
	PricingFree    Pricing = "free"
)

// A PaidDialog is what a company buys of WABA in advance: 24 hours in which
// templates go to one peer outside the free window (rules 34 to 36). It is kept
// in its chat, whose lock every message takes anyway; only the sums are elsewhere.
type PaidDialog struct {
	OpenedAt time.Time `json:"opened_at"`      // reserved since; zero: there is none
	Until    time.Time `json:"until,omitzero"` // committed: the end of what was paid for; zero: only reserved
	Holds    []Hold    `json:"held,omitempty"` // by messages that may have to be paid
}

// A Hold is a message for which a paid dialog is reserved.
type Hold struct {
	Message MessageID `json:"message"`
	Sent    bool      `json:"sent,omitempty"`
}

// reserved reports whether it waits for a price.
func (d PaidDialog) reserved() bool { return !d.OpenedAt.IsZero() && d.Until.IsZero() }

// covers reports whether a template now costs nothing more.
func (d PaidDialog) covers(now time.Time) bool { return d.reserved() || now.Before(d.Until) }

// PriceDue is when a reserved dialog is settled without the messenger's word;
// zero: nothing is reserved.
func (d PaidDialog) PriceDue() time.Time {
	if !d.reserved() {
		return time.Time{}
	}
	return d.OpenedAt.Add(PriceTimeout)
}

// WindowUntil is when the free window of a WABA chat closes, or closed; zero:
// it was never open, or the messenger has no such window.
func (c *Chat) WindowUntil() time.Time {
	if !c.hasWindow() || c.LastInboundAt.IsZero() {
		return time.Time{}
	}
	return c.LastInboundAt.Add(windowLasts)
}

func (c *Chat) hasWindow() bool { return c.Kind == WABA && !c.IsGroup }

// outside reports whether only a template may be sent, for money.
func (c *Chat) outsideWindow(now time.Time) bool {
	return c.hasWindow() && !now.Before(c.WindowUntil())
}

// buys reports whether a template now would need another paid dialog.
func (c *Chat) needsPaidDialog(now time.Time) bool {
	return c.outsideWindow(now) && !c.PaidDialog.covers(now)
}

// reserve notes that a template is to be sent, in the paid dialog that is
// reserved or in a new one. C is a copy; the list of holds is not.
func (c *Chat) reservePaidDialog(m MessageID, now time.Time) {
	switch {
	case !c.outsideWindow(now) || now.Before(c.PaidDialog.Until):
		return
	case !c.PaidDialog.reserved():
		c.PaidDialog = PaidDialog{OpenedAt: now}
	}
	if len(c.PaidDialog.Holds) < maxHolds {
		c.PaidDialog.Holds = append(slices.Clone(c.PaidDialog.Holds), Hold{Message: m})
	}
}

// settle changes the hold of a message, if it has one. Drop takes it off; a
// dialog that was only reserved and is held by none is free again.
func (change *Change) changeHold(s State, m MessageID, hold func(d *PaidDialog, h *Hold) (drop bool)) {
	chat := s.chatOf(change)
	if chat == nil {
		return
	}
	i := slices.IndexFunc(chat.PaidDialog.Holds, func(h Hold) bool { return h.Message == m })
	if i < 0 {
		return
	}
	c := *chat
	c.PaidDialog.Holds = slices.Clone(c.PaidDialog.Holds)
	if hold(&c.PaidDialog, &c.PaidDialog.Holds[i]) {
		c.PaidDialog.Holds = slices.Delete(c.PaidDialog.Holds, i, i+1)
	}
	if c.PaidDialog.reserved() && len(c.PaidDialog.Holds) == 0 {
		c.PaidDialog = PaidDialog{}
	}
	if !samePaidDialog(c.PaidDialog, chat.PaidDialog) {
		change.Chat = &c
	}
}

func samePaidDialog(x, y PaidDialog) bool {
	return x.OpenedAt.Equal(y.OpenedAt) && x.Until.Equal(y.Until) && slices.Equal(x.Holds, y.Holds)
}

// wasSent notes that a message left: without a word about its price it will be
// taken for charged.
func (change *Change) markHoldSent(s State, m MessageID) {
	change.changeHold(s, m, func(_ *PaidDialog, h *Hold) bool { h.Sent = true; return false })
}

// wasNotSent takes the hold off a message that failed. One whose outcome is
// unknown keeps it: it may have to be paid.
func (change *Change) releaseHold(s State, m *Message) {
	if m.Failure.Reason != ReasonOutcomeUnknown {
		change.changeHold(s, m.ID, func(*PaidDialog, *Hold) bool { return true })
	}
}

// priced applies what the messenger tells of the price. The first charge
// commits the dialog; of several the earliest counts, so that their order does
// not matter.
func (change *Change) applyPricing(s State, m MessageID, p Pricing, at time.Time) {
	change.changeHold(s, m, func(d *PaidDialog, h *Hold) bool {
		switch p {
		case PricingFree:
			return true
		case PricingCharged:
			if until := at.Add(paidDialogLasts); d.Until.IsZero() || until.Before(d.Until) {
				d.Until = until
			}
			h.Sent = true
		}
		return false
	})
}

// decidePriceOverdue: the messenger told no price. What was sent is taken for
// charged; what never left costs nothing.
func decidePriceOverdue(s State) Change {
	if s.Chat == nil || !s.Chat.PaidDialog.reserved() || s.Now.Before(s.Chat.PaidDialog.PriceDue()) {
		return Change{Outcome: Ignored}
	}
	c := *s.Chat
	sent := slices.ContainsFunc(c.PaidDialog.Holds, func(h Hold) bool { return h.Sent })
	if sent {
		c.PaidDialog.Until = c.PaidDialog.OpenedAt.Add(paidDialogLasts)
	} else {
		c.PaidDialog = PaidDialog{}
	}
	return Change{Outcome: Applied, Chat: &c}
}
