package domain

import (
	"testing"
	"time"
)

// Rule 41: the gaps between the tries of an event, up to a tenth longer.
func TestWaitsOfAnEvent(t *testing.T) {
	want := []time.Duration{
		time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
		15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 8 * time.Hour,
	}
	r, at := DeliveryRetry{}, now
	for i, gap := range want {
		r, _ = r.AfterFailure(EndpointCall{Event: "evt_1"}, now.Add(-time.Hour), at)
		if got := r.NextAt.Sub(at); got < gap || got > gap+gap/10 {
			t.Errorf("after failure %d the next try is in %s, want %s or a tenth more", i+1, got, gap)
		}
		at = r.NextAt
	}
}

func TestEndpointMayChooseTheWait(t *testing.T) {
	for wish, want := range map[time.Duration]time.Duration{
		17 * time.Second: 17 * time.Second, 100 * time.Hour: 24 * time.Hour,
	} {
		r, _ := DeliveryRetry{}.AfterFailure(EndpointCall{Event: "evt_1", RetryAfter: wish}, time.Time{}, now)
		if got := r.NextAt.Sub(now); got != want {
			t.Errorf("Retry-After %s: tried again in %s, want %s", wish, got, want)
		}
	}
}

// An event is parked an hour after its endpoint began to refuse it alone.
func TestParking(t *testing.T) {
	for _, tt := range []struct {
		name      string
		successes func(at time.Time) time.Time // the endpoint's last success as of then
		from, to  time.Duration                // when it is parked; zero: never
	}{
		{"the endpoint takes others all the time", func(at time.Time) time.Time { return at.Add(-time.Millisecond) }, time.Hour, 62 * time.Minute},
		{"the endpoint takes others each three minutes", func(at time.Time) time.Time { return at.Truncate(3 * time.Minute) }, time.Hour, 80 * time.Minute},
		{"the endpoint takes nothing", func(time.Time) time.Time { return now.Add(-time.Second) }, 0, 0},
		{"the endpoint was down for a day, and took others since", func(at time.Time) time.Time {
			if at.Before(now.Add(24 * time.Hour)) {
				return now.Add(-time.Second)
			}
			return at.Add(-time.Millisecond)
		}, 25 * time.Hour, 25*time.Hour + 2*time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, at, parked := DeliveryRetry{}, now, false
			for !parked && at.Before(now.Add(100*time.Hour)) {
				if r, parked = r.AfterFailure(EndpointCall{Event: "evt_1"}, tt.successes(at), at); !parked {
					next := r.NextAt
					if outage := now.Add(24 * time.Hour); at.Before(outage) && next.After(outage) && tt.successes(outage).After(at) {
						r, next = r.Released(), outage // its end
					}
					at = next
				}
			}
			after := at.Sub(now)
			if parked != (tt.to > 0) || parked && (after < tt.from || after > tt.to) {
				t.Errorf("parked %v after %s, want from %s to %s", parked, after, tt.from, tt.to)
			}
		})
	}
}

func TestReleased(t *testing.T) {
	waiting := DeliveryRetry{Failures: 9, FailedAt: now, NextAt: now.Add(time.Hour)}
	if r := waiting.Released(); r.Failures != 0 || !r.NextAt.IsZero() {
		t.Errorf("after an outage it waits on: %+v", r)
	}
	waiting.Refusals = ParkAfterRefusals
	if r := waiting.Released(); r != waiting {
		t.Errorf("a refused event is due at once: %+v", r)
	}
}
