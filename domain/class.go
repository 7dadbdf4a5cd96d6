package domain

import "time"

// A Class ranks the messages that wait to be sent over one connection.
type Class int

// The classes. ClassTurns decides how the two share a connection.
const (
	ClassLive Class = 1 // somebody waits for it: an employee wrote it, or it answers the peer
	ClassBulk Class = 2 // a campaign: it may take as long as it takes
)

// answersFor is how long after a peer's message what a service sends is an answer.
const answersFor = 24 * time.Hour

// classOf returns the class of a message to be sent in the chat.
func classOf(chat *Chat, f SendRequested, now time.Time) Class {
	answers := !chat.LastInboundAt.IsZero() && now.Before(chat.LastInboundAt.Add(answersFor))
	if f.Bulk || f.Origin != OriginEmployee && !answers {
		return ClassBulk
	}
	return ClassLive
}

// GiveUpAfter is how long after its acceptance we keep trying to send a message.
// Ten thousand messages take hours over a slow connection.
func (c Class) GiveUpAfter() time.Duration {
	if c == ClassBulk {
		return 24 * time.Hour
	}
	return time.Hour
}

// liveTurns is how many live messages leave for each one of bulk while both wait.
const liveTurns = 3

// ClassTurns shares a connection between the classes: while both have messages
// to send, three of four are live. It counts the live ones since the last of bulk.
type ClassTurns int

// Next returns whose turn it is. It is asked only while one of them waits.
func (t *ClassTurns) Next(liveWaits, bulkWaits bool) Class {
	switch {
	case !bulkWaits:
		*t = 0
		return ClassLive
	case !liveWaits || *t >= liveTurns:
		*t = 0
		return ClassBulk
	}
	*t++
	return ClassLive
}
