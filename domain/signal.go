package domain

import "time"

// A Signal is what a messenger says of the company's account itself, or what a
// look at the messenger found: it concerns a connection and no chat.
type Signal struct {
	Kind    SignalKind  `json:"kind"`
	Level   SignalLevel `json:"level"`
	Title   string      `json:"title"`
	Details string      `json:"details,omitempty"`
}

// A SignalKind says what a Signal is about.
type SignalKind string

// The kinds of signals. They stand in events and metrics.
const (
	SignalAccount  SignalKind = "account"
	SignalQuality  SignalKind = "quality"
	SignalLimit    SignalKind = "limit" // of how much may be sent
	SignalTemplate SignalKind = "template"
	SignalName     SignalKind = "name"
	SignalSecurity SignalKind = "security"
	SignalWebhook  SignalKind = "webhook" // the way by which messages reach us
)

// SignalKinds lists every SignalKind.
var SignalKinds = []SignalKind{
	SignalAccount, SignalQuality, SignalLimit, SignalTemplate, SignalName, SignalSecurity, SignalWebhook,
}

// A SignalLevel says how urgent a Signal is.
type SignalLevel string

// The levels of signals.
const (
	LevelInfo     SignalLevel = "info"
	LevelWarning  SignalLevel = "warning"
	LevelCritical SignalLevel = "critical" // messages are not sent, or do not arrive
)

// SignalLevels lists every SignalLevel.
var SignalLevels = []SignalLevel{LevelInfo, LevelWarning, LevelCritical}

// A RecordedSignal is a Signal of a connection as it is stored.
type RecordedSignal struct {
	Connection ConnectionID
	At         time.Time
	Signal
}

// ConnectionSignaled is a Signal, with what it means for the connection. From a
// webhook it names its connection by Update.Account, or by Update.Business where
// it concerns every connection of that account.
type ConnectionSignaled struct {
	Signal  Signal
	Suspend *Failure // why nothing is sent from now on; nil: it goes on
	Lifts   []Reason // a suspension for one of these reasons ends

	// Closes and Opens are the end of the names of those peers to whom the connection
	// may not write any more, or may again; empty: none.
	Closes, Opens string
}

// ConnectionWatched is what a look at the messenger found of a connection.
type ConnectionWatched struct {
	Seen  Watched
	Again time.Time // when the messenger is to be looked at again at the latest; zero: in its turn
}

// LookRequested lets the next look at the messenger, which is at once, look for messages
// from an earlier moment on, see Lookback.
type LookRequested struct{ Since time.Time }

// Watched is the status of a connection at its messenger.
type Watched struct {
	Problems []Signal `json:"problems,omitempty"` // those that there are now
	Waiting  int64    `json:"waiting,omitempty"`  // webhooks that the messenger has not delivered
	Link     *Link    `json:"link,omitempty"`     // the last report; nil: there is none

	// GivenBack is how many messages in a row the messenger took and could not send.
	GivenBack int `json:"given_back,omitempty"`

	// StrangersFrom is when the connection may write again to peers that never wrote.
	StrangersFrom time.Time `json:"strangers_from,omitzero"`

	// StrangersPause is how long it last could not, where the messenger did not say; zero:
	// a stranger was written to since.
	StrangersPause time.Duration `json:"strangers_pause,omitzero"`

	// Strangers are the chats of peers that never wrote and were written to on the day.
	Strangers   []ChatID `json:"strangers,omitempty"`
	StrangersOn string   `json:"strangers_on,omitempty"` // as 2006-01-02, in the company's time zone

	// LookedTo is where the next look for messages begins, see Lookback; zero: there was
	// none yet.
	LookedTo time.Time `json:"looked_to,omitzero"`

	// MissedAt is when a look last found a message that no webhook told of; zero: never.
	MissedAt time.Time `json:"missed_at,omitzero"`
}

// growingBacklog is how many undelivered webhooks, more than at the look before,
// are a problem.
const growingBacklog = 100

// decideSignaled reports a Signal and applies what it means for the connection.
func decideSignaled(s State, f ConnectionSignaled) Change {
	change := Change{Outcome: Applied, signals: []Signal{f.Signal}, suspend: f.Suspend, closes: f.Closes, opens: f.Opens}
	if s.Suspended != nil {
		for _, r := range f.Lifts {
			change.resume = change.resume || r == s.Suspended.Reason
		}
	}
	return change
}

// decideWatched reports each problem when it begins and when it is over.
func decideWatched(s State, f ConnectionWatched) Change {
	seen := s.Watched
	seen.Problems, seen.Waiting = f.Seen.Problems, f.Seen.Waiting
	if !f.Seen.LookedTo.IsZero() {
		seen.LookedTo = f.Seen.LookedTo
	}
	if seen.Waiting >= growingBacklog && seen.Waiting > s.Watched.Waiting {
		seen.Problems = append(seen.Problems[:len(seen.Problems):len(seen.Problems)], Signal{
			Kind: SignalWebhook, Level: LevelWarning, Title: "webhooks pile up at the messenger",
		})
	}
	change := Change{Outcome: Applied, watched: &seen, lookAt: f.Again}
	change.followLink(s, f.Seen.Link)
	for _, p := range seen.Problems {
		if !hasProblem(s.Watched.Problems, p) {
			change.signals = append(change.signals, p)
		}
	}
	for _, p := range s.Watched.Problems {
		if !hasProblem(seen.Problems, p) {
			change.signals = append(change.signals, Signal{Kind: p.Kind, Level: LevelInfo, Title: "over: " + p.Title})
		}
	}
	return change
}

// decideLook begins a look further back.
func decideLook(s State, f LookRequested) Change {
	seen := s.Watched
	seen.LookedTo = f.Since.Truncate(time.Millisecond)
	return Change{Outcome: Applied, watched: &seen, lookAt: s.Now}
}

// hasProblem reports whether the problem is listed, whatever its details say.
func hasProblem(list []Signal, p Signal) bool {
	for _, other := range list {
		if other.Kind == p.Kind && other.Title == p.Title {
			return true
		}
	}
	return false
}
