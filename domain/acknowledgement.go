package domain

import (
	"context"
	"time"
)

// AcknowledgeWithin is how long a press waits to be acknowledged: later the
// messenger has stopped to wait for it.
const AcknowledgeWithin = 15 * time.Second

// An Acknowledgement is due to a press, so that the messenger stops to show the
// client that it waits. It is stored with the message of the press, and taken
// before the messenger is called: it is tried once at most.
type Acknowledgement struct {
	Connection ConnectionID
	Press      string // as the messenger names it
	Until      time.Time
}

// An Acknowledger is a Connector whose messenger waits for an answer to presses.
type Acknowledger interface {
	Acknowledge(ctx context.Context, c Connection, press string) error
}

// recordPress adds the acknowledgement that a message asks for, unless the
// messenger waits for it no more.
func (b *Book) recordPress(e *bookEntry, change *Change) (due bool) {
	f, arrived := e.Fact.(MessageArrived)
	if !arrived || f.Press == "" || change.Outcome != Applied {
		return false
	}
	until := e.Received.Add(AcknowledgeWithin)
	if !until.After(b.now) {
		return false
	}
	b.writes.presses = append(b.writes.presses, Acknowledgement{e.route.Connection, f.Press, until})
	return true
}
