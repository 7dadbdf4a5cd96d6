package domain

import "time"

// An EndpointRun decides how many calls of one endpoint may be in flight while a
// worker delivers to it. A healthy endpoint gets every slot. A paused one gets a
// single probe; once that succeeds, the width doubles with every record without
// a failure, so that an endpoint that comes back is not flooded.
//
// A call ends some time before its try is recorded. Until then the run predicts
// the record with AfterTry, so that no new call is made of an endpoint that is
// about to be paused.
type EndpointRun struct {
	slots    int            // most calls in flight
	width    int            // calls in flight that the ramp-up allows so far
	probed   bool           // this run sends no further probe
	recorded EndpointStatus // as last recorded
	expected Endpoint       // as it will be once every try so far is recorded
	failing  bool           // a try that is not recorded yet pauses or disables the endpoint
}

// StartEndpointRun returns the run of an endpoint with up to slots calls in flight.
func StartEndpointRun(e Endpoint, slots int) EndpointRun {
	r := EndpointRun{slots: slots, width: slots, recorded: e.Status, expected: e}
	if e.Status == EndpointOK {
		r.probed = true // an endpoint that is paused during the run is probed by a later one
	} else {
		r.width = 1
	}
	return r
}

// Width returns how many calls may be in flight. Zero: the run starts no more.
func (r *EndpointRun) Width() int {
	if r.recorded == EndpointDisabled || r.recorded == EndpointPaused && r.probed {
		return 0
	}
	return r.width
}

// StartProbe reports whether only one delivery may be sent, as the probe of a
// paused endpoint. The run has one probe, and StartProbe uses it up.
func (r *EndpointRun) StartProbe() bool {
	if r.recorded != EndpointPaused || r.probed {
		return false
	}
	r.probed = true
	return true
}

// Tried takes note of a call that ended and is not recorded yet.
func (r *EndpointRun) Tried(t Try, now time.Time) {
	before := r.expected.Status
	r.expected, _ = AfterTry(r.expected, t, now)
	if before == EndpointOK && r.expected.Status != EndpointOK {
		r.failing = true
	}
}

// Failing reports whether deliveries that are not called yet should be skipped,
// because the next record will pause or disable the endpoint.
func (r *EndpointRun) Failing() bool { return r.failing }

// Recorded takes over the endpoint as a record returned it. If the run is idle,
// with no try left to record, the record also replaces the prediction.
func (r *EndpointRun) Recorded(after Endpoint, idle bool) {
	if after.Status == EndpointOK && after.Failures == 0 {
		r.width = min(2*r.width, r.slots)
	}
	r.recorded = after.Status
	if idle {
		r.expected, r.failing = after, false
	}
}
