package jobs

import (
	"context"
	"sync"
	"time"

	"recado/domain"
)

// callWaitMax is how long a claimed delivery waits for its call to be allowed. An
// endpoint that wants a longer wait gives its lane back.
const callWaitMax = 5 * time.Second

// A callGate starts the calls of one endpoint as the endpoint's health allows:
// how many at once, and how fast. It knows the result of a call at once, some time
// before it is recorded, so that no further call is made of an endpoint that fails.
type callGate struct {
	first chan struct{} // holds one value while a call waits for its time; others queue behind it
	ended chan struct{} // holds one value when a call has ended

	mu        sync.Mutex // guards the fields below
	health    domain.EndpointHealth
	probing   bool // the endpoint was paused when the turn began, and no call has ended
	inFlight  int
	lastStart time.Time
	shut      bool // no further call in this turn
}

// newCallGate returns the gate of an endpoint whose time has come by the
// database's clock, which may differ from ours.
func newCallGate(h domain.EndpointHealth) *callGate {
	h.RetryAt, h.HeldUntil = time.Time{}, time.Time{}
	return &callGate{
		first:   make(chan struct{}, 1),
		ended:   make(chan struct{}, 1),
		health:  h,
		probing: h.Status == domain.EndpointPaused,
		shut:    h.Status == domain.EndpointDisabled,
	}
}

// enter waits until a call may start. It returns false if none may start soon, or
// the program stops.
func (g *callGate) enter(ctx context.Context) bool {
	g.first <- struct{}{}
	defer func() { <-g.first }()
	for {
		wait, started := g.start(time.Now())
		if started || wait < 0 || ctx.Err() != nil {
			return started
		}
		pause(ctx, g.ended, wait)
	}
}

// start starts a call, or returns how long to wait. A negative wait: no call may start soon.
func (g *callGate) start(now time.Time) (wait time.Duration, started bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	at, ok := g.health.NextCall(g.inFlight, g.lastStart, now)
	switch {
	case g.shut:
		return -1, false
	case !ok:
		return time.Hour, false // until one of those in flight has ended
	case at.Sub(now) > callWaitMax:
		g.shut = true
		return -1, false
	case at.After(now):
		return at.Sub(now), false
	}
	g.inFlight++
	g.lastStart = now
	return 0, true
}

// leave takes note of the result of a call. No tries: it says nothing of the endpoint.
func (g *callGate) leave(tries []domain.Try) {
	g.mu.Lock()
	g.inFlight--
	if call, made := domain.CallOf(tries); made {
		g.health, _ = g.health.After(call, time.Now())
		g.probing = false
	}
	g.shut = g.shut || g.health.Status == domain.EndpointPaused || g.health.Status == domain.EndpointDisabled
	g.mu.Unlock()
	select {
	case g.ended <- struct{}{}:
	default:
	}
}

// recorded takes over what was recorded once nothing is in flight, or at once if
// a person started the endpoint afresh.
func (g *callGate) recorded(h domain.EndpointHealth, idle, afresh bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if idle || afresh {
		g.health = h
	}
}

// close lets no further call start in this turn.
func (g *callGate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
}

// open returns whether further calls may start in this turn, and whether the next
// one is a probe.
func (g *callGate) open() (open, probing bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.shut, g.probing
}

// spaced reports whether calls wait for one another.
func (g *callGate) spaced() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	at, ok := g.health.NextCall(g.inFlight, g.lastStart, now)
	return !ok || at.After(now)
}
