package domain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A CountKey names what is counted of a subscription: its outgoing dialogs of a
// month, or its paid WABA dialogs.
type CountKey struct {
	Subscription SubscriptionID
	Month        string // 2026-01, or PaidDialogs
}

// PaidDialogs stands in a CountKey for the paid WABA dialogs, which know no month.
const PaidDialogs = ""

// A Count is how many dialogs there are, and of what the company was told:
// " 80/50" is the level of 80 % of a limit of 50.
type Count struct {
	CountKey
	Used     int64 // outgoing dialogs; of the paid ones those that are reserved or committed
	Reserved int64 // of the paid ones
	Alerted  string
}

// Counts lists the counts to be locked, in the order of their keys, and read:
// of each subscription for which the batch may open a dialog that has a limit or
// a price. They are known once the chats are loaded.
func (b *Book) Counts() []CountKey {
	keys := map[CountKey]bool{}
	for i := range b.entries {
		u := &b.entries[i]
		at, ours, template := b.now, false, false
		switch f := u.Fact.(type) {
		case SendRequested:
			ours, template = true, f.Type == TypeTemplate
		case MessageArrived:
			at, ours = u.happenedAt(), f.Direction == Outbound
		}
		c := b.chats[u.chat]
		if c == nil {
			c = b.chats[b.findPeer(u)]
		}
		if !ours || c == nil {
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
	return slices.SortedFunc(maps.Keys(keys), byCount)
}

func byCount(x, y CountKey) int {
	return cmp.Or(cmp.Compare(x.Subscription, y.Subscription), cmp.Compare(x.Month, y.Month))
}

// Counted takes what was read of the Counts; what is not there yet is zero.
func (b *Book) Counted(counts []Count) {
	for _, key := range b.Counts() {
		b.counts[key] = &Count{CountKey: key}
	}
	for _, c := range counts {
		b.counts[c.CountKey] = &c
	}
}

// used is what was read of a count, and counted since.
func (b *Book) used(key CountKey) int64 {
	if c := b.counts[key]; c != nil {
		return c.Used
	}
	return 0
}

// count keeps the sums in step with the dialogs of a chat, and tells the company
// how near its limits are.
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

// steps is how much a sum changes that something counted for before or does after.
func delta(before, after bool) int64 {
	switch {
	case before == after:
		return 0
	case after:
		return 1
	}
	return -1
}

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

// levels are the parts of a limit, in percent, that a company is told of.
var levels = []int64{80, 100}

// warn tells of the levels of a limit that are reached, each once for a limit.
func (b *Book) alertLimits(r Route, read, sum *Count, limit int64, say func(c *Count, limit, level int64) notice) error {
	for _, level := range levels {
		mark := fmt.Sprintf(" %d/%d", level, limit)
		if limit <= 0 || read.Used*100 < limit*level || strings.Contains(read.Alerted+" ", mark+" ") {
			continue
		}
		read.Alerted += mark
		sum.Alerted += mark
		n := say(read, limit, level)
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
