package domain

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
)

// A Lane is an owner of ordered work: one process at a time works on it. Its
// text names it in leases and in jobs.
type Lane string

// The kinds of lanes.
const (
	LaneInbox    = "inbox"    // of one sixteenth of the hooks
	LaneSend     = "send"     // of a connection
	LaneCallback = "callback" // of an endpoint
)

// LaneKinds lists the kinds of lanes.
var LaneKinds = []string{LaneInbox, LaneSend, LaneCallback}

// InboxLanes is how many lanes share the hooks. Changing it moves hooks between
// lanes: stop every worker first.
const InboxLanes = 16

// InboxLane returns the number of the lane of a hook.
func InboxLane(h HookID) int {
	sum := fnv.New32a()
	sum.Write([]byte(h))
	return int(sum.Sum32() % InboxLanes)
}

// InboxLaneOf names the lane of a hook.
func InboxLaneOf(h HookID) Lane { return Lane(fmt.Sprintf("%s:%d", LaneInbox, InboxLane(h))) }

// SendLane names the lane of a connection.
func SendLane(c ConnectionID) Lane { return Lane(LaneSend + ":" + string(c)) }

// CallbackLane names the lane of an endpoint.
func CallbackLane(e EndpointID) Lane { return Lane(LaneCallback + ":" + string(e)) }

// Kind returns the kind of the lane.
func (l Lane) Kind() string { kind, _, _ := strings.Cut(string(l), ":"); return kind }

// Owner returns whose lane it is.
func (l Lane) Owner() string { _, owner, _ := strings.Cut(string(l), ":"); return owner }

var (
	// ErrUnavailable says that a store cannot be reached or does not answer.
	ErrUnavailable = errors.New("the store is unavailable")

	// ErrTaken says that another worker used up the same rows of the inbox.
	ErrTaken = errors.New("another worker took the webhooks")
)

// A DataError says that a batch cannot be stored because of what is in it, and
// never will be: the guilty part must be found and put aside.
type DataError struct{ Err error }

func (e *DataError) Error() string { return "bad data: " + e.Err.Error() }

// Unwrap returns what was wrong.
func (e *DataError) Unwrap() error { return e.Err }
