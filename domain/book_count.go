package domain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A CountKey names the outgoing dialogs of a subscription in a month.
type CountKey struct {
	Subscription SubscriptionID
	Month        string
}

// A Count is how many outgoing dialogs there are, and of what the company was
// told: " 80/50" is the level of 80 % of a limit of 50.
type Count struct {
	CountKey
	Used int64
	Told string
}

// Counts lists the counts to be locked, in the order of their keys, and read:
// of each subscription with a limit for which the batch may open a dialog. They
// are known once the chats are loaded.
func (b *Book) Counts() []CountKey {
	keys := map[CountKey]bool{}
	for i := range b.lines {
		u := &b.lines[i]
		at, ours := b.now, false
		switch f := u.Fact.(type) {
		case SendRequested:
			ours = true
		case MessageArrived:
			at, ours = u.told(), f.Direction == Outbound
		}
		c := b.chats[u.chat]
		if c == nil {
			c = b.chats[b.findPeer(u)]
		}
		if !ours || c == nil {
			continue
		}
		if r := b.routes[c.Connection]; r.limited() && c.opens(at, r.zone()) {
			keys[CountKey{r.Subscription.ID, Month(at, r.zone())}] = true
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

// count keeps the sums in step with the dialogs of a chat, and tells the company
// how near its limit is.
func (b *Book) count(before, after *Chat) error {
	r := b.routes[after.Connection]
	for _, d := range after.Dialogs {
		was := before.dialog(d.Month).Outgoing()
		if was == d.Outgoing() || r.Subscription == nil {
			continue
		}
		step := int64(1)
		if was {
			step = -1
		}
		key := CountKey{r.Subscription.ID, d.Month}
		sum := b.writes.count(key)
		sum.Used += step
		if read := b.counts[key]; read != nil {
			read.Used += step
			if err := b.warn(r, read, sum); err != nil {
				return err
			}
		}
	}
	return nil
}

// levels are the parts of a limit, in percent, that a company is told of.
var levels = []int64{80, 100}

// warn tells of the levels that are reached, each once for a limit.
func (b *Book) warn(r Route, read, sum *Count) error {
	limit := r.Subscription.Limit()
	for _, level := range levels {
		mark := fmt.Sprintf(" %d/%d", level, limit)
		if limit <= 0 || read.Used*100 < limit*level || strings.Contains(read.Told+" ", mark+" ") {
			continue
		}
		read.Told += mark
		sum.Told += mark
		event, err := CompanyEvent(EventID("evt_"+b.fresh()), b.now, r.Company, EventLimitDialogs,
			limitDialogs{r.Subscription.ID, read.Used, limit, level, read.Month})
		if err != nil {
			return &DataError{err}
		}
		b.writes.events = append(b.writes.events, event)
	}
	return nil
}
