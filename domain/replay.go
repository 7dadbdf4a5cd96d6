package domain

import (
	"context"
	"slices"
	"time"
)

// A ReplayID is "rep_" and 26 characters.
type ReplayID string

// A Replay sends events of the past to an endpoint once more: the same events with
// the same ids, those of a chat in order.
type Replay struct {
	ID       ReplayID
	Endpoint EndpointID
	ReplayQuery

	State     ReplayState
	Count     int64 // events to send; -1: too many to count
	Delivered int64
	Failed    int64  // given up, since the endpoint took others and refused these
	LastError string // of the last try that failed; empty: none did
	Created   time.Time
	Ended     time.Time // zero: it runs
}

// A ReplayQuery selects the events of a replay, of those that the endpoint wants.
type ReplayQuery struct {
	Since, Until time.Time   // zero: from the start of the feed; until it was asked for
	Types        []EventType // empty: all
	Chat         ChatID      // empty: of all chats, and those of none
}

// Equal reports whether two queries ask for the same.
func (q ReplayQuery) Equal(other ReplayQuery) bool {
	return q.Since.Equal(other.Since) && q.Until.Equal(other.Until) && q.Chat == other.Chat && slices.Equal(q.Types, other.Types)
}

// A ReplayState says how far a replay is.
type ReplayState string

// The states of a replay.
const (
	ReplayRunning ReplayState = "running" // it may wait: for what is new, or until its endpoint works
	ReplayDone    ReplayState = "done"
	ReplayStopped ReplayState = "stopped" // by a person; or the endpoint said 410, or failed for days
)

// ReplayStates lists every ReplayState.
var ReplayStates = []ReplayState{ReplayRunning, ReplayDone, ReplayStopped}

// Limits of replays.
const (
	ReplaysAtOnce = 4   // calls of one endpoint in flight
	ReplayAhead   = 256 // events of a replay that are queued
)

// ReplayGivesUp reports whether a replay counts an event as failed and goes on with
// its chat: a person watches a replay, and can ask for the event again.
func ReplayGivesUp(d Delivery) bool {
	return d.State == DeliveryParked || d.Refusals >= ParkAfterRefusals
}

// Replays are the replays of a company's endpoints. What belongs to another company
// gives ErrNotFound.
type Replays interface {
	// StartReplay starts a replay. While one with the same query runs it is returned,
	// and started is false; another one is refused with ErrReplayRuns.
	StartReplay(ctx context.Context, company CompanyID, e EndpointID, q ReplayQuery) (r Replay, started bool, err error)

	// Replays lists the last replays of an endpoint, the newest first.
	Replays(ctx context.Context, company CompanyID, e EndpointID) ([]Replay, error)

	Replay(ctx context.Context, company CompanyID, e EndpointID, id ReplayID) (Replay, error)

	// StopReplay stops a replay that runs; what is in flight is still delivered.
	StopReplay(ctx context.Context, company CompanyID, e EndpointID, id ReplayID) (Replay, error)
}

// A ReplayQueue is for the replay that runs of an endpoint what Callbacks is for its
// events. The endpoint that it returns has the health of the replay, so that a
// replay never pauses the endpoint. Its status is EndpointDisabled if there is
// nothing to call: no replay runs, or the endpoint itself is paused or disabled.
type ReplayQueue interface {
	ReplayEndpoint(ctx context.Context, e EndpointID) (Endpoint, error)

	// DueReplayed queues the next events of the replay, and returns up to limit that
	// are due. It leaves out chats that have new events for the endpoint.
	DueReplayed(ctx context.Context, e EndpointID, busy []ChatID, limit int) ([]Delivery, error)

	// RecordReplayed stores results of tries.
	RecordReplayed(ctx context.Context, e EndpointID, tries []Try) (Endpoint, []Delivery, error)
}

// ForReplay is the health with which the calls of a replay begin: slowly, and at
// half the pace of an endpoint that is known to limit it.
func (h EndpointHealth) ForReplay(now time.Time) EndpointHealth {
	next := h.Reset(now)
	next.Pace = min(recoveryPace, h.paceAt(now)/2)
	next.AtOnce = ReplaysAtOnce
	return next
}
