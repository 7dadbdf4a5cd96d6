package domain

import (
	"slices"
	"strconv"
	"testing"
	"time"
)

// An arrival is an event that begins to wait for its endpoint.
type arrival struct {
	at   time.Duration
	chat int
}

// arrivals spreads n events of 200 chats evenly over a time.
func arrivals(n int, from, to time.Duration) []arrival {
	events := make([]arrival, n)
	for i := range events {
		events[i] = arrival{from + (to-from)*time.Duration(i)/time.Duration(n), i % 200}
	}
	return events
}

// A simulatedLane is the lane of one endpoint in simulated time: at most 16 calls
// at once, one of a chat, its oldest event first. Everything else is the policy's.
type simulatedLane struct {
	crm    crm
	events []arrival

	at        time.Duration
	health    EndpointHealth
	chats     [][]*simulatedDelivery // oldest first
	flying    []*simulatedDelivery
	lastStart time.Time
	arrived   int

	delivered []*simulatedDelivery
	parked    int
	rejected  int           // calls that did not succeed
	forbidden time.Duration // until then, as far as the CRM has said
	tooEarly  int           // calls that started before
}

type simulatedDelivery struct {
	id     int
	chat   int
	retry  DeliveryRetry
	busy   bool
	call   EndpointCall
	answer time.Duration // when it comes, or came
}

func (l *simulatedLane) now() time.Time { return now.Add(l.at) }

// run plays until everything is told or parked, or a limit of time is reached.
func (l *simulatedLane) run(limit time.Duration) {
	l.chats = make([][]*simulatedDelivery, 200)
	for l.at <= limit {
		l.arrive()
		l.answers()
		l.start()
		next, ok := l.next()
		if !ok {
			return
		}
		l.at = max(next, l.at+1)
	}
}

func (l *simulatedLane) arrive() {
	for ; l.arrived < len(l.events) && l.events[l.arrived].at <= l.at; l.arrived++ {
		chat := l.events[l.arrived].chat
		l.chats[chat] = append(l.chats[chat], &simulatedDelivery{id: l.arrived, chat: chat})
	}
}

func (l *simulatedLane) answers() {
	for i := 0; i < len(l.flying); {
		d := l.flying[i]
		if d.answer > l.at {
			i++
			continue
		}
		l.flying = slices.Delete(l.flying, i, i+1)
		l.record(d)
	}
}

// record is what the store does in one transaction.
func (l *simulatedLane) record(d *simulatedDelivery) {
	d.busy = false
	before := l.health
	var recovered, parked bool
	l.health, recovered = before.After(d.call, l.now())
	switch d.call.Result {
	case CallSucceeded:
		l.delivered = append(l.delivered, d)
	case CallThrottled:
		l.forbidden = max(l.forbidden, l.at+d.call.RetryAfter)
	default:
		d.retry, parked = d.retry.AfterFailure(d.call, before.LastSuccess, l.now())
	}
	if d.call.Result != CallSucceeded {
		l.rejected++
	}
	if parked {
		l.parked++
	}
	if parked || d.call.Result == CallSucceeded {
		l.chats[d.chat] = l.chats[d.chat][1:]
	}
	if recovered {
		for _, chat := range l.chats {
			for _, waiting := range chat {
				waiting.retry = waiting.retry.Released()
			}
		}
	}
}

func (l *simulatedLane) start() {
	for {
		at, ok := l.health.NextCall(len(l.flying), l.lastStart, l.now())
		if !ok || at.After(l.now()) {
			return
		}
		d, _ := l.pick()
		if d == nil {
			return
		}
		if l.at < l.forbidden {
			l.tooEarly++
		}
		l.lastStart = l.now()
		d.busy = true
		l.flying = append(l.flying, d)
		a := l.crm.answer(crmCall{l.at, d.id, len(l.flying)})
		if a.took == 0 {
			a.took = l.crm.took
		}
		d.answer = l.at + a.took
		d.call = EndpointCall{Event: EventID(strconv.Itoa(d.id)), Result: a.result, RetryAfter: a.retryAfter, Took: a.took}
	}
}

// pick chooses among the oldest events of the chats: while the endpoint fails the
// one that failed least, whatever its own wait when it is paused; else the oldest.
// Without one that is due it returns when the next will be.
func (l *simulatedLane) pick() (best *simulatedDelivery, next time.Time) {
	failing := !l.health.FailingSince.IsZero()
	for _, chat := range l.chats {
		if len(chat) == 0 || chat[0].busy {
			continue
		}
		d := chat[0]
		if l.health.Status != EndpointPaused && d.retry.NextAt.After(l.now()) {
			if next.IsZero() || d.retry.NextAt.Before(next) {
				next = d.retry.NextAt
			}
			continue
		}
		if best == nil || failing && d.retry.Failures < best.retry.Failures ||
			(!failing || d.retry.Failures == best.retry.Failures) && d.id < best.id {
			best = d
		}
	}
	return best, next
}

// next is the time of whatever happens next.
func (l *simulatedLane) next() (time.Duration, bool) {
	var times []time.Duration
	if l.arrived < len(l.events) {
		times = append(times, l.events[l.arrived].at)
	}
	for _, d := range l.flying {
		times = append(times, d.answer)
	}
	if at, ok := l.health.NextCall(len(l.flying), l.lastStart, l.now()); ok {
		d, due := l.pick()
		if d == nil && !due.IsZero() {
			times = append(times, later(at, due).Sub(now))
		} else if d != nil {
			times = append(times, at.Sub(now))
		}
	}
	if len(times) == 0 {
		return 0, false
	}
	return slices.Min(times), true
}

// lateness is the worst delay behind a lane that knows when the CRM is open. The
// events that are told in a moment may change places.
func (l *simulatedLane) lateness() time.Duration {
	byEvent := l.crm.ideal(l.events)
	ideal := make([]time.Duration, len(l.delivered))
	for i, d := range l.delivered {
		ideal[i] = byEvent[d.id]
	}
	slices.Sort(ideal)
	worst := time.Duration(0)
	for i, d := range l.delivered {
		worst = max(worst, d.answer-ideal[i])
	}
	return worst
}

func (l *simulatedLane) checkOrder(t *testing.T) {
	t.Helper()
	last := map[int]int{}
	for _, d := range l.delivered {
		if before, ok := last[d.chat]; ok && before >= d.id {
			t.Fatalf("chat %d heard event %d after event %d", d.chat, d.id, before)
		}
		last[d.chat] = d.id
	}
}
