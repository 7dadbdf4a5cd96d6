package domain

import (
	"hash/fnv"
	"strconv"
	"strings"
)

// A Lane is an owner of ordered work: one process at a time works on it. Its
// text names it in leases and in jobs.
type Lane string

// A LaneKind names a kind of lanes. It is the part of a Lane before the colon,
// the name of the queue that carries hints for these lanes, and a label of metrics.
type LaneKind string

// The kinds of lanes.
const (
	LaneInbox    LaneKind = "inbox"
	LaneSend     LaneKind = "send"
	LaneCallback LaneKind = "callback"
	LaneReplay   LaneKind = "replay"
	LaneMedia    LaneKind = "media"
)

// A LaneRow describes the lanes of one kind.
type LaneRow struct {
	Kind   LaneKind
	Parks  bool // work that fails for good is put aside; ids of such items begin with Kind
	Weight int  // of its queue: its share of a worker's attention when all have jobs
}

// Pieces of work in flight in one lane.
const (
	SendsAtOnce     = 16
	CallbacksAtOnce = 16
	FetchesAtOnce   = 4
)

// Lanes has a row for every kind of lanes. A new kind needs a row here, its
// handler in jobs, and its queries in the stores; tests find what is missing.
var Lanes = []LaneRow{
	{Kind: LaneInbox, Parks: true, Weight: 1},    // each works on the webhooks of a share of the hooks, in order
	{Kind: LaneSend, Weight: 1},                  // on the queued messages of a connection: SendsAtOnce, those of a chat in order
	{Kind: LaneCallback, Parks: true, Weight: 1}, // on the events of an endpoint: CallbacksAtOnce, those of a chat in order
	{Kind: LaneReplay, Weight: 1},                // on the replay of an endpoint: ReplaysAtOnce, those of a chat in order
	{Kind: LaneMedia, Weight: 1},                 // on the files of a connection: FetchesAtOnce, in any order
}

// LaneKinds lists the kinds of lanes, in the order of Lanes.
var LaneKinds = func() (kinds []LaneKind) {
	for _, row := range Lanes {
		kinds = append(kinds, row.Kind)
	}
	return kinds
}()

// Row returns the row of the kind; false: there is no such kind.
func (k LaneKind) Row() (LaneRow, bool) {
	for _, row := range Lanes {
		if row.Kind == k {
			return row, true
		}
	}
	return LaneRow{}, false
}

// Of names the lane of an owner.
func (k LaneKind) Of(owner string) Lane { return Lane(string(k) + ":" + owner) }

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
func InboxLaneOf(h HookID) Lane { return LaneInbox.Of(strconv.Itoa(InboxLane(h))) }

// SendLane names the lane of a connection.
func SendLane(c ConnectionID) Lane { return LaneSend.Of(string(c)) }

// CallbackLane names the lane of an endpoint.
func CallbackLane(e EndpointID) Lane { return LaneCallback.Of(string(e)) }

// ReplayLane names the lane of the replays of an endpoint.
func ReplayLane(e EndpointID) Lane { return LaneReplay.Of(string(e)) }

// MediaLane names the lane of the files of a connection.
func MediaLane(c ConnectionID) Lane { return LaneMedia.Of(string(c)) }

// Kind returns the kind of the lane.
func (l Lane) Kind() LaneKind { kind, _, _ := strings.Cut(string(l), ":"); return LaneKind(kind) }

// Owner returns whose lane it is.
func (l Lane) Owner() string { _, owner, _ := strings.Cut(string(l), ":"); return owner }
