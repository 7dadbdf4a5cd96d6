package jobs

import (
	"sync"
	"time"

	"recado/domain"
)

const (
	// startPart of a connection's burst is what a pacer begins with: another process may
	// have used up the rest.
	startPart = 0.1

	// keepLane is how long a turn waits for a token or for a message that it deferred.
	// For what is due later, the sweep comes back.
	keepLane = 5 * time.Second

	chatsMin     = 1024            // buckets of chats are looked through when there are more
	forgetPacers = 5 * time.Minute // after which a pacer has nothing left to say
)

// A pacer spaces the sends of one connection, so that the messenger refuses none as
// too fast, and shares them out between the classes.
type pacer struct {
	pace domain.Pace

	mu        sync.Mutex // guards the fields below
	whole     *bucket
	chats     map[domain.ChatID]*bucket
	chatsMax  int // at which full buckets are forgotten
	turns     domain.ClassTurns
	deferred  map[domain.MessageID]time.Time // when each is due again
	throttled map[domain.ChatID]time.Time    // until when the messenger takes nothing of the chat
	more      time.Time                      // when there may be more to send; zero: not known
	used      time.Time
}

func newPacer(p domain.Pace, now time.Time) *pacer {
	whole := p.Connection
	whole.Burst -= min(sendsAtOnce, whole.Burst/2) // what is in flight may arrive together with a burst
	return &pacer{
		pace: p, whole: newBucket(whole, startPart, now), chats: map[domain.ChatID]*bucket{}, chatsMax: chatsMin,
		deferred: map[domain.MessageID]time.Time{}, throttled: map[domain.ChatID]time.Time{}, used: now,
	}
}

// free returns how many of n messages may leave now.
func (p *pacer) free(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.used, p.more = now, time.Time{}
	free := p.whole.free(now)
	if free == 0 {
		p.more = now.Add(p.whole.wait(now))
	}
	return min(n, free)
}

// choose picks up to n of the messages that are due, and says how long those wait
// whose chats have to.
func (p *pacer) choose(due []domain.Waiting, n int) (chosen []domain.MessageID, late map[domain.MessageID]time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.forgetChats(now)
	late = map[domain.MessageID]time.Duration{}
	live, bulk := byClass(due)
	for len(chosen) < n && len(live)+len(bulk) > 0 {
		from := &live
		if p.turns.Next(len(live) > 0, len(bulk) > 0) == domain.ClassBulk {
			from = &bulk
		}
		w := (*from)[0]
		*from = (*from)[1:]
		chat := p.chat(w, now)
		if !chat.take(now) {
			late[w.Message] = chat.wait(now) + time.Millisecond // the database cuts it to whole ones
			continue
		}
		p.whole.take(now)
		chosen = append(chosen, w.Message)
	}
	switch {
	case len(late) > 0: // others may stand behind them
		p.more = now
	case p.whole.free(now) == 0:
		p.more = now.Add(p.whole.wait(now))
	}
	return chosen, late
}

// waitFor notes messages that were just deferred.
func (p *pacer) waitFor(late map[domain.MessageID]time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for m, wait := range late {
		p.deferred[m] = now.Add(wait)
	}
}

func byClass(due []domain.Waiting) (live, bulk []domain.Waiting) {
	for _, w := range due {
		if w.Class == domain.ClassBulk {
			bulk = append(bulk, w)
		} else {
			live = append(live, w)
		}
	}
	return live, bulk
}

// again returns when there may be more to send although no hint comes; zero: not
// within keepLane.
func (p *pacer) again() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	first := p.more
	for m, due := range p.deferred {
		if !due.After(now) {
			delete(p.deferred, m)
		}
		if first.IsZero() || due.Before(first) {
			first = due
		}
	}
	if first.Sub(now) > keepLane {
		return time.Time{}
	}
	return first
}

// heard learns from an answer to a call that began then, and returns it with the
// reason that says whose limit it was. Where the messenger does not say, it is the
// connection's as soon as two chats are refused at a time.
func (p *pacer) heard(w domain.Waiting, began time.Time, a domain.SendResult) domain.SendResult {
	reason := a.Reason()
	if a.Fate != domain.FateRefused || reason != domain.ReasonThrottled && reason != domain.ReasonPairThrottled {
		return a
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	wait := max(a.RetryAfter, minRetryWait)
	if reason == domain.ReasonPairThrottled && p.pace.Unnamed && p.otherThrottled(w.Chat, now) {
		why := *a.Failure
		why.Reason = domain.ReasonThrottled
		a.Failure = &why
	}
	if a.Reason() == domain.ReasonThrottled {
		p.whole.refused(began, now, wait)
		return a
	}
	p.throttled[w.Chat] = now.Add(wait)
	p.chat(w, now).refused(began, now, wait)
	return a
}

// otherThrottled reports whether the messenger refuses another chat at this time.
func (p *pacer) otherThrottled(chat domain.ChatID, now time.Time) bool {
	other := false
	for c, until := range p.throttled {
		if until.Before(now) {
			delete(p.throttled, c)
		} else if c != chat {
			other = true
		}
	}
	return other
}

// chat returns the bucket of a message's chat.
func (p *pacer) chat(w domain.Waiting, now time.Time) *bucket {
	b, known := p.chats[w.Chat]
	if !known {
		if b = newBucket(p.pace.Of(w.Group), 1, now); b != nil {
			p.chats[w.Chat] = b
		}
	}
	return b
}

// forgetChats drops the buckets that are full when there are many.
func (p *pacer) forgetChats(now time.Time) {
	if len(p.chats) < p.chatsMax {
		return
	}
	for c, b := range p.chats {
		if b.full(now) {
			delete(p.chats, c)
		}
	}
	p.chatsMax = max(chatsMin, 2*len(p.chats))
}

// pacers holds what a process learned of its connections beyond one turn.
type pacers struct {
	mu   sync.Mutex
	list map[domain.ConnectionID]*pacer
}

// of returns the pacer of a connection, a new one if the pace was changed.
func (p *pacers) of(id domain.ConnectionID, pace domain.Pace) *pacer {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.list[id]; known != nil && known.pace == pace {
		return known
	}
	now := time.Now()
	for id, old := range p.list {
		if old.unused(now) {
			delete(p.list, id)
		}
	}
	if p.list == nil {
		p.list = map[domain.ConnectionID]*pacer{}
	}
	p.list[id] = newPacer(pace, now)
	return p.list[id]
}

func (p *pacer) unused(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return now.Sub(p.used) > forgetPacers
}
