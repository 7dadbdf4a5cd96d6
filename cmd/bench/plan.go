package main

import "time"

// What every run has in common. Each company has a Meta app, a number and a CRM of
// its own, and so a lane of each kind.
const (
	companies   = 4
	chatsOfEach = 1000 // peers of a company that write; each has a chat before the measurement
	callers     = 512  // closed loop: connections that send one webhook after another
	openCallers = 256  // open loop: connections that send at a given rate
	apiCallers  = 64   // connections of CRMs that send messages
)

// A plan says how much to measure. Counts are webhooks, messages or calls of one
// run of a row.
type plan struct {
	rounds   int // each row is their median
	chats    int // of a company that write
	bare     int
	durable  int
	naive    int
	burst    int
	carried  int
	statuses int // of as many messages each status in statusWords
	sends    int
	backlog  int
	paced    time.Duration // how long the open loop runs
	idle     int
	calm     time.Duration // how long PostgreSQL may take for what a load leaves to it
	rest     time.Duration // how long nothing arrives
	history  []int         // numbers of messages stored before, a row each
	old      int           // chats of the history
	pinned   time.Duration // how long somebody else's transaction stays open
	many     int           // chats of a company that write during that time
	fair     fairPlan
	campaign campaignPlan
}

// A fairPlan says how much to measure of fairness.
type fairPlan struct {
	endpoints int // one of each company
	hang      int // of them
	fail      int // likewise
	rate      int // webhooks a second
	lasts     time.Duration
	backlog   int // events of one chat
}

var plans = map[string]plan{
	"short": {
		rounds: 1, chats: 25, bare: 2000, durable: 500, naive: 100, burst: 1000, carried: 500, statuses: 100, sends: 100, backlog: 500,
		paced: 300 * time.Millisecond, idle: 3, rest: 300 * time.Millisecond, history: []int{2000}, old: 2000, many: 50,
		fair:     fairPlan{endpoints: 20, hang: 2, fail: 2, rate: 100, lasts: time.Second, backlog: 200},
		campaign: campaignPlan{bulk: 200, rate: 20, lasts: time.Second},
	},
	"full":  full(1_000_000),
	"large": full(1_000_000, 3_000_000, 10_000_000),
}

func full(history ...int) plan {
	return plan{
		rounds: 3, chats: chatsOfEach, bare: 100_000, durable: 20_000, naive: 5_000, burst: 60_000, carried: 20_000, statuses: 10_000,
		sends: 10_000, backlog: 20_000, paced: 6 * time.Second, idle: 20, calm: 5 * time.Minute, rest: time.Minute, history: history, old: 1_000_000, pinned: 2 * time.Minute, many: 25_000,
		fair:     fairPlan{endpoints: 1000, hang: 10, fail: 10, rate: 100, lasts: 30 * time.Second, backlog: 10_000},
		campaign: campaignPlan{bulk: 10_000, rate: 10, lasts: 30 * time.Second},
	}
}
