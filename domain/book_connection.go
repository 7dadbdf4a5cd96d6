package domain

import "time"

// applyPolicy applies what a failure means for the whole connection: nothing is
// sent over it until the next try, or until a person resumes it.
func (c *Change) applyPolicy(why *Failure, next time.Time) {
	if why == nil {
		return
	}
	policy := Policies[why.Reason]
	if policy.Suspend {
		c.suspend = why
	}
	if policy.Slow {
		c.sendAfter = next
	}
}

// recordConnection enters in the book what a change means for its connection. A
// company gets one event when its connection is suspended.
func (b *Book) recordConnection(c *Chat, change *Change) error {
	if change.suspend == nil && change.sendAfter.IsZero() {
		return nil
	}
	w := b.writes.connections[c.Connection]
	w.ID = c.Connection
	if change.sendAfter.After(w.SendAfter) {
		w.SendAfter = change.sendAfter
	}
	r := b.routes[c.Connection]
	if change.suspend != nil && r.Suspended == nil && !r.Ended {
		r.Suspended, w.Suspended = change.suspend, change.suspend
		b.routes[c.Connection] = r
		err := b.addEvent(ConnectionEvent(b.eventID(), b.now,
			Connection{ID: c.Connection, Company: c.Company, Kind: c.Kind}, ConnectionSuspended, change.suspend))
		if err != nil {
			return err
		}
	}
	b.writes.connections[c.Connection] = w
	return nil
}
