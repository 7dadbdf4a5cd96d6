package domain

import (
	"testing"
	"time"
)

func TestEndpointRun(t *testing.T) {
	ok := Endpoint{ID: "crm", Status: EndpointOK}
	failures := func(n int) Endpoint { e := ok; e.Failures = n; return e }
	paused := Endpoint{ID: "crm", Status: EndpointPaused, Failures: 20, PausedSince: now.Add(-time.Hour), ProbeAt: now}
	disabled := Endpoint{ID: "crm", Status: EndpointDisabled}

	type step = func(*EndpointRun)
	probe := func(r *EndpointRun) { r.StartProbe() }
	succeeds := func(r *EndpointRun) { r.Tried(Try{OK: true}, now) }
	fails := func(r *EndpointRun) { r.Tried(Try{}, now) }
	gone := func(r *EndpointRun) { r.Tried(Try{Gone: true}, now) }
	skipped := func(r *EndpointRun) { r.Tried(Try{Skipped: true}, now) }
	busy := func(after Endpoint) step { return func(r *EndpointRun) { r.Recorded(after, false) } }
	idle := func(after Endpoint) step { return func(r *EndpointRun) { r.Recorded(after, true) } }

	tests := []struct {
		name    string
		start   Endpoint
		steps   []step
		width   int
		probe   bool // the next delivery is the probe
		failing bool
	}{
		{"a healthy endpoint gets every slot", ok, nil, 16, false, false},
		{"and keeps them while calls succeed", ok, []step{succeeds, idle(ok)}, 16, false, false},
		{"a single failure changes nothing", ok, []step{fails, idle(failures(1))}, 16, false, false},
		{"a skipped delivery is no failure", failures(19), []step{skipped}, 16, false, false},
		{"the twentieth failure stops new calls before its record", failures(19), []step{fails}, 16, false, true},
		{"a success in between counts anew", failures(19), []step{succeeds, fails}, 16, false, false},
		{"calls that succeed after the twentieth failure do not resume the run", failures(19), []step{fails, succeeds}, 16, false, true},
		{"a 410 stops new calls before its record", ok, []step{gone}, 16, false, true},
		{"a record while calls are in flight keeps the prediction", failures(19), []step{fails, busy(failures(19))}, 16, false, true},
		{"the record of all tries replaces the prediction", failures(19), []step{fails, idle(failures(3))}, 16, false, false},
		{"an endpoint that is paused during the run is not probed by it", ok, []step{fails, idle(paused)}, 0, false, false},
		{"an endpoint that is disabled during the run is left alone", ok, []step{gone, idle(disabled)}, 0, false, false},
		{"a disabled endpoint is not called", disabled, nil, 0, false, false},
		{"a paused endpoint is probed", paused, nil, 1, true, false},
		{"and only once", paused, []step{probe}, 0, false, false},
		{"a probe that fails ends the run", paused, []step{probe, fails, idle(paused)}, 0, false, false},
		{"a probe that succeeds starts the ramp-up", paused, []step{probe, succeeds, idle(ok)}, 2, false, false},
		{"which doubles with every record", paused, []step{probe, succeeds, idle(ok), idle(ok), idle(ok)}, 8, false, false},
		{"up to every slot", paused, []step{probe, succeeds, idle(ok), idle(ok), idle(ok), idle(ok), idle(ok)}, 16, false, false},
		{"but not while calls fail", paused, []step{probe, succeeds, idle(ok), fails, idle(failures(1))}, 2, false, false},
		{"a 410 during the ramp-up stops it", paused, []step{probe, succeeds, idle(ok), gone}, 2, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := StartEndpointRun(tt.start, 16)
			for _, step := range tt.steps {
				step(&r)
			}
			if r.Width() != tt.width || r.Failing() != tt.failing {
				t.Errorf("width %d, failing %v; want %d, %v", r.Width(), r.Failing(), tt.width, tt.failing)
			}
			if probe := r.StartProbe(); probe != tt.probe {
				t.Errorf("probe %v, want %v", probe, tt.probe)
			}
		})
	}
}
