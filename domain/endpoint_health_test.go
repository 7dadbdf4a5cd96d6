package domain

import (
	"testing"
	"time"
)

func TestEndpointHealthAfterACall(t *testing.T) {
	const second, minute, hour = time.Second, time.Minute, time.Hour
	well := EndpointHealth{Status: EndpointOK, LastSuccess: now.Add(-hour), InFlight: 16}
	failing := func(d time.Duration) EndpointHealth {
		h := well
		h.FailingSince, h.LastFailure, h.Suspect = now.Add(-d), now, ""
		return h
	}
	paused := func(probes int) EndpointHealth {
		h := failing(hour)
		h.Status, h.Probes, h.RetryAt = EndpointPaused, probes, now
		return h
	}
	pausedFor := func(d time.Duration) EndpointHealth {
		h := paused(9)
		h.FailingSince = now.Add(-d)
		return h
	}
	disabled := pausedFor(disableAfterFailing)
	disabled.Status = EndpointDisabled
	held := well
	held.HeldUntil, held.Throttles = now.Add(5*second), 1
	failed, taken, gone := EndpointCall{Result: CallFailed}, EndpointCall{Result: CallSucceeded}, EndpointCall{Result: CallGone}
	slower := func(wish time.Duration) EndpointCall { return EndpointCall{Result: CallThrottled, RetryAfter: wish} }

	for _, tt := range []struct {
		name      string
		health    EndpointHealth
		call      EndpointCall
		status    EndpointStatus
		readyIn   time.Duration
		recovered bool
	}{
		{"a failure changes nothing for other events", well, failed, EndpointOK, 0, false},
		{"failing for 8 seconds", failing(8 * second), failed, EndpointOK, second, false},
		{"failing for a minute less a moment", failing(minute - 1), failed, EndpointOK, second, false},
		{"failing for a minute", failing(minute), failed, EndpointPaused, 5 * second, false},
		{"the first probe fails", paused(0), failed, EndpointPaused, 15 * second, false},
		{"the second probe fails", paused(1), failed, EndpointPaused, 30 * second, false},
		{"the third probe fails", paused(2), failed, EndpointPaused, minute, false},
		{"the fourth probe fails", paused(3), failed, EndpointPaused, 2 * minute, false},
		{"the fifth probe fails", paused(4), failed, EndpointPaused, 5 * minute, false},
		{"the hundredth probe fails", paused(99), failed, EndpointPaused, 5 * minute, false},
		{"a call that began before the pause fails", paused(2), EndpointCall{Result: CallFailed, Took: 15 * second}, EndpointPaused, 0, false},
		{"a probe is taken", paused(2), taken, EndpointOK, 0, true},
		{"a probe is told to go slower", paused(2), slower(7 * second), EndpointOK, 7 * second, false},
		{"a probe fails just before three days", pausedFor(72*hour - 1), failed, EndpointPaused, 5 * minute, false},
		{"a probe fails after three days", pausedFor(72 * hour), failed, EndpointDisabled, 0, false},
		{"it is gone", well, gone, EndpointDisabled, 0, false},
		{"a call under way fails after it was disabled", disabled, failed, EndpointDisabled, 0, false},
		{"a call under way is taken after it was disabled", disabled, taken, EndpointDisabled, 0, true},
		{"it is taken after a blip", failing(second - 1), taken, EndpointOK, 0, false},
		{"it is taken after two seconds", failing(2 * second), taken, EndpointOK, 0, true},
		{"429 with Retry-After", well, slower(7 * second), EndpointOK, 7 * second, false},
		{"429 without", well, slower(0), EndpointOK, second, false},
		{"Retry-After of a week", well, slower(7 * 24 * hour), EndpointOK, 24 * hour, false},
		{"429 to a call that was under way", held, slower(9 * second), EndpointOK, 9 * second, false},
		{"a success of a call that was under way when it throttled", held, taken, EndpointOK, 5 * second, false},
		{"429 after a minute of failing", failing(hour), slower(second), EndpointOK, second, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.call.Event = "evt_1"
			h, recovered := tt.health.After(tt.call, now)
			readyIn := max(h.ReadyAt().Sub(now), 0)
			if h.Status != tt.status || readyIn != tt.readyIn || recovered != tt.recovered {
				t.Errorf("%s, ready in %s, recovered %v; want %s, %s, %v", h.Status, readyIn, recovered, tt.status, tt.readyIn, tt.recovered)
			}
		})
	}
}

// A count of failures never pauses an endpoint, however many there are.
func TestFailuresWithinAMinuteDoNotPause(t *testing.T) {
	h := EndpointHealth{Status: EndpointOK}
	for i := range 10_000 {
		h, _ = h.After(EndpointCall{Event: "evt_1"}, now.Add(time.Duration(i)*time.Millisecond))
	}
	if h.Status != EndpointOK {
		t.Errorf("%s after 10,000 failures in ten seconds", h.Status)
	}
}

// A failure long ago and one today are not a time in which every call failed.
func TestIdleTimeIsNoFailure(t *testing.T) {
	h, _ := EndpointHealth{Status: EndpointOK}.After(EndpointCall{Event: "evt_1"}, now)
	h, _ = h.After(EndpointCall{Event: "evt_2"}, now.Add(100*time.Hour))
	if h.Status != EndpointOK {
		t.Errorf("%s after a failure, a silence and a failure", h.Status)
	}
}

func TestResetEndpointStartsAfresh(t *testing.T) {
	h := EndpointHealth{Status: EndpointDisabled, FailingSince: now, RetryAt: now.Add(time.Hour), HeldUntil: now.Add(time.Hour)}.Reset(now)
	if h.Status == EndpointDisabled || !h.FailingSince.IsZero() || !h.ReadyAt().IsZero() {
		t.Errorf("%+v", h)
	}
}

func TestNextCall(t *testing.T) {
	const second = time.Second
	well := EndpointHealth{Status: EndpointOK, InFlight: 4}
	failing, paused, disabled, held, paced := well, well, well, well, well
	failing.FailingSince, failing.RetryAt = now.Add(-2*second), now.Add(second/4)
	paused.Status, paused.RetryAt = EndpointPaused, now.Add(5*second)
	disabled.Status = EndpointDisabled
	held.HeldUntil = now.Add(3 * second)
	paced.Pace, paced.PacedSince = 2, now

	for _, tt := range []struct {
		name     string
		health   EndpointHealth
		inFlight int
		in       time.Duration
		ok       bool
	}{
		{"a new endpoint", EndpointHealth{}, 0, 0, true},
		{"a new endpoint with a call in flight", EndpointHealth{}, 1, 0, false},
		{"there is room", well, 3, 0, true},
		{"there is no room", well, 4, 0, false},
		{"failing", failing, 0, second / 4, true},
		{"failing, one in flight", failing, 1, 0, false},
		{"paused", paused, 0, 5 * second, true},
		{"disabled", disabled, 0, 0, false},
		{"held", held, 2, 3 * second, true},
		{"two a second", paced, 1, second / 2, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, ok := tt.health.NextCall(tt.inFlight, now, now)
			if ok != tt.ok || ok && at.Sub(now) != tt.in {
				t.Errorf("in %s, %v; want %s, %v", at.Sub(now), ok, tt.in, tt.ok)
			}
		})
	}
}

// What an endpoint let through, its waits included, is its pace.
func TestPaceIsLearnt(t *testing.T) {
	h := EndpointHealth{Status: EndpointOK}
	for i := range 100 {
		h, _ = h.After(EndpointCall{Result: CallSucceeded}, now.Add(time.Duration(i)*50*time.Millisecond))
	}
	h, _ = h.After(EndpointCall{Result: CallThrottled, RetryAfter: 55 * time.Second}, now.Add(5*time.Second))
	resumed := now.Add(time.Minute)
	for _, tt := range []struct {
		after time.Duration
		pace  float64
	}{{0, 100. / 60}, {20 * time.Second, 2 * 100. / 60}, {40 * time.Second, 16 * 100. / 60}, {2 * time.Minute, paceUnlimited}} {
		if pace := h.paceAt(resumed.Add(tt.after)); pace < tt.pace*0.99 || pace > tt.pace*1.01 {
			t.Errorf("%.2f a second after %s, want %.2f", pace, tt.after, tt.pace)
		}
	}
}

func TestWhatLiesAheadOfAClockThatWasSetBackMovesWithIt(t *testing.T) {
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	h := EndpointHealth{Status: EndpointPaused, LastSuccess: now.Add(-time.Hour), FailingSince: now.Add(time.Hour), RetryAt: now.Add(2 * time.Hour)}
	want := h
	want.FailingSince, want.RetryAt = now.Add(-time.Hour), now
	if got := h.ClockSetBack(2*time.Hour, now); got != want {
		t.Errorf("the health is %+v, want %+v", got, want)
	}
}

// Only the successes of a second may be lost by a crash.
func TestHealthIsStoredUnlessItSaysLittleNew(t *testing.T) {
	mexico := time.FixedZone("", -6*3600)
	works := EndpointHealth{Status: EndpointOK, LastSuccess: now, InFlight: CallbacksAtOnce, Successes: 40, MeasuredSince: now.Add(-time.Minute)}
	learns := works
	learns.InFlight = 3
	fails := works
	fails.FailingSince, fails.LastFailure = now, now
	for _, tt := range []struct {
		name   string
		stored EndpointHealth
		call   CallResult
		after  time.Duration
		waits  bool
	}{
		{"it works on", works, CallSucceeded, 999 * time.Millisecond, true},
		{"and was stored a second ago", works, CallSucceeded, time.Second, false},
		{"it takes more at once than before", learns, CallSucceeded, time.Millisecond, false},
		{"it fails", works, CallFailed, time.Millisecond, false},
		{"it works again", fails, CallSucceeded, time.Millisecond, false},
		{"it throttles", works, CallThrottled, time.Millisecond, false},
		{"it is gone", works, CallGone, time.Millisecond, false},
	} {
		h, _ := tt.stored.After(EndpointCall{Result: tt.call}, now.Add(tt.after))
		tt.stored.LastSuccess = tt.stored.LastSuccess.In(mexico)
		if got := h.MayWait(tt.stored); got != tt.waits {
			t.Errorf("%s: its health may wait: %t", tt.name, got)
		}
	}
}
