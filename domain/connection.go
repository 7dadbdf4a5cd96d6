package domain

import "time"

// A ConnectionStatus tells whether messages go out over a connection. What
// comes in goes on with every status.
type ConnectionStatus string

// The statuses of a connection.
const (
	ConnectionOK        ConnectionStatus = "ok"
	ConnectionSuspended ConnectionStatus = "suspended" // the messenger takes nothing from us: a person must mend it and resume it
	ConnectionUnpaid    ConnectionStatus = "unpaid"    // its subscription is overdue
)

// ConnectionStatuses lists every ConnectionStatus.
var ConnectionStatuses = []ConnectionStatus{ConnectionOK, ConnectionSuspended, ConnectionUnpaid}

// A ConnectionChange is what became of a connection by the answers of its messenger.
type ConnectionChange struct {
	ID        ConnectionID
	Suspended *Failure  // why it is suspended from now on; nil: it is not by this
	SendAfter time.Time // nothing is sent before; zero: as it was
}

// connectionStatus is the data of EventConnectionStatus.
type connectionStatus struct {
	Status ConnectionStatus `json:"status"`
	Cause  *Cause           `json:"cause"`
}

// ConnectionEvent makes the Event that the status of a connection changed. Why
// may be nil.
func ConnectionEvent(id EventID, now time.Time, c Connection, status ConnectionStatus, why *Failure) (Event, error) {
	told := connectionStatus{Status: status}
	if why != nil {
		told.Cause = &why.Cause
	}
	return encodeEvent(Event{ID: id, Type: EventConnectionStatus, Company: c.Company, At: now},
		envelope{Connection: &envelopeConnection{c.ID, c.Kind}, Data: told})
}

// obey takes from the messenger's refusal what it means for all that is sent
// over the connection: to wait, or to stop.
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

// obey keeps what a change means for its connection, and tells the company once
// that it is suspended.
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
	if change.suspend != nil && r.Suspended == nil {
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
