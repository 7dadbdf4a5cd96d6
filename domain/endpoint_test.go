package domain

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAfterTry(t *testing.T) {
	ok := Endpoint{ID: "crm", Status: EndpointOK, LastSuccess: now.Add(-time.Hour)}
	failing := func(n int) Endpoint { e := ok; e.Failures = n; return e }
	pausedFor := func(d time.Duration) Endpoint {
		e := failing(20)
		e.Status, e.PausedSince, e.ProbeAt = EndpointPaused, now.Add(-d), now
		return e
	}
	disabled := pausedFor(disableAfter)
	disabled.Status = EndpointDisabled
	fresh := Delivery{ID: 1, Event: "evt_1", State: DeliveryDue}
	refused := func(already time.Duration) Delivery { // it failed half an hour before the last success
		d := fresh
		d.Attempts, d.FailedAt, d.RefusedFor = 3, ok.LastSuccess.Add(-time.Minute), already
		return d
	}

	tests := []struct {
		name     string
		e        Endpoint
		try      Try
		status   EndpointStatus
		failures int
		state    DeliveryState
	}{
		{"it is taken", failing(3), Try{Delivery: fresh, OK: true}, EndpointOK, 0, DeliveryDelivered},
		{"it is skipped", failing(3), Try{Delivery: fresh, Skipped: true}, EndpointOK, 3, DeliveryDue},
		{"it fails", failing(3), Try{Delivery: fresh}, EndpointOK, 4, DeliveryDue},
		{"the nineteenth failure in a row", failing(18), Try{Delivery: fresh}, EndpointOK, 19, DeliveryDue},
		{"the twentieth pauses", failing(19), Try{Delivery: fresh}, EndpointPaused, 20, DeliveryDue},
		{"a probe fails", pausedFor(time.Hour), Try{Delivery: fresh}, EndpointPaused, 21, DeliveryDue},
		{"a probe is taken", pausedFor(time.Hour), Try{Delivery: fresh, OK: true}, EndpointOK, 0, DeliveryDelivered},
		{"a probe fails just before the third day ends", pausedFor(72*time.Hour - 1), Try{Delivery: fresh}, EndpointPaused, 21, DeliveryDue},
		{"a probe fails after three days", pausedFor(72 * time.Hour), Try{Delivery: fresh}, EndpointDisabled, 21, DeliveryDue},
		{"gone disables at once", ok, Try{Delivery: fresh, Gone: true}, EndpointDisabled, 1, DeliveryDue},
		{"what was under way when it was disabled fails", disabled, Try{Delivery: fresh}, EndpointDisabled, 21, DeliveryDue},
		{"what was under way when it was disabled is taken, and it stays disabled", disabled, Try{Delivery: fresh, OK: true}, EndpointDisabled, 0, DeliveryDelivered},
		{"refused alone for less than an hour", ok, Try{Delivery: refused(-2 * time.Minute)}, EndpointOK, 1, DeliveryDue},
		{"refused alone for an hour", ok, Try{Delivery: refused(0)}, EndpointOK, 1, DeliveryParked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, d := AfterTry(tt.e, tt.try, now)
			if e.Status != tt.status || e.Failures != tt.failures || d.State != tt.state {
				t.Errorf("%s after %d failures, the event %s; want %s after %d, %s", e.Status, e.Failures, d.State, tt.status, tt.failures, tt.state)
			}
			if probed := e.ProbeAt.Equal(now.Add(5 * time.Minute)); probed != (e.Status == EndpointPaused) {
				t.Errorf("%s with the next probe at %s", e.Status, e.ProbeAt)
			}
			if (e.Status == EndpointOK) != e.PausedSince.IsZero() && e.Status != EndpointDisabled {
				t.Errorf("%s and paused since %s", e.Status, e.PausedSince)
			}
		})
	}
}

// Rule 41: the schedule's entries are the gaps between tries, up to a tenth longer.
func TestGapsBetweenTries(t *testing.T) {
	want := []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
		10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour, 24 * time.Hour,
	}
	e, d, at := Endpoint{Status: EndpointOK}, Delivery{Event: "evt_1", State: DeliveryDue}, now
	for i, gap := range want {
		e, d = AfterTry(e, Try{Delivery: d}, at)
		if got := d.NextAt.Sub(at); got < gap || got > gap+gap/10 {
			t.Errorf("after failure %d the next try is in %s, want %s or a tenth more", i+1, got, gap)
		}
		at = d.NextAt
	}
}

func TestRetryAfterIsHonoured(t *testing.T) {
	tests := []struct {
		name  string
		asked time.Duration
		want  time.Duration
	}{
		{"longer than the schedule", 3 * time.Hour, 3 * time.Hour},
		{"shorter than the schedule", time.Second, time.Second},
		{"longer than a day", 1000 * time.Hour, 24 * time.Hour},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, d := AfterTry(Endpoint{Status: EndpointOK}, Try{RetryAfter: tt.asked}, now)
			if got := d.NextAt.Sub(now); got != tt.want {
				t.Errorf("the next try is in %s, want %s", got, tt.want)
			}
		})
	}
}

// An outage parks nothing, however long, and whenever the tries fall.
func TestAnOutageParksNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := now.Add(3 * time.Hour)
		e := Endpoint{Status: EndpointOK, LastSuccess: now.Add(-time.Second)}
		deliveries := make([]Delivery, rapid.IntRange(1, 40).Draw(t, "events"))
		for i := range deliveries {
			created := now.Add(time.Duration(rapid.IntRange(-30, 240).Draw(t, "minute")) * time.Minute)
			deliveries[i] = Delivery{ID: int64(i), Event: EventID(rune('a' + i)), State: DeliveryDue, NextAt: created}
		}
		for at := now.Add(-time.Hour); at.Before(end.Add(48 * time.Hour)); at = at.Add(time.Minute) {
			for i, d := range deliveries {
				if d.State != DeliveryDue || d.NextAt.After(at) || e.Status == EndpointPaused && e.ProbeAt.After(at) {
					continue
				}
				up := at.Before(now) || !at.Before(end)
				e, deliveries[i] = AfterTry(e, Try{Delivery: d, OK: up}, at)
			}
		}
		for _, d := range deliveries {
			if d.State != DeliveryDelivered {
				t.Fatalf("event %d is %s after %d failures, refused alone for %s", d.ID, d.State, d.Attempts, d.RefusedFor)
			}
		}
	})
}

// While others are taken, an event is tried for an hour and then parked, and
// the endpoint is not paused for it.
func TestAnEventRefusedAloneIsParked(t *testing.T) {
	e, d := Endpoint{Status: EndpointOK}, Delivery{Event: "evt_1", State: DeliveryDue, NextAt: now}
	for at := now; d.State == DeliveryDue; at = at.Add(time.Second) {
		if !d.NextAt.After(at) {
			e, d = AfterTry(e, Try{Delivery: d}, at)
		} else {
			e, _ = AfterTry(e, Try{OK: true}, at)
		}
		if at.After(now.Add(2 * time.Hour)) {
			t.Fatalf("still %s after %d failures, refused alone for %s", d.State, d.Attempts, d.RefusedFor)
		}
	}
	if took := d.FailedAt.Sub(now); took < time.Hour || took > time.Hour+time.Minute || d.Attempts < 5 {
		t.Errorf("parked after %s and %d tries, want an hour and five", took, d.Attempts)
	}
	if e.Status != EndpointOK {
		t.Errorf("the endpoint is %s", e.Status)
	}
}

// From the first failure to the notice: paused after 20, a probe each five
// minutes, disabled after three days.
func TestAnEndpointThatNeverComesBack(t *testing.T) {
	e, at, probes := Endpoint{Status: EndpointOK}, now, 0
	for e.Status != EndpointDisabled {
		paused := e.Status == EndpointPaused
		e, _ = AfterTry(e, Try{Delivery: Delivery{Event: "evt_1"}}, at)
		if paused {
			probes++
			at = e.ProbeAt
		} else if e.Status == EndpointPaused {
			if e.Failures != 20 {
				t.Fatalf("paused after %d failures", e.Failures)
			}
			at = e.ProbeAt
		}
	}
	if want := int(72 * time.Hour / (5 * time.Minute)); probes != want {
		t.Errorf("disabled after %d probes, want %d", probes, want)
	}
}

func TestRecordTries(t *testing.T) {
	ok := Endpoint{ID: "crm", Status: EndpointOK}
	failing := func(n int) Endpoint { e := ok; e.Failures = n; return e }
	paused := failing(pauseAfter)
	paused.Status, paused.PausedSince = EndpointPaused, now.Add(-time.Hour)
	taken, failed, skipped, gone := Try{OK: true}, Try{}, Try{Skipped: true}, Try{Gone: true}

	tests := []struct {
		name     string
		e        Endpoint
		tries    []Try
		status   EndpointStatus
		failures int
		changed  bool
		resumed  bool
	}{
		{"no tries change nothing", failing(3), nil, EndpointOK, 3, false, false},
		{"skipped tries change nothing", failing(3), []Try{skipped, skipped}, EndpointOK, 3, false, false},
		{"failures add up", failing(3), []Try{failed, failed}, EndpointOK, 5, false, false},
		{"a success begins the count anew", failing(3), []Try{failed, taken, failed}, EndpointOK, 1, false, false},
		{"the twentieth failure pauses, wherever it stands", failing(18), []Try{failed, failed, failed}, EndpointPaused, 21, true, false},
		{"a probe that fails changes no status", paused, []Try{failed}, EndpointPaused, 21, false, false},
		{"a probe that is taken resumes", paused, []Try{taken}, EndpointOK, 0, true, true},
		{"paused and resumed by tries of one record: nothing to tell", failing(19), []Try{failed, taken}, EndpointOK, 0, false, false},
		{"gone disables", ok, []Try{gone, failed}, EndpointDisabled, 2, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i := range tt.tries {
				tt.tries[i].Delivery = Delivery{ID: int64(i), State: DeliveryDue}
			}
			r := RecordTries(tt.e, tt.tries, now)
			if e := r.Endpoint; e.Status != tt.status || e.Failures != tt.failures || r.StatusChanged != tt.changed || r.Resumed != tt.resumed {
				t.Errorf("%s after %d failures, changed %t, resumed %t; want %s after %d, %t, %t",
					e.Status, e.Failures, r.StatusChanged, r.Resumed, tt.status, tt.failures, tt.changed, tt.resumed)
			}
			for i, d := range r.Deliveries {
				if (d.State == DeliveryDelivered) != tt.tries[i].OK || d.ID != int64(i) || len(r.Deliveries) != len(tt.tries) {
					t.Errorf("try %d gives delivery %d of %d, %s", i, d.ID, len(r.Deliveries), d.State)
				}
			}
		})
	}
}
