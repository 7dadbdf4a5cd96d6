package domain

import "time"

// ParkAfterRefusals is how many refusals, over parkAfterRefused, park an event.
const ParkAfterRefusals = 4

const (
	parkAfterRefused = time.Hour
	retryAfterMax    = 24 * time.Hour // the longest wait that an endpoint may ask for
)

// deliveryWaits are the waits after each failed try of an event; the last
// repeats. An event that waits blocks its chat, so the first waits are short; an
// endpoint that is down is spared by its pause.
var deliveryWaits = []time.Duration{
	time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour,
}

// DeliveryRetry is what failed tries say about one event at one endpoint.
type DeliveryRetry struct {
	Failures int       // since the last outage ended
	FailedAt time.Time // zero: it never failed
	NextAt   time.Time // zero: at once

	// A refusal is a failed try with a success of another event since the try
	// before: the endpoint works, so the event itself is the reason. An outage,
	// however long, has no refusals.
	Refusals     int
	RefusedSince time.Time
}

// AfterFailure returns the retry after a failed try, and whether the event is
// parked. LastSuccess is the endpoint's.
func (r DeliveryRetry) AfterFailure(c EndpointCall, lastSuccess, now time.Time) (next DeliveryRetry, parked bool) {
	refused := !r.FailedAt.IsZero() && lastSuccess.After(r.FailedAt)
	if refused && r.Refusals == 0 {
		r.RefusedSince = now
	}
	if refused {
		r.Refusals++
	}
	r.Failures++
	r.FailedAt = now
	wait := jitter(deliveryWaits[min(r.Failures, len(deliveryWaits))-1], r.Failures, string(c.Event))
	if c.RetryAfter > 0 {
		wait = min(c.RetryAfter, retryAfterMax)
	}
	if refused {
		left := parkAfterRefused - now.Sub(r.RefusedSince)
		if left <= 0 && r.Refusals >= ParkAfterRefusals {
			return r, true
		}
		if left > 0 {
			wait = min(wait, left) // the hour ends with a last try
		}
	}
	r.NextAt = now.Add(wait)
	return r, false
}

// Released is the retry when an outage of the endpoint ended: what failed in it
// is due at once and begins with the short waits again. An event that was
// refused often enough waits on.
func (r DeliveryRetry) Released() DeliveryRetry {
	if r.Refusals < ParkAfterRefusals {
		r.Failures, r.NextAt = 0, time.Time{}
	}
	return r
}
