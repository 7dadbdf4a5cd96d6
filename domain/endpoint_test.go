package domain

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRecordTries(t *testing.T) {
	ok := Endpoint{ID: "crm", EndpointHealth: EndpointHealth{Status: EndpointOK, LastSuccess: now.Add(-2 * time.Minute)}}
	failing, paused := ok, ok
	failing.FailingSince, failing.LastFailure = now.Add(-time.Minute), now.Add(-time.Second)
	paused.Status, paused.FailingSince, paused.LastFailure = EndpointPaused, now.Add(-time.Hour), now.Add(-time.Minute)
	taken, failed, skipped := Try{OK: true}, Try{Error: "HTTP 500"}, Try{Skipped: true}
	throttled, gone := Try{Throttled: true, Error: "HTTP 429"}, Try{Gone: true, Error: "HTTP 410"}

	tests := []struct {
		name      string
		e         Endpoint
		tries     []Try
		status    EndpointStatus
		attempts  int // that failed, of the first delivery
		changed   bool
		recovered bool
	}{
		{"no tries change nothing", failing, nil, EndpointOK, 0, false, false},
		{"skipped tries change nothing", failing, []Try{skipped, skipped}, EndpointOK, 0, false, false},
		{"it is taken", ok, []Try{taken}, EndpointOK, 0, false, false},
		{"twenty failures in a moment pause nothing", ok, []Try{
			failed, failed, failed, failed, failed, failed, failed, failed, failed, failed,
			failed, failed, failed, failed, failed, failed, failed, failed, failed, failed,
		}, EndpointOK, 1, false, false},
		{"a minute of failures pauses", failing, []Try{failed, failed}, EndpointPaused, 1, true, false},
		{"a probe that fails changes no status", paused, []Try{failed}, EndpointPaused, 1, false, false},
		{"a probe that is taken ends the outage", paused, []Try{taken}, EndpointOK, 0, true, true},
		{"as does a success before the pause", failing, []Try{taken}, EndpointOK, 0, false, true},
		{"throttling is no failure", failing, []Try{throttled}, EndpointOK, 0, false, false},
		{"gone disables", ok, []Try{gone, failed}, EndpointDisabled, 1, true, false},
		{"what was under way is taken, and the endpoint stays disabled", ok, []Try{gone, taken}, EndpointDisabled, 1, true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for i := range tt.tries {
				tt.tries[i].Delivery = Delivery{ID: int64(i), Event: EventID(rune('a' + i)), State: DeliveryDue}
			}
			r := RecordTries(tt.e, tt.tries, now)
			if r.Endpoint.Status != tt.status || r.StatusChanged != tt.changed || r.Recovered != tt.recovered {
				t.Errorf("%s, changed %t, recovered %t", r.Endpoint.Status, r.StatusChanged, r.Recovered)
			}
			if len(r.Deliveries) != len(tt.tries) {
				t.Fatalf("%d tries give %d deliveries", len(tt.tries), len(r.Deliveries))
			}
			for i, d := range r.Deliveries {
				if try := tt.tries[i]; (d.State == DeliveryDelivered) != try.OK || d.ID != int64(i) || d.LastError != try.Error {
					t.Errorf("try %d gives delivery %+v", i, d)
				}
			}
			if len(tt.tries) > 0 && r.Deliveries[0].Attempts != tt.attempts {
				t.Errorf("%d attempts, want %d", r.Deliveries[0].Attempts, tt.attempts)
			}
		})
	}
}

// What failed in an outage is due as soon as the outage ends, also what is
// recorded together with its end.
func TestTheEndOfAnOutageReleasesWhatIsRecordedWithIt(t *testing.T) {
	e := Endpoint{EndpointHealth: EndpointHealth{Status: EndpointOK, FailingSince: now.Add(-8 * time.Second), LastFailure: now.Add(-time.Second)}}
	failed := Delivery{ID: 1, Event: "evt_1", State: DeliveryDue, Attempts: 2, DeliveryRetry: DeliveryRetry{Failures: 2, FailedAt: now.Add(-5 * time.Second)}}
	r := RecordTries(e, []Try{{Delivery: failed}, {Delivery: Delivery{ID: 2, Event: "evt_2"}, OK: true}}, now)
	if d := r.Deliveries[0]; !r.Recovered || !d.NextAt.IsZero() || d.Failures != 0 || d.Attempts != 3 {
		t.Errorf("recovered %t, delivery %+v", r.Recovered, d)
	}
}

// An outage parks nothing, however long, and whenever the tries fall.
func TestAnOutageParksNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		end := now.Add(3 * time.Hour)
		e := Endpoint{EndpointHealth: EndpointHealth{Status: EndpointOK, LastSuccess: now.Add(-time.Second)}}
		deliveries := make([]Delivery, rapid.IntRange(1, 40).Draw(t, "events"))
		for i := range deliveries {
			created := now.Add(time.Duration(rapid.IntRange(-30, 240).Draw(t, "minute")) * time.Minute)
			deliveries[i] = Delivery{ID: int64(i), Event: EventID(rune('a' + i)), State: DeliveryDue, DeliveryRetry: DeliveryRetry{NextAt: created}}
		}
		for at := now.Add(-time.Hour); at.Before(end.Add(48 * time.Hour)); at = at.Add(time.Minute) {
			for i, d := range deliveries {
				if d.State != DeliveryDue || d.NextAt.After(at) || e.ReadyAt().After(at) {
					continue
				}
				up := at.Before(now) || !at.Before(end)
				r := RecordTries(e, []Try{{Delivery: d, OK: up}}, at)
				e, deliveries[i] = r.Endpoint, r.Deliveries[0]
			}
		}
		for _, d := range deliveries {
			if d.State != DeliveryDelivered {
				t.Fatalf("event %d is %s after %d failures, %d of them refusals", d.ID, d.State, d.Attempts, d.Refusals)
			}
		}
	})
}
