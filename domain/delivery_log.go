package domain

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// An Attempt is a try of a delivery that did not succeed, as the log shows it. A
// success is in the delivery itself.
type Attempt struct {
	Delivery int64
	Endpoint EndpointID
	Number   int64 // rises by one within the endpoint

	At     time.Time // when the call began
	Took   time.Duration
	Status int    // of HTTP; zero: no answer came
	Error  string // why it did not succeed
	Answer string // the beginning of the answer's body
	NextAt time.Time
}

// Logged reports whether the log has an attempt for the try: it was made, and did
// not succeed.
func (t Try) Logged() bool { return !t.Skipped && !t.OK }

// attempts lists the tries of a record that did not succeed, and numbers them.
// NextAt is the time of the next try; zero: there is none by itself.
func (r *TriesRecord) attempts(tries []Try, now time.Time) {
	for i, t := range tries {
		if !t.Logged() {
			continue
		}
		r.Endpoint.AttemptsLogged++
		a := Attempt{
			Delivery: t.Delivery.ID, Endpoint: r.Endpoint.ID, Number: r.Endpoint.AttemptsLogged,
			At: now.Add(-t.Took), Took: t.Took, Status: t.Status, Error: t.Error, Answer: t.Answer,
		}
		if d := r.Deliveries[i]; d.State == DeliveryDue && r.Endpoint.Status != EndpointDisabled {
			a.NextAt = later(now, later(d.NextAt, r.Endpoint.ReadyAt()))
		}
		r.Attempts = append(r.Attempts, a)
	}
}

const deliveryPrefix = "dlv_"

// ShowDeliveryID writes the id of a delivery for people and calls: "dlv_7".
func ShowDeliveryID(id int64) string { return deliveryPrefix + strconv.FormatInt(id, 10) }

// ParseDeliveryID reads what ShowDeliveryID writes. Anything else names no delivery:
// ErrNotFound.
func ParseDeliveryID(text string) (int64, error) {
	digits, ok := strings.CutPrefix(text, deliveryPrefix)
	id, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || ShowDeliveryID(id) != text {
		return 0, ErrNotFound
	}
	return id, nil
}

// A DeliveryLog shows what became of the deliveries of an endpoint. What belongs
// to another company gives ErrNotFound; an empty company is the operator, who
// sees all.
type DeliveryLog interface {
	// Deliveries lists the deliveries of an endpoint, newest first. A page of a query
	// by type or chat looks at a bounded number of deliveries: it may hold fewer than
	// the limit, or none, and not be the last.
	Deliveries(ctx context.Context, company CompanyID, q DeliveryQuery) (DeliveryPage, error)

	// Delivery returns a delivery with its last attempts, the oldest first.
	Delivery(ctx context.Context, company CompanyID, id int64) (Delivery, []Attempt, error)

	// RetryDelivery makes a delivery due now. One that is parked, expired or given up
	// is put back to its place in its chat; one that was delivered is refused with
	// ErrAlreadyDelivered.
	RetryDelivery(ctx context.Context, company CompanyID, id int64) error

	// EndpointIDs lists the endpoints of the installation.
	EndpointIDs(ctx context.Context) ([]EndpointID, error)
}

// A DeliveryQuery selects deliveries of an endpoint.
type DeliveryQuery struct {
	Endpoint EndpointID
	State    DeliveryState // empty: any
	Type     EventType     // empty: any
	Chat     ChatID        // empty: any
	Since    time.Time     // made then or later
	Limit    int
	Before   int64 // the Next of the page before; zero: the first page
}

// A DeliveryPage is a page of deliveries, without their bodies.
type DeliveryPage struct {
	Deliveries []Delivery
	Next       int64 // zero: this is the last page
}

// Page takes a page of the deliveries that a store has looked at, newest first.
// More says that it has not looked at all of them.
func (q DeliveryQuery) Page(looked []Delivery, more bool) (p DeliveryPage) {
	for i, d := range looked {
		if d.Created.Before(q.Since) {
			return p // and so are those that follow
		}
		if len(p.Deliveries) == q.Limit {
			p.Next = looked[i-1].ID
			return p
		}
		if (q.Type == "" || q.Type == d.Type) && (q.Chat == "" || q.Chat == d.Chat) {
			p.Deliveries = append(p.Deliveries, d)
		}
	}
	if more && len(looked) > 0 {
		p.Next = looked[len(looked)-1].ID
	}
	return p
}
