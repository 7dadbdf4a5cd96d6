package domain

import (
	"slices"
	"time"
)

const (
	windowLasts     = 24 * time.Hour // of free messages after the peer's last one
	paidDialogLasts = 24 * time.Hour

	// PriceTimeout is how long after its reservation a paid dialog waits for a
	// price: an hour to be sent, or a day of a campaign, and the rest for the messenger.
	PriceTimeout = 26 * time.Hour
)

// A Pricing says whether a messenger charged for a message.
type Pricing string

// The pricings. The empty one: the messenger did not say.
const (
	PricingCharged Pricing = "charged"
	PricingFree    Pricing = "free"
)

// A PaidDialog is what a company buys of WABA in advance: 24 hours in which
// templates go to one peer outside the free window (rules 34 to 36). It is stored
// in its chat, which every message locks anyway; only the sums are stored elsewhere.
type PaidDialog struct {
	OpenedAt time.Time `json:"opened_at"`      // reserved since; zero: there is none
	Until    time.Time `json:"until,omitzero"` // committed until then; zero: only reserved
	Holds    []Hold    `json:"held,omitempty"` // messages that may have to be paid
}

// A Hold ties a paid dialog to a message for which it is reserved.
type Hold struct {
	Message MessageID `json:"message"`
	Sent    bool      `json:"sent,omitempty"`
}

// reserved reports whether the dialog waits for a price.
func (d PaidDialog) reserved() bool { return !d.OpenedAt.IsZero() && d.Until.IsZero() }

// covers reports whether a template sent now costs nothing more.
func (d PaidDialog) covers(now time.Time) bool { return d.reserved() || now.Before(d.Until) }

// PriceDue is when a reserved dialog is settled without a price from the
// messenger; zero: nothing is reserved.
func (d PaidDialog) PriceDue() time.Time {
	if !d.reserved() {
		return time.Time{}
	}
	return d.OpenedAt.Add(PriceTimeout)
}

// WindowUntil is when the free window of a chat closes, or closed; zero: it was
// never open, or the messenger has no such window.
func (c *Chat) WindowUntil() time.Time {
	if !c.hasWindow() || c.LastInboundAt.IsZero() {
		return time.Time{}
	}
	return c.LastInboundAt.Add(windowLasts)
}

// hasWindow reports whether the messenger has a free window. In a group whoever
// writes opens it for all.
func (c *Chat) hasWindow() bool { return c.Kind.Traits().FreeWindow }

// outsideWindow reports whether only a template may be sent, which costs money.
func (c *Chat) outsideWindow(now time.Time) bool {
	return c.hasWindow() && !now.Before(c.WindowUntil())
}

// needsPaidDialog reports whether a template sent now would need another paid dialog.
func (c *Chat) needsPaidDialog(now time.Time) bool {
	return c.Kind.Traits().PaidDialogs && c.outsideWindow(now) && !c.PaidDialog.covers(now)
}

// reservePaidDialog notes that a template is to be sent, in the paid dialog that
// is reserved or in a new one.
func (c *Chat) reservePaidDialog(m MessageID, now time.Time) {
	switch {
	case !c.Kind.Traits().PaidDialogs || !c.outsideWindow(now) || now.Before(c.PaidDialog.Until):
		return
	case !c.PaidDialog.reserved():
		c.PaidDialog = PaidDialog{OpenedAt: now}
	}
	if len(c.PaidDialog.Holds) < maxHolds {
		c.PaidDialog.Holds = append(slices.Clone(c.PaidDialog.Holds), Hold{Message: m})
	}
}

// changeHold changes the hold of a message in a copy of the chat's paid dialog; it
// does nothing if the message has none. Edit reports whether to remove the hold. A
// dialog that is only reserved and has no hold left is released.
func (c *Change) changeHold(s State, m MessageID, edit func(d *PaidDialog, h *Hold) (remove bool)) {
	chat := c.chat(s)
	if chat == nil {
		return
	}
	i := slices.IndexFunc(chat.PaidDialog.Holds, func(h Hold) bool { return h.Message == m })
	if i < 0 {
		return
	}
	d := chat.PaidDialog
	d.Holds = slices.Clone(d.Holds)
	if edit(&d, &d.Holds[i]) {
		d.Holds = slices.Delete(d.Holds, i, i+1)
	}
	if d.reserved() && len(d.Holds) == 0 {
		d = PaidDialog{}
	}
	if !samePaidDialog(d, chat.PaidDialog) {
		c.edit(s).PaidDialog = d
	}
}

func samePaidDialog(x, y PaidDialog) bool {
	return x.OpenedAt.Equal(y.OpenedAt) && x.Until.Equal(y.Until) && slices.Equal(x.Holds, y.Holds)
}

// markHoldSent notes that a message was sent: if the messenger gives no price,
// the message counts as charged.
func (c *Change) markHoldSent(s State, m MessageID) {
	c.changeHold(s, m, func(_ *PaidDialog, h *Hold) bool { h.Sent = true; return false })
}

// releaseHold removes the hold of a message that failed. A message whose outcome
// is unknown keeps it: it may have to be paid.
func (c *Change) releaseHold(s State, m *Message) {
	if m.Failure.Reason != ReasonOutcomeUnknown {
		c.changeHold(s, m.ID, func(*PaidDialog, *Hold) bool { return true })
	}
}

// applyPricing applies the messenger's price of a message. A charge commits the
// dialog; of several the earliest counts, so that their order does not matter.
func (c *Change) applyPricing(s State, m MessageID, p Pricing, at time.Time) {
	c.changeHold(s, m, func(d *PaidDialog, h *Hold) bool {
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
