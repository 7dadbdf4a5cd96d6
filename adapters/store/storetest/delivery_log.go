package storetest

import (
	"errors"
	"fmt"
	"time"

	"recado/domain"
)

var deliveryLogRows = []row{
	{"the log of an endpoint lists its deliveries, newest first, page by page", func(t lab) {
		due := t.six()
		all := t.log(domain.DeliveryQuery{Limit: 10})
		if len(all.Deliveries) != 6 || all.Next != 0 {
			t.Fatalf("log %+v", all)
		}
		for i, d := range all.Deliveries {
			want := due[5-i]
			want.Body, want.MoreInChat = nil, false
			t.same("delivery", d, want)
		}
		first := t.log(domain.DeliveryQuery{Limit: 4})
		second := t.log(domain.DeliveryQuery{Limit: 4, Before: first.Next})
		t.same("two pages", ids(append(first.Deliveries, second.Deliveries...)), ids(all.Deliveries))
		if first.Next == 0 || second.Next != 0 {
			t.Errorf("the pages end with %d and %d", first.Next, second.Next)
		}
	}},
	{"a success is in the delivery itself, and every other try in a row of its own", func(t lab) {
		due := t.six()
		t.record(domain.Try{Delivery: due[0], OK: true, Status: 204, Took: 12 * time.Millisecond})
		answer := `"no": \x1b ¿qué?`
		t.record(domain.Try{Delivery: due[1], Status: 500, Error: "HTTP 500", Answer: answer, Took: 3 * time.Second})
		_, after := t.record(domain.Try{Delivery: due[1], Error: "connection refused"})
		t.record(throttled(due[2], time.Minute))

		d, attempts := t.delivery(due[0])
		if d.State != domain.DeliveryDelivered || d.Status != 204 || d.Took != 12*time.Millisecond || d.DoneAt.IsZero() || d.Type != domain.EventMessageCreated || len(attempts) != 0 {
			t.Errorf("delivered %+v, %+v", d, attempts)
		}
		d, attempts = t.delivery(due[1])
		if d.State != domain.DeliveryDue || d.LastError != "connection refused" || d.Status != 0 || len(attempts) != 2 {
			t.Fatalf("failed %+v, %+v", d, attempts)
		}
		a := attempts[0]
		t.same("first attempt", a, domain.Attempt{
			Delivery: due[1].ID, Endpoint: crm, Number: 1, At: a.At, Took: 3 * time.Second, Status: 500, Error: "HTTP 500", Answer: answer, NextAt: a.NextAt,
		})
		if a.At.IsZero() || !a.NextAt.After(a.At) || attempts[1].Number != 2 || attempts[1].NextAt.Before(after[0].NextAt.Truncate(time.Millisecond)) {
			t.Errorf("attempts %+v", attempts)
		}
		_, attempts = t.delivery(due[2])
		if len(attempts) != 1 || attempts[0].NextAt.Sub(attempts[0].At) < 59*time.Second {
			t.Errorf("throttled %+v", attempts)
		}
	}},
	{"a log is filtered by state, type, chat and time", func(t lab) {
		due := t.six()
		parked := t.refuse(due[0], due[1])
		t.pass(time.Hour)
		t.applyEach(toPhone(9, says("a", "in.9", "later")))
		later := t.log(domain.DeliveryQuery{Limit: 1}).Deliveries[0]
		t.record(ok(due[1]))
		for _, tt := range []struct {
			name  string
			query domain.DeliveryQuery
			want  []int64
		}{
			{"parked", domain.DeliveryQuery{State: domain.DeliveryParked}, []int64{parked.ID}},
			{"delivered", domain.DeliveryQuery{State: domain.DeliveryDelivered}, []int64{due[1].ID}},
			{"expired", domain.DeliveryQuery{State: domain.DeliveryExpired}, nil},
			{"due", domain.DeliveryQuery{State: domain.DeliveryDue}, []int64{later.ID, due[5].ID, due[4].ID, due[3].ID, due[2].ID}},
			{"of a chat", domain.DeliveryQuery{Chat: due[0].Chat}, []int64{later.ID, due[3].ID, due[0].ID}},
			{"of a chat, in a state", domain.DeliveryQuery{Chat: due[0].Chat, State: domain.DeliveryDue}, []int64{later.ID, due[3].ID}},
			{"of a type", domain.DeliveryQuery{Type: domain.EventMessageStatus}, nil},
			{"since", domain.DeliveryQuery{Since: later.Created.Add(-time.Minute)}, []int64{later.ID}},
		} {
			tt.query.Limit = 10
			t.same(tt.name, ids(t.log(tt.query).Deliveries), tt.want)
		}
	}},
	{"a company sees the log of its own endpoints, the operator that of all", func(t lab) {
		due := t.six()
		_, err := t.store.Deliveries(t.Context(), globex, domain.DeliveryQuery{Endpoint: crm, Limit: 10})
		_, _, err2 := t.store.Delivery(t.Context(), globex, due[0].ID)
		err3 := t.store.RetryDelivery(t.Context(), globex, due[0].ID)
		for _, err := range []error{err, err2, err3} {
			if !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("another company: %v", err)
			}
		}
		if _, _, err := t.store.Delivery(t.Context(), acme, 1<<40); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("of nobody: %v", err)
		}
		p, err := t.store.Deliveries(t.Context(), "", domain.DeliveryQuery{Endpoint: crm, Limit: 10})
		t.must(err)
		_, _, err = t.store.Delivery(t.Context(), "", due[0].ID)
		t.must(err)
		list, err := t.store.EndpointIDs(t.Context())
		t.must(err)
		if len(p.Deliveries) != 6 {
			t.Errorf("the operator sees %+v", p)
		}
		t.same("endpoints", list, []domain.EndpointID{crm, rival, ticks})
	}},
	{"the log of an endpoint shows nothing of one that had its id before", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		t.six()
		before := t.claim("made", 1)[0]
		_, _, err := t.store.Record(t.Context(), "made", []domain.Try{failed(before)})
		t.must(err)
		t.must(t.store.DeleteEndpoint(t.Context(), acme, "made"))
		other := made
		other.Company = globex
		t.must(t.store.CreateEndpoint(t.Context(), other))
		p, err := t.store.Deliveries(t.Context(), globex, domain.DeliveryQuery{Endpoint: "made", Limit: 10})
		t.must(err)
		_, _, err = t.store.Delivery(t.Context(), globex, before.ID)
		if len(p.Deliveries) != 0 || !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("it shows %+v, and %v", p, err)
		}
	}},
	{"a delivery that waits is due now when it is retried", func(t lab) {
		due := t.six()
		t.record(failed(due[0]))
		t.same("due", len(t.claim(crm, 10)), 4)
		t.must(t.store.RetryDelivery(t.Context(), acme, due[0].ID))
		t.same("due", ids(t.claim(crm, 10)), ids(due))
	}},
	{"a delivery that is parked or expired is put back to its place when it is retried", func(t lab) {
		due := t.six()
		parked := t.refuse(due[0], due[1])
		t.must(t.store.RetryDelivery(t.Context(), acme, parked.ID))
		if again := t.claim(crm, 1)[0]; again.ID != parked.ID || again.Attempts != 0 || again.Refusals != 0 {
			t.Errorf("claimed %+v", again)
		}
		if _, attempts := t.delivery(parked); len(attempts) < domain.ParkAfterRefusals {
			t.Errorf("its log is %+v", attempts)
		}
		t.pass(8 * day)
		t.trim()
		t.must(t.store.RetryDelivery(t.Context(), acme, due[5].ID))
		if again := t.claim(crm, 1); len(again) != 1 || again[0].ID != due[5].ID {
			t.Errorf("claimed %+v", again)
		}
	}},
	{"a delivery that was delivered is not retried", func(t lab) {
		due := t.six()
		t.record(ok(due[0]))
		if err := t.store.RetryDelivery(t.Context(), acme, due[0].ID); !errors.Is(err, domain.ErrAlreadyDelivered) {
			t.Errorf("got %v", err)
		}
	}},
	{"attempts go after thirty days", func(t lab) {
		due := t.six()
		t.record(domain.Try{Delivery: due[0], Error: "an error of the test"})
		t.pass(29 * day)
		t.trim()
		if _, attempts := t.delivery(due[0]); len(attempts) != 1 {
			t.Errorf("attempts %+v", attempts)
		}
		t.pass(2 * day)
		t.trim()
		if n := t.stored("an error of the test"); n != 0 {
			t.Errorf("it is stored %d times", n)
		}
	}},
	{"an endpoint has so many attempts at most, and the oldest go first", func(t lab) {
		due := t.six()
		const step = 500
		tries := make([]domain.Try, step)
		for n := 0; n <= domain.MaxAttemptsPerEndpoint; n += step {
			for i := range tries {
				tries[i] = throttled(due[0], 0)
				tries[i].Error = fmt.Sprintf("attempt-%06d", n+i)
			}
			t.record(tries...)
		}
		if n := t.stored("attempt-"); n > domain.MaxAttemptsPerEndpoint+1 { // and the delivery's last error
			t.Errorf("%d are stored", n)
		}
		if t.stored("attempt-000499") != 0 || t.stored("attempt-000500") == 0 {
			t.Error("others than the oldest are gone")
		}
		if _, attempts := t.delivery(due[0]); len(attempts) != 100 || attempts[99].Number != domain.MaxAttemptsPerEndpoint+step {
			t.Errorf("%d attempts are shown", len(attempts))
		}
	}},
}

// log reads the log of crm.
func (t lab) log(q domain.DeliveryQuery) domain.DeliveryPage {
	t.Helper()
	q.Endpoint = crm
	p, err := t.store.Deliveries(t.Context(), acme, q)
	t.must(err)
	return p
}

// delivery reads a delivery of acme with its attempts.
func (t lab) delivery(d domain.Delivery) (domain.Delivery, []domain.Attempt) {
	t.Helper()
	d, attempts, err := t.store.Delivery(t.Context(), acme, d.ID)
	t.must(err)
	return d, attempts
}
