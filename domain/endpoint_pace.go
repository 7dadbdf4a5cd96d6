package domain

import (
	"math"
	"time"
)

// NextCall says when the next call of an endpoint may start, given the calls in
// flight and the start of the last one. False: only after one of those in flight
// has ended, or a person has enabled the endpoint.
func (h EndpointHealth) NextCall(inFlight int, lastStart, now time.Time) (time.Time, bool) {
	limit := max(h.InFlight, 1)
	if h.Status == EndpointPaused || !h.FailingSince.IsZero() {
		limit = 1
	}
	if h.Status == EndpointDisabled || inFlight >= limit {
		return time.Time{}, false
	}
	at := h.ReadyAt()
	if pace := h.paceAt(now); pace < paceUnlimited && !lastStart.IsZero() {
		at = later(at, lastStart.Add(time.Duration(float64(time.Second)/pace)))
	}
	return later(at, now), true
}

// paceAt is the calls a second that the endpoint gets now. At first it stays near
// the learnt pace, then it grows faster and faster: to twice after 20 seconds, 16
// times after 40, and soon without a limit. So a limit that still stands is rarely
// hit, and one that was lifted is soon forgotten.
func (h EndpointHealth) paceAt(now time.Time) float64 {
	if h.Pace == 0 {
		return paceUnlimited
	}
	t := max(now.Sub(h.PacedSince), 0).Seconds() / paceDoubles.Seconds()
	return min(h.Pace*math.Exp2(t*t), paceUnlimited)
}

func (h EndpointHealth) slowed(pace float64, since time.Time) EndpointHealth {
	h.Pace, h.PacedSince = max(pace, 1/retryAfterMax.Seconds()), since
	return h
}

// learnt is the pace for an endpoint that asked to wait: its successes over the
// time that they took, including the wait. That is the average that a limit lets
// through, whatever its kind: a bucket, a window, a quota.
func (h EndpointHealth) learnt(now time.Time, wait time.Duration) float64 {
	if h.Successes == 0 {
		return min(h.paceAt(now)/2, recoveryPace)
	}
	return h.rate(now, wait)
}

// measured counts a success. The count restarts after a time with nothing to
// send, which says nothing about what the endpoint can take.
func (h EndpointHealth) measured(now time.Time) EndpointHealth {
	idle := later(h.LastSuccess, h.MeasuredSince).Add(time.Second + time.Duration(3*float64(time.Second)/h.paceAt(now)))
	if now.After(idle) {
		h.Successes, h.MeasuredSince = 0, now
	}
	if span := now.Sub(h.MeasuredSince); span > measureFor {
		h.Successes, h.MeasuredSince = h.Successes/2, now.Add(-span/2)
	}
	h.Successes++
	return h
}

// rate is the successes a second, if none follows for wait.
func (h EndpointHealth) rate(now time.Time, wait time.Duration) float64 {
	span := max(now.Sub(h.MeasuredSince)+wait, time.Second)
	return h.Successes / span.Seconds()
}

// throttled makes the endpoint wait as long as it asked, and slows it down
// afterwards. The answer proves that the endpoint works, so it ends a pause.
func (h EndpointHealth) throttled(c EndpointCall, now time.Time) EndpointHealth {
	if h.Status == EndpointDisabled {
		return h
	}
	h.Status = EndpointOK
	h.Probes, h.RetryAt = 0, time.Time{}
	if !h.FailingSince.IsZero() {
		h.FailingSince = now // not zero: the first success still releases what failed before
	}
	wait := min(max(c.RetryAfter, throttleFloor(h.Throttles)), retryAfterMax)
	if now.Before(h.HeldUntil) { // the call started before the wait
		h.HeldUntil = later(h.HeldUntil, now.Add(min(c.RetryAfter, retryAfterMax)))
		return h
	}
	h.HeldUntil = now.Add(wait)
	h.Throttles++
	h.InFlight = max(h.InFlight/2, 1)
	if h.Throttles == 1 { // repeated ones say nothing new about the pace
		h = h.slowed(h.learnt(now, wait), h.HeldUntil)
	} else {
		h = h.slowed(h.Pace, h.HeldUntil)
	}
	h.Successes, h.MeasuredSince = 0, h.HeldUntil
	return h
}

// throttleFloor is the shortest wait after so many throttling answers in a row.
func throttleFloor(inARow int) time.Duration {
	return min(time.Second<<min(inARow, 5), throttleFloorMax)
}
