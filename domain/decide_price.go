package domain

import "slices"

// decidePriceOverdue settles a reserved paid dialog for which the messenger gave
// no price in time. If a message was sent in it, it counts as charged; else it
// costs nothing.
func decidePriceOverdue(s State) Change {
	if s.Chat == nil || !s.Chat.PaidDialog.reserved() || s.Now.Before(s.Chat.PaidDialog.PriceDue()) {
		return Change{Outcome: Ignored}
	}
	change := Change{Outcome: Applied}
	chat := change.edit(s)
	if slices.ContainsFunc(chat.PaidDialog.Holds, func(h Hold) bool { return h.Sent }) {
		chat.PaidDialog.Until = chat.PaidDialog.OpenedAt.Add(paidDialogLasts)
	} else {
		chat.PaidDialog = PaidDialog{}
	}
	return change
}
