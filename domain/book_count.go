package domain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A CountKey names a sum of a subscription: its outgoing dialogs of a month, or
// its paid WABA dialogs.
type CountKey struct {
	Subscription SubscriptionID
	Month        string // 2026-01, or PaidDialogs
}

// PaidDialogs stands in CountKey.Month for the paid WABA dialogs, which are not
// counted by month.
const PaidDialogs = ""

// A Count is how many dialogs there are, and which alerts the company got.
type Count struct {
	CountKey
	Used     int64  // outgoing dialogs, or paid dialogs that are reserved or committed
	Reserved int64  // paid dialogs that are only reserved
	Alerted  string // the alerts that were sent: " 80/50" says 80 % of a limit of 50
}

// NeedCounts lists the counts to be locked in this order and read: those of the
// subscriptions for which the batch may open a dialog that has a limit or a price.
func (b *Book) NeedCounts() []CountKey {
	b.enter("NeedCounts")
	keys := map[CountKey]bool{}
	for i := range b.entries {
		e := &b.entries[i]
		at, outbound, template := b.now, false, false
		switch f := e.Fact.(type) {
		case SendRequested:
			outbound, template = true, f.Type == TypeTemplate
		case MessageArrived:
			at, outbound = e.happenedAt(), f.Direction == Outbound
		}
		c := b.acting(e, b.chats[e.chat])
		if c == nil {
			c = b.chats[b.findPeer(e)]
		}
		if !outbound || c == nil {
			continue
		}
		r := b.routes[c.Connection]
		if r.hasDialogLimit() && c.opensDialog(r.Subscription, at, r.zone()) {
			keys[CountKey{r.Subscription.ID, Month(at, r.zone())}] = true
		}
		if template && r.Subscription != nil && c.needsPaidDialog(b.now) {
			keys[CountKey{r.Subscription.ID, PaidDialogs}] = true
		}
	}
	b.countKeys = slices.SortedFunc(maps.Keys(keys), byCount)
	return b.countKeys
}

func byCount(x, y CountKey) int {
	return cmp.Or(cmp.Compare(x.Subscription, y.Subscription), cmp.Compare(x.Month, y.Month))
}

// SetCounts takes the counts that were read; one that does not exist yet is zero.
func (b *Book) SetCounts(counts []Count) {
	b.enter("SetCounts")
	for _, key := range b.countKeys {
		b.counts[key] = &Count{CountKey: key}
	}
	for _, c := range counts {
		b.counts[c.CountKey] = &c
	}
}

// used returns a count as it was read, with the changes since.
func (b *Book) used(key CountKey) int64 {
	if c := b.counts[key]; c != nil {
		return c.Used
	}
	return 0
}

// count adds to the sums what a change of a chat's dialogs means for them, and
// alerts the company when it comes near its limits.
func (b *Book) count(before, after *Chat) error {
	r := b.routes[after.Connection]
	if r.Subscription == nil {
		return nil
	}
	for _, d := range after.Dialogs {
		step := delta(before.dialog(d.Month).Outgoing(), d.Outgoing())
		if err := b.add(r, CountKey{r.Subscription.ID, d.Month}, step, 0); err != nil {
			return err
		}
	}
	reserved := delta(before.PaidDialog.reserved(), after.PaidDialog.reserved())
	used := reserved
	if before.PaidDialog.reserved() && !after.PaidDialog.Until.IsZero() { // committed: it stays used
		used = 0
	}
	return b.add(r, CountKey{r.Subscription.ID, PaidDialogs}, used, reserved)
}

// delta is the change of a sum: something counted in it before, or does so after.
func delta(before, after bool) int64 {
	switch {
	case before == after:
		return 0
	case after:
		return 1
	}
	return -1
}

// add changes a sum.
func (b *Book) add(r Route, key CountKey, used, reserved int64) error {
	if used == 0 && reserved == 0 {
		return nil
	}
	sum := b.writes.count(key)
	sum.Used += used
	sum.Reserved += reserved
	read := b.counts[key]
	if read == nil {
		return nil
	}
	read.Used += used
	if key.Month == PaidDialogs {
		return b.alertLimits(r, read, sum, r.Subscription.WABADialogs, r.balanceNotice)
	}
	return b.alertLimits(r, read, sum, r.Subscription.Limit(), r.dialogLimitNotice)
}

// alertLevels are the percentages of a limit at which a company is alerted.
var alertLevels = []int64{80, 100}

// alertLimits adds an event for each level that is reached, once for each limit.
func (b *Book) alertLimits(r Route, read, sum *Count, limit int64, newNotice func(c *Count, limit, level int64) notice) error {
	for _, level := range alertLevels {
		mark := fmt.Sprintf(" %d/%d", level, limit)
		if limit <= 0 || read.Used*100 < limit*level || strings.Contains(read.Alerted+" ", mark+" ") {
			continue
		}
		read.Alerted += mark
		sum.Alerted += mark
		n := newNotice(read, limit, level)
		if err := b.addEvent(CompanyEvent(b.eventID(), b.now, r.Company, n.typ, n.data)); err != nil {
			return err
		}
	}
	return nil
}

func (r Route) dialogLimitNotice(c *Count, limit, level int64) notice {
	return notice{EventLimitDialogs, limitDialogs{r.Subscription.ID, c.Used, limit, level, c.Month}}
}

func (r Route) balanceNotice(c *Count, limit, level int64) notice {
	name := "low"
	if level == 100 {
		name = "empty"
	}
	return notice{EventWABABalance, wabaBalance{r.Subscription.ID, limit - c.Used, name}}
}
