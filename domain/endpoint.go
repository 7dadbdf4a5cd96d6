package domain

import "time"

// An Endpoint is a CRM's address for events.
type Endpoint struct {
	ID      EndpointID
	Company CompanyID
	Origin  EndpointOrigin
	URL     string
	Events  []string // types of events, or "*"
	Batch   bool     // one call carries several events

	Secret        Secret    // whsec_…, by Standard Webhooks
	Previous      Secret    // the secret before; it signs too, so that secrets rotate with an overlap
	PreviousUntil time.Time // Previous signs no longer; zero: it signs as long as it is set

	AttemptsLogged int64 // ever; see Attempt

	EndpointHealth
}

// An EndpointStatus says whether events go to an endpoint.
type EndpointStatus string

// The statuses of an endpoint.
const (
	EndpointOK       EndpointStatus = "ok"
	EndpointPaused   EndpointStatus = "paused"   // it fails; one event at a time probes it
	EndpointDisabled EndpointStatus = "disabled" // it said 410, or failed for days; a person must enable it
)

// EndpointStatuses lists every EndpointStatus.
var EndpointStatuses = []EndpointStatus{EndpointOK, EndpointPaused, EndpointDisabled}

// An EndpointOrigin says where an endpoint is declared, and thus changed.
type EndpointOrigin string

// The origins of an endpoint.
const (
	EndpointOfFile EndpointOrigin = "file" // of `apply`
	EndpointOfAPI  EndpointOrigin = "api"
)

// EndpointOrigins lists every EndpointOrigin.
var EndpointOrigins = []EndpointOrigin{EndpointOfFile, EndpointOfAPI}

// Changeable returns nil if the endpoint may be changed by a call. What a file
// declares is changed in the file: the next `apply` would undo anything else.
func (e Endpoint) Changeable() error {
	if e.Origin == EndpointOfFile {
		return ErrDeclaredInFile
	}
	return nil
}

// An EndpointState is an endpoint, without its secrets, and what waits for it.
type EndpointState struct {
	Endpoint
	Waiting   int64     // events; beyond 100,000 they are not counted
	Oldest    time.Time // when the first of them was made; zero: none waits
	LastError string    // why the last try of one that waits failed; empty: none failed
}

// A Delivery is an event on its way to one endpoint.
type Delivery struct {
	ID       int64
	Replay   ReplayID // that sends the event once more; set in the log only
	Endpoint EndpointID
	Event    EventID
	Chat     ChatID // deliveries of one chat go one at a time, in the order of ID
	Type     EventType
	Body     []byte
	Created  time.Time

	State     DeliveryState
	Attempts  int    // that failed
	LastError string // what came of the last try; no secret
	Status    int    // of HTTP, of the last try; zero: no answer came
	Took      time.Duration
	DoneAt    time.Time // when it was delivered, parked, expired or given up; set in the log only
	DeliveryRetry

	// MoreInChat is set by DueDeliveries if it may have left out later deliveries of the chat.
	MoreInChat bool
}

// A DeliveryState tells what became of a delivery.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryDue       DeliveryState = "due"
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryParked    DeliveryState = "parked" // no more tries by itself; listed, retried by hand
	DeliveryExpired   DeliveryState = "expired"
	DeliveryReplaying DeliveryState = "replaying" // a replay that runs will send it
	DeliveryGivenUp   DeliveryState = "given_up"  // by its replay, which went on without it or was stopped; retried by hand
)

// DeliveryStates lists every DeliveryState.
var DeliveryStates = []DeliveryState{DeliveryDue, DeliveryDelivered, DeliveryParked, DeliveryExpired, DeliveryReplaying, DeliveryGivenUp}

// A Try is what came of one delivery of an event.
type Try struct {
	Delivery   Delivery
	Batch      string // the id of the batch that carried it; empty: it went alone
	Skipped    bool   // not tried: one before it in its chat failed, or the program stops
	OK         bool
	Throttled  bool          // 429, or 503 with Retry-After: the endpoint works and wants a slower pace
	Gone       bool          // 410: the endpoint wants no more
	TooLarge   bool          // 413
	RetryAfter time.Duration // the endpoint's own wish; zero: none
	Error      string
	Status     int    // of HTTP; zero: no answer came
	Answer     string // the beginning of an answer that is no success, safe to print
	Took       time.Duration
}

// Call is the try as far as the health of the endpoint is concerned.
func (t Try) Call() EndpointCall {
	c := EndpointCall{Event: t.Delivery.Event, RetryAfter: t.RetryAfter, Took: t.Took}
	switch {
	case t.OK:
		c.Result = CallSucceeded
	case t.Throttled:
		c.Result = CallThrottled
	case t.Gone:
		c.Result = CallGone
	}
	return c
}

// CallOf is the call that made the tries, as far as the health of the endpoint is
// concerned: an endpoint that took one of several events works. Made is false if
// all were skipped.
func CallOf(tries []Try) (c EndpointCall, made bool) {
	for _, t := range tries {
		one := t.Call()
		switch {
		case t.Skipped:
		case !made || one.Result == CallSucceeded:
			c, made = one, true
		case c.Result != CallSucceeded:
			c.Event = "" // several failed
		}
	}
	return c, made
}

// A TriesRecord is what a store writes after tries of one endpoint.
type TriesRecord struct {
	Endpoint      Endpoint
	Deliveries    []Delivery // one per try
	Attempts      []Attempt  // to be logged
	StatusChanged bool       // the company is told
	Recovered     bool       // an outage ended: DeliveryRetry.Released goes for all that waits
}

// RecordTries returns what becomes of an endpoint and of the deliveries that
// were tried, in the order of the tries.
func RecordTries(e Endpoint, tries []Try, now time.Time) TriesRecord {
	r := TriesRecord{Endpoint: e}
	for _, call := range callsOf(tries) {
		var recovered bool
		if c, made := CallOf(call); made {
			r.Endpoint.EndpointHealth, recovered = r.Endpoint.After(c, now)
		}
		if recovered {
			r.Recovered = true
			for i := range r.Deliveries {
				r.Deliveries[i].DeliveryRetry = r.Deliveries[i].Released()
			}
		}
		for _, t := range call {
			r.Deliveries = append(r.Deliveries, t.after(r.Endpoint.LastSuccess, now))
		}
	}
	r.StatusChanged = r.Endpoint.Status != e.Status
	r.attempts(tries, now)
	return r
}

// after returns the delivery after the try. Throttling is no failure: the event
// waits with its endpoint, and its own waits stay as they are.
func (t Try) after(lastSuccess, now time.Time) Delivery {
	d := t.Delivery
	if t.Skipped {
		return d
	}
	d.LastError, d.Status, d.Took = t.Error, t.Status, t.Took
	switch {
	case t.OK:
		d.State = DeliveryDelivered
	case !t.Throttled:
		d.Attempts++
		var parked bool
		if d.DeliveryRetry, parked = d.AfterFailure(t.Call(), lastSuccess, now); parked {
			d.State = DeliveryParked
		}
	}
	return d
}
