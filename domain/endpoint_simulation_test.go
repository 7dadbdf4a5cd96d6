package domain

import (
	"testing"
	"time"
)

// CRMs of every temper, each played over simulated time: all is told, in order
// within a chat, near the time at which a lane that knows the CRM would tell it,
// and nothing is called while the CRM forbids it.
func TestEveryCRMGetsEverythingInTime(t *testing.T) {
	const second, minute, hour = time.Second, time.Minute, time.Hour
	burst := func(n int) []arrival { return arrivals(n, 0, 0) }
	threeChats := []arrival{{0, 0}, {0, 1}, {8100 * time.Millisecond, 2}}

	for _, tt := range []struct {
		name     string
		crm      crm
		events   []arrival
		late     time.Duration // at most, behind the ideal
		rejected int           // calls at most that do not succeed
		parked   int
	}{
		{"is well", wellCRM(), burst(2000), second, 0, 0},
		{"needs a second a call", slowCRM(second), burst(200), 5 * second, 0, 0},
		{"needs 14 seconds a call", slowCRM(14 * second), burst(64), 50 * second, 0, 0},
		{"B02: takes 10 a second, else 429", limitedCRM(10, second), burst(200), 2 * second, 15, 0},
		{"B02: takes 2 a second, else 503 with Retry-After", limitedCRM(2, second), burst(60), 5 * second, 15, 0},
		{"takes 10 a second, and says 429 without Retry-After", limitedCRM(10, 0), burst(200), 2 * second, 15, 0},
		{"takes 10 a second, and gets nearly as many for an hour", limitedCRM(10, second), arrivals(35000, 0, hour), 10 * second, 50, 0},
		{"takes 10 a second, and half a day waits", limitedCRM(10, second), burst(6000), 20 * second, 80, 0},
		{"takes 100 a minute", quotaCRM(100, minute), burst(500), 15 * second, 25, 0},
		{"takes 5000 an hour", quotaCRM(5000, hour), burst(12000), 15 * second, 40, 0},
		{"takes 4 calls at once", narrowCRM(4, 100*time.Millisecond), burst(1000), 40 * second, 15, 0},
		{"takes 2 a second for a minute, then all", within(0, minute, limitedCRM(2, second), wellCRM()), burst(5000), minute, 15, 0},
		{"says 503 with Retry-After for ten minutes", within(0, 10*minute, throttlingCRM(10*second), wellCRM()), burst(100), 40 * second, 40, 0},
		{"says 503 with an hour of maintenance", within(0, hour, throttlingCRM(hour), wellCRM()), burst(100), 10 * second, 5, 0},
		{"B01: says 502 for two seconds", within(0, 2*second, downCRM(), wellCRM()), arrivals(40, 0, second), 5 * second, 40, 0},
		{"B01: says 502 for two seconds amid much traffic", within(10*second, 12*second, downCRM(), wellCRM()), arrivals(4000, 0, 20*second), 10 * second, 50, 0},
		{"B08: says 502 for eight seconds, then takes a third chat", within(0, 8*second, downCRM(), wellCRM()), threeChats, second, 15, 0},
		{"is redeployed in 40 seconds", within(second, 41*second, downCRM(), wellCRM()), arrivals(1000, 0, minute), 25 * second, 100, 0},
		{"is redeployed each five minutes", flapping(5*minute, 20*second), arrivals(3000, 0, hour), 5 * second, 500, 0},
		{"is down for ten minutes", within(0, 10*minute, downCRM(), wellCRM()), arrivals(1000, 0, 10*minute), 6 * minute, 120, 0},
		{"is down for a day", within(hour, 25*hour, downCRM(), wellCRM()), arrivals(20000, 0, 26*hour), 6 * minute, 500, 0},
		{"is down for a day, and falls over at 50 a second", within(hour, 25*hour, downCRM(), weakCRM(50)), arrivals(20000, 0, 26*hour), 12 * minute, 2000, 0},
		{"is down for a day, and takes 10 a second", within(0, 24*hour, downCRM(), limitedCRM(10, second)), arrivals(3000, 0, 24*hour), 6 * minute, 500, 0},
		{"is down for two days", within(0, 48*hour, downCRM(), wellCRM()), arrivals(2000, 0, 48*hour), 6 * minute, 900, 0},
		{"hangs for two minutes", within(0, 2*minute, hangingCRM(), wellCRM()), burst(100), 40 * second, 20, 0},
		{"hangs for a day", within(0, 24*hour, hangingCRM(), wellCRM()), arrivals(2000, 0, 24*hour), 6 * minute, 500, 0},
		{"is up and down by half minutes", flapping(minute, 30*second), arrivals(3000, 0, hour), 3 * second, 3000, 0},
		{"is up for two seconds of each minute", flapping(minute, 58*second), arrivals(200, 10*second, 10*minute), 5 * second, 1000, 0},
		{"fails one call of three", unreliableCRM(0.33), arrivals(3000, 0, hour), 15 * second, 2000, 0},
		{"refuses one event", refusingCRM(0), arrivals(500, 0, 3*hour), 3 * second, 20, 1},
		{"refuses three events of a quiet company", refusingCRM(0, 1, 2), arrivals(50, 0, 6*hour), 6 * minute, 200, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &simulatedLane{crm: tt.crm, events: tt.events}
			l.run(100 * hour)
			l.checkOrder(t)
			if len(l.delivered)+tt.parked != len(tt.events) || l.parked != tt.parked {
				t.Fatalf("%d of %d delivered, %d parked; the endpoint is %+v", len(l.delivered), len(tt.events), l.parked, l.health)
			}
			late := l.lateness()
			t.Logf("%s late, %d calls rejected", late.Round(10*time.Millisecond), l.rejected)
			if late > tt.late || l.rejected > tt.rejected || l.tooEarly > 0 {
				t.Errorf("%s late, %d calls rejected, %d while forbidden; want at most %s, %d, none", late, l.rejected, l.tooEarly, tt.late, tt.rejected)
			}
		})
	}
}
