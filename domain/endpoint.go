package domain

import "time"

// An Endpoint is a CRM's address for events.
type Endpoint struct {
	ID       EndpointID
	Company  CompanyID
	URL      string
	Secret   Secret   // whsec_…, by Standard Webhooks
	Previous Secret   // signs too while it is set, so that secrets rotate with an overlap
	Events   []string // types of events, or "*"

	Status      EndpointStatus
	Failures    int       // in a row
	PausedSince time.Time // zero: not paused
	ProbeAt     time.Time // when it is paused: the next try
	LastSuccess time.Time
}

// An EndpointStatus tells whether events go to an endpoint.
type EndpointStatus string

// The statuses of an endpoint.
const (
	EndpointOK       EndpointStatus = "ok"
	EndpointPaused   EndpointStatus = "paused"   // it fails; one event at a time probes it
	EndpointDisabled EndpointStatus = "disabled" // it said 410, or failed for days; a person must enable it
)

// Retries of callbacks.
const (
	pauseAfter    = 20              // failures in a row
	probeEvery    = 5 * time.Minute // while it is paused
	disableAfter  = 72 * time.Hour  // of being paused
	ParkAfter     = time.Hour       // an event that only its endpoint refuses is parked
	retryAfterMax = 24 * time.Hour  // an endpoint may ask for no more
)

// schedule holds the waits after each failed try of an event; the last repeats.
var retrySchedule = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// A Delivery is an event on its way to one endpoint.
type Delivery struct {
	ID       int64
	Endpoint EndpointID
	Event    EventID
	Chat     ChatID // deliveries of one chat go one at a time, in the order of ID
	Type     EventType
	Body     []byte
	Created  time.Time

	State      DeliveryState
	Attempts   int           // that failed
	NextAt     time.Time     // after a failure; the database's clock
	FailedAt   time.Time     // the last failure
	RefusedFor time.Duration // how long it failed while the endpoint took others
	LastError  string        // what came of the last try; no secret

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
)

// A Try is what came of one delivery of an event.
type Try struct {
	Delivery   Delivery
	Skipped    bool // not tried: one before it in its chat failed, or the program stops
	OK         bool
	Gone       bool          // 410: the endpoint wants no more
	RetryAfter time.Duration // the endpoint's own wish; zero: none
	Error      string
	Took       time.Duration
}

// AfterTry tells what becomes of a delivery and of its endpoint. Both are
// returned changed; the endpoint's Status tells whether to pause or disable it.
func AfterTry(e Endpoint, t Try, now time.Time) (Endpoint, Delivery) {
	d := t.Delivery
	switch {
	case t.Skipped:
		return e, d
	case t.OK:
		d.State, d.LastError = DeliveryDelivered, ""
		e.Failures, e.LastSuccess = 0, now
		if e.Status == EndpointPaused {
			e.Status, e.PausedSince, e.ProbeAt = EndpointOK, time.Time{}, time.Time{}
		}
		return e, d
	}
	alone := !d.FailedAt.IsZero() && e.LastSuccess.After(d.FailedAt)
	if alone {
		d.RefusedFor += now.Sub(d.FailedAt)
	}
	d.Attempts++
	d.FailedAt, d.LastError = now, t.Error
	d.NextAt = now.Add(retryIn(d, t.RetryAfter, alone))
	if d.RefusedFor >= ParkAfter {
		d.State = DeliveryParked
	}
	e.Failures++
	switch {
	case t.Gone, !e.PausedSince.IsZero() && now.Sub(e.PausedSince) >= disableAfter:
		e.Status = EndpointDisabled
	case e.Failures >= pauseAfter && e.Status == EndpointOK:
		e.Status, e.PausedSince = EndpointPaused, now
	}
	if e.Status == EndpointPaused {
		e.ProbeAt = now.Add(probeEvery)
	}
	return e, d
}

// A TriesRecord is what a store writes after tries of one endpoint.
type TriesRecord struct {
	Endpoint      Endpoint
	Deliveries    []Delivery // one per try
	StatusChanged bool       // the company is told
	Resumed       bool       // it was paused and takes events again: what failed is due at once
}

// RecordTries applies AfterTry to tries of one endpoint, in their order.
func RecordTries(e Endpoint, tries []Try, now time.Time) TriesRecord {
	r := TriesRecord{Endpoint: e, Deliveries: make([]Delivery, len(tries))}
	for i, t := range tries {
		r.Endpoint, r.Deliveries[i] = AfterTry(r.Endpoint, t, now)
	}
	r.StatusChanged = r.Endpoint.Status != e.Status
	r.Resumed = e.Status == EndpointPaused && r.Endpoint.Status == EndpointOK
	return r
}

// retryIn is the wait after a failure: the schedule's, or the endpoint's own
// wish. The hour of an event that is refused alone ends with a last try.
func retryIn(d Delivery, wish time.Duration, alone bool) time.Duration {
	wait := jitter(retrySchedule[min(d.Attempts, len(retrySchedule))-1], d.Attempts, string(d.Event))
	if wish > 0 {
		wait = min(wish, retryAfterMax)
	}
	if left := ParkAfter - d.RefusedFor; alone && left > 0 {
		wait = min(wait, max(left, retrySchedule[0]))
	}
	return wait
}
