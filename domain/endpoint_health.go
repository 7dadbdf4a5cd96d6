package domain

import (
	"cmp"
	"slices"
	"time"
)

// When an endpoint is paused, probed and disabled.
const (
	pauseAfterFailing   = time.Minute      // without one success
	disableAfterFailing = 72 * time.Hour   // likewise, while it is paused
	idleResetsFailing   = time.Hour        // this long without a call restarts the clock of failing
	outageAfter         = time.Second      // shorter failing times are accidents of single calls
	failingGapMax       = time.Second      // between calls while every call fails, before the pause
	throttleFloorMax    = 30 * time.Second // the longest wait that we choose when it throttles call after call
	recoveryPace        = 25               // calls a second, right after an outage
	outageSlows         = 0.7              // the pace at which an outage began may have caused it
	paceDoubles         = 20 * time.Second // the first time; later ones come faster
	paceUnlimited       = 1000             // calls a second; above it nothing is spaced
	measureFor          = 10 * time.Second // successes of longer ago weigh less and less
)

// probeGaps are the waits before each probe of a paused endpoint; the last repeats.
var probeGaps = []time.Duration{
	5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
}

// A CallResult is the answer of an endpoint to one call, as far as its health is concerned.
type CallResult int

// The results of a call.
const (
	CallFailed    CallResult = iota // no answer, or an answer that is none of the below
	CallSucceeded                   // 2xx
	CallThrottled                   // 429, or 503 with Retry-After: the endpoint works and wants a slower pace
	CallGone                        // 410: it wants no more
)

// An EndpointCall is one finished call of an endpoint.
type EndpointCall struct {
	Event      EventID
	Result     CallResult
	RetryAfter time.Duration // what the endpoint asked for; zero: nothing
	Took       time.Duration
}

// EndpointHealth is what the answers of an endpoint say about it: whether it
// works, and how fast it can be called. The zero value is a new endpoint.
type EndpointHealth struct {
	Status      EndpointStatus `json:"-"` // empty: ok
	LastSuccess time.Time
	LastFailure time.Time

	// Set while every call fails.
	FailingSince time.Time // the start of the first call that failed; zero: the last answer was no failure
	Suspect      EventID   // the only event that failed since; empty: several did
	Probes       int       // that failed since the pause began
	RetryAt      time.Time // no call starts before

	// Set while it throttles.
	HeldUntil time.Time // no call starts before: the endpoint asked for it
	Throttles int       // in a row, without a success between them

	AtOnce int `json:"-"` // calls at once at most; zero: CallbacksAtOnce

	// How fast it can be called.
	InFlight      int       // calls at once; zero: one
	Pace          float64   // calls a second at PacedSince; zero: no limit is known
	PacedSince    time.Time // the pace grows from then on
	Successes     float64   // successes since MeasuredSince
	MeasuredSince time.Time
}

// ReadyAt is the earliest time of the next call to an endpoint that is not disabled.
func (h EndpointHealth) ReadyAt() time.Time {
	if h.RetryAt.After(h.HeldUntil) {
		return h.RetryAt
	}
	return h.HeldUntil
}

// After returns the health after a call. Recovered reports that an outage ended:
// the caller applies DeliveryRetry.Released to every delivery that waits.
func (h EndpointHealth) After(c EndpointCall, now time.Time) (next EndpointHealth, recovered bool) {
	switch c.Result {
	case CallSucceeded:
		return h.succeeded(now)
	case CallThrottled:
		return h.throttled(c, now), false
	case CallGone:
		h.Status, h.LastFailure = EndpointDisabled, now
		return h, false
	default:
		return h.failed(c, now), false
	}
}

// Reset is the health after a new URL or secret, or when a person enables the
// endpoint: its failures are forgotten, and its pace grows from a low one.
func (h EndpointHealth) Reset(now time.Time) EndpointHealth {
	return EndpointHealth{Status: EndpointOK, LastSuccess: h.LastSuccess, LastFailure: h.LastFailure, Pace: recoveryPace, PacedSince: now}
}

// ClockSetBack is the health after the clock was set back by step: what lies after
// now came by the clock of before, and moves with it.
func (h EndpointHealth) ClockSetBack(step time.Duration, now time.Time) EndpointHealth {
	for _, at := range h.times() {
		if at.After(now) {
			*at = at.Add(-step)
		}
	}
	return h
}

func (h *EndpointHealth) times() []*time.Time {
	return []*time.Time{&h.LastSuccess, &h.LastFailure, &h.FailingSince, &h.RetryAt, &h.HeldUntil, &h.PacedSince, &h.MeasuredSince}
}

// unstoredFor is how long the successes of an endpoint may stand nowhere but in the
// memory of the process that calls it.
const unstoredFor = time.Second

// MayWait reports whether the health need not be stored yet: it differs from what is
// stored only in the successes of less than a second, which a crash may lose.
func (h EndpointHealth) MayWait(stored EndpointHealth) bool {
	if h.LastSuccess.Sub(stored.LastSuccess) >= unstoredFor {
		return false
	}
	stored.LastSuccess, stored.Successes, stored.MeasuredSince = h.LastSuccess, h.Successes, h.MeasuredSince
	return h.Same(stored)
}

// Same reports whether both say the same, whatever the time zones of their times.
func (h EndpointHealth) Same(other EndpointHealth) bool {
	for _, at := range slices.Concat(h.times(), other.times()) {
		*at = at.Round(0).UTC()
	}
	return h == other
}

func (h EndpointHealth) succeeded(now time.Time) (next EndpointHealth, recovered bool) {
	if !h.FailingSince.IsZero() {
		recovered = h.Status == EndpointPaused || h.Suspect == "" && now.Sub(h.FailingSince) >= outageAfter
		if recovered && h.Throttles == 0 {
			h = h.slowed(max(recoveryPace, outageSlows*h.rate(h.FailingSince, 0)), now)
		}
		h.FailingSince, h.Suspect, h.Probes, h.RetryAt = time.Time{}, "", 0, time.Time{}
	}
	h = h.measured(now)
	if h.Status == EndpointPaused {
		h.Status = EndpointOK
	}
	h.InFlight = min(max(h.InFlight, 1)+1, cmp.Or(h.AtOnce, CallbacksAtOnce))
	h.LastSuccess, h.Throttles = now, 0
	return h, recovered
}

func (h EndpointHealth) failed(c EndpointCall, now time.Time) EndpointHealth {
	began := now.Add(-c.Took)
	if h.FailingSince.IsZero() || now.Sub(h.LastFailure) > idleResetsFailing+c.Took {
		h.FailingSince, h.Suspect = later(began, h.LastSuccess), c.Event
	}
	if h.Suspect != c.Event {
		h.Suspect = ""
	}
	h.InFlight = max(h.InFlight/2, 1)
	h.LastFailure = now
	failing := now.Sub(h.FailingSince)
	switch {
	case h.Status == EndpointDisabled, h.Status == EndpointPaused && began.Before(h.RetryAt):
		// The call started before the probe was due.
	case h.Status == EndpointPaused && failing >= disableAfterFailing:
		h.Status = EndpointDisabled
	case h.Status == EndpointPaused:
		h.Probes++
		h.RetryAt = now.Add(probeGaps[min(h.Probes, len(probeGaps)-1)])
	case failing >= pauseAfterFailing:
		h.Status, h.Probes, h.RetryAt = EndpointPaused, 0, now.Add(probeGaps[0])
	default:
		h.RetryAt = now.Add(min(failing/8, failingGapMax))
	}
	return h
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
