package domain

import (
	"slices"
	"time"
)

// applyPolicy applies what a failure means for the whole connection: nothing is
// sent over it until the next try, or until a person resumes it.
func (c *Change) applyPolicy(why *Failure, next time.Time) {
	if why == nil {
		return
	}
	policy := Policies[why.Reason]
	if policy.Suspend || policy.Offline {
		c.suspend = why
	}
	if policy.Slow {
		c.sendAfter = next
	}
}

// concernsConnection reports whether the change concerns the connection at all.
func (c *Change) concernsConnection() bool {
	return c.suspend != nil || c.resume || !c.sendAfter.IsZero() || len(c.signals) > 0 || c.closes != "" || c.opens != "" || c.watched != nil || !c.lookAt.IsZero()
}

// recordConnection enters in the book what a change means for its connection, and
// returns the signals that were reported. A company gets one event when its
// connection is suspended or disconnected, and one when it sends again.
func (b *Book) recordConnection(r Route, change *Change) (reported []RecordedSignal, err error) {
	if !change.concernsConnection() {
		return nil, nil
	}
	w := b.writes.connections[r.Connection]
	w.ID = r.Connection
	c := Connection{ID: r.Connection, Company: r.Company, Kind: r.Kind}
	if change.sendAfter.After(w.SendAfter) {
		w.SendAfter = change.sendAfter
	}
	for _, s := range change.signals {
		reported = append(reported, RecordedSignal{r.Connection, b.now, s})
		if err := b.addEvent(signalEvent(b.eventID(), b.now, c, s)); err != nil {
			return nil, err
		}
	}
	b.writes.signals = append(b.writes.signals, reported...)
	switch {
	case r.shutBy(change.suspend):
		before := r.Suspended
		r.Suspended, w.Suspended, w.Resumed = change.suspend, change.suspend, false
		if before == nil || StatusBy(before) != StatusBy(change.suspend) {
			err = b.addEvent(ConnectionEvent(b.eventID(), b.now, c, StatusBy(change.suspend), change.suspend))
		}
	case change.resume && r.Suspended != nil:
		r.Suspended, w.Suspended, w.Resumed = nil, nil, true
		err = b.addEvent(ConnectionEvent(b.eventID(), b.now, c, ConnectionOK, nil))
	}
	if closed := r.closedAfter(change); closed != nil {
		r.Closed, w.Closed = closed, closed
	}
	if change.watched != nil {
		r.Watched, w.Watched, w.Stored = *change.watched, change.watched, r.Stored
	}
	if at := change.lookAt; !at.IsZero() && (w.LookAt.IsZero() || at.Before(w.LookAt)) {
		w.LookAt = at
	}
	b.routes[r.Connection] = r
	b.writes.connections[r.Connection] = w
	return reported, err
}

// shutBy reports whether the failure stops the connection, makes a disconnected one wait
// for a person, or is the messenger's report of what a refused send has shown already: it
// takes that one's place, because another report ends it.
func (r Route) shutBy(why *Failure) bool {
	switch {
	case why == nil || r.Ended:
		return false
	case r.Suspended == nil:
		return true
	case StatusBy(r.Suspended) == ConnectionDisconnected:
		return StatusBy(why) == ConnectionSuspended
	}
	return why.Cause.Code == causeLinkDown && r.Suspended.Cause.Code != causeLinkDown && r.Suspended.Reason == why.Reason
}

// maxClosed bounds Route.Closed; the oldest is forgotten, and the messenger refuses
// by itself.
const maxClosed = 1000

// closedAfter returns Route.Closed as the change leaves it; nil: as it is.
func (r Route) closedAfter(change *Change) []string {
	has := func(end string) bool { return end != "" && slices.Contains(r.Closed, end) }
	switch {
	case change.closes != "" && !has(change.closes):
		closed := append(slices.Clone(r.Closed), change.closes)
		return closed[max(0, len(closed)-maxClosed):]
	case has(change.opens):
		return slices.DeleteFunc(append([]string{}, r.Closed...), func(end string) bool { return end == change.opens })
	}
	return nil
}

// learnAccount remembers how the messenger names the account of the connection, for
// the signals that name nothing else.
func (b *Book) learnAccount(e *bookEntry) {
	r, known := b.routes[e.route.Connection]
	if !known || e.Account == "" || e.Business == "" || e.Business == r.Business && (e.Number == "" || e.Number == r.Number) {
		return
	}
	w := b.writes.connections[r.Connection]
	w.ID, w.Business, w.Number = r.Connection, e.Business, e.Number
	r.Business = e.Business
	if e.Number != "" {
		r.Number = e.Number
	}
	b.routes[r.Connection] = r
	b.writes.connections[r.Connection] = w
}

// concernsBusiness reports whether the update is a signal that names an account at
// the messenger, and no connection.
func (e *bookEntry) concernsBusiness() bool {
	_, signal := e.Fact.(ConnectionSignaled)
	return signal && e.Connection == "" && e.Account == "" && e.Business != ""
}

// applyToBusiness applies a signal to every connection that it concerns. Where
// there is none it is ignored.
func (b *Book) applyToBusiness(e *bookEntry) (Result, error) {
	result := Result{Outcome: Ignored, Kind: e.Kind}
	for _, r := range b.concerned(e.Update) {
		one := *e
		one.Connection, one.Business, one.Number = r.Connection, "", ""
		one.route, one.routed = r, true
		applied, err := b.apply(&one)
		if err != nil {
			return Result{}, err
		}
		result.Outcome, result.Kind = applied.Outcome, applied.Kind
		result.Signals = append(result.Signals, applied.Signals...)
	}
	return result, nil
}

// concerned lists the connections of the hook that belong to the account of the
// signal, and to its phone number if it names one. Where none is known to, it is
// those of which nothing is known, unless that could tell one company of another.
func (b *Book) concerned(u Update) []Route {
	var known, unknown []Route
	companies := map[CompanyID]bool{}
	for _, id := range sortedKeys(connectionsOf(b.routes, u.Hook)) {
		r := b.routes[id]
		switch {
		case r.Business == u.Business && (u.Number == "" || r.Number == "" || r.Number == u.Number):
			known = append(known, r)
		case r.Business == "":
			unknown = append(unknown, r)
			companies[r.Company] = true
		}
	}
	if known == nil && len(companies) == 1 {
		return unknown
	}
	return known
}

func connectionsOf(routes map[ConnectionID]Route, h HookID) map[ConnectionID]bool {
	list := map[ConnectionID]bool{}
	for id, r := range routes {
		if r.Account.Hook == h {
			list[id] = true
		}
	}
	return list
}

// countPrice counts what a message was billed as.
func (b *Book) countPrice(n *Subscription, zone *time.Location, p *Price) {
	if n != nil && p != nil {
		b.writes.prices[PriceCount{Subscription: n.ID, Month: Month(b.now, zone), Price: p.Counted()}]++
	}
}
