package storetest

import (
	"errors"
	"fmt"
	"time"

	"recado/domain"
)

var callbackRows = []row{
	{"an endpoint is as it was declared", func(t lab) {
		t.same("endpoint", t.endpoint(crm), domain.Endpoint{
			ID: crm, Company: acme, URL: "https://crm.example/hooks", Secret: "whsec_current", Previous: "whsec_previous",
			Events: []string{"*"}, Status: domain.EndpointOK,
		})
		if _, err := t.store.Endpoint(t.Context(), "nowhere"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
		if _, _, err := t.store.Record(t.Context(), "nowhere", []domain.Try{{OK: true}}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("got %v, want ErrNotFound", err)
		}
	}},
	{"deliveries are claimed whole, in their order", func(t lab) {
		due := t.six()
		for i, d := range due {
			if i > 0 && d.ID <= due[i-1].ID || d.Endpoint != crm || d.Event == "" || d.Created.IsZero() || d.State != domain.DeliveryDue || d.Attempts != 0 {
				t.Errorf("delivery %d is %+v", i, d)
			}
		}
		t.same("the first four", ids(t.claim(crm, 4)), ids(due[:4]))
	}},
	{"busy chats are left out", func(t lab) {
		due := t.six() // of the chats a b c a b c
		t.same("without a", ids(t.claim(crm, 10, due[0].Chat)), ids([]domain.Delivery{due[1], due[2], due[4], due[5]}))
		t.same("without all", ids(t.claim(crm, 10, due[0].Chat, due[1].Chat, due[2].Chat)), []int64(nil))
		t.same("one of the rest", ids(t.claim(crm, 1, due[0].Chat)), ids(due[1:2]))
	}},
	{"what was delivered is not claimed again", func(t lab) {
		due := t.six()
		e, after := t.record(ok(due[0]), ok(due[1]))
		if len(after) != 2 || after[0].ID != due[0].ID || after[1].State != domain.DeliveryDelivered || e.LastSuccess.IsZero() {
			t.Errorf("got %+v, %+v", e, after)
		}
		t.same("what is left", ids(t.claim(crm, 10)), ids(due[2:]))
		t.same("endpoint", t.endpoint(crm), e)
	}},
	{"what was claimed and never recorded is claimed again", func(t lab) {
		due := t.six()
		t.record(domain.Try{Delivery: due[0], Skipped: true})
		t.same("deliveries", t.claim(crm, 10), due)
	}},
	{"a delivery that fails holds up its chat only, until its time has come", func(t lab) {
		due := t.six()
		e, after := t.record(failed(due[0]))
		d := after[0]
		if e.Failures != 1 || d.Attempts != 1 || d.LastError != "answered 500" || d.FailedAt.IsZero() || d.NextAt.Sub(d.FailedAt) < 5*time.Second {
			t.Errorf("endpoint %+v, delivery %+v", e, d)
		}
		t.same("without a", ids(t.claim(crm, 10)), ids([]domain.Delivery{due[1], due[2], due[4], due[5]}))
		t.pass(6 * time.Second)
		again := t.claim(crm, 10)
		t.same("with a", ids(again), ids(due))
		if again[0].Attempts != 1 || again[0].LastError != "answered 500" || again[0].FailedAt.IsZero() {
			t.Errorf("claimed %+v", again[0])
		}
	}},
	{"a success ends the row of failures", func(t lab) {
		due := t.six()
		t.record(failed(due[0]), failed(due[1]))
		if e, _ := t.record(ok(due[2])); e.Failures != 0 {
			t.Errorf("endpoint %+v", e)
		}
	}},
	{"a delivery that its endpoint alone refuses for an hour is parked, and its chat goes on", func(t lab) {
		due := t.six()
		t.record(failed(due[0]))
		t.pass(time.Second)
		t.record(ok(due[1]))
		t.pass(time.Hour)
		_, after := t.record(failed(t.claim(crm, 1)[0]))
		if after[0].State != domain.DeliveryParked || after[0].RefusedFor < time.Hour {
			t.Errorf("delivery %+v", after[0])
		}
		t.same("what is left", ids(t.claim(crm, 10)), ids(due[2:]))
		t.record(ok(due[0])) // a late word changes nothing
		if items, err := t.store.Parked(t.Context(), 10); err != nil || len(items) != 1 {
			t.Errorf("parked %+v, %v", items, err)
		}
	}},
	{"the time that a delivery was refused adds up", func(t lab) {
		due := t.six()
		t.record(failed(due[0]))
		for i := range 2 {
			t.pass(time.Second)
			t.record(ok(due[1+i]))
			t.pass(40 * time.Minute)
			_, after := t.record(failed(t.claim(crm, 1)[0]))
			want := []domain.DeliveryState{domain.DeliveryDue, domain.DeliveryParked}[i]
			if after[0].State != want {
				t.Errorf("refused for %s it is %s", after[0].RefusedFor, after[0].State)
			}
		}
	}},
	{"an endpoint that fails twenty times is paused, and the company hears of it", func(t lab) {
		due := t.six()
		for range 19 {
			t.record(failed(due[0]))
		}
		e, _ := t.record(failed(due[0]))
		if e.Status != domain.EndpointPaused || e.PausedSince.IsZero() || e.ProbeAt.Sub(e.PausedSince) != 5*time.Minute {
			t.Errorf("endpoint %+v", e)
		}
		t.same("endpoint", t.endpoint(crm), e)
		h := t.heard(ticks)
		if len(h) != 1 || h[0].Type != domain.EventEndpointStatus || h[0].Data["endpoint_id"] != "crm" || h[0].Data["status"] != "paused" || h[0].Data["waiting"] != 6.0 {
			t.Errorf("heard %+v", h)
		}
		e, _ = t.record(failed(due[0]))
		if len(t.heard(ticks)) != 1 {
			t.Errorf("heard again of %+v", e)
		}
		e, _ = t.record(ok(due[1]))
		if e.Status != domain.EndpointOK || !e.PausedSince.IsZero() || len(t.heard(ticks)) != 2 {
			t.Errorf("endpoint %+v, heard %+v", e, t.heard(ticks))
		}
		t.same("endpoint", t.endpoint(crm), e)
	}},
	{"an endpoint that says 410 is disabled", func(t lab) {
		due := t.six()
		e, _ := t.record(domain.Try{Delivery: due[0], Gone: true, Error: "answered 410"})
		if e.Status != domain.EndpointDisabled {
			t.Errorf("endpoint %+v", e)
		}
		if h := t.heard(ticks); len(h) != 1 || h[0].Data["status"] != "disabled" || h[0].Chat.ID != "" {
			t.Errorf("heard %+v", h)
		}
		if got := t.heard(rival); len(got) != 0 {
			t.Errorf("another company heard %+v", got)
		}
	}},
}

// six makes two events in each of three chats and claims them: a b c a b c.
func (t lab) six() []domain.Delivery {
	t.Helper()
	for i := range 6 {
		p := domain.PeerID("abc"[i%3 : i%3+1])
		t.tell(told(i, says(p, domain.ProviderID(fmt.Sprint("in.", i)), "hello")))
	}
	due := t.claim(crm, 10)
	if len(due) != 6 {
		t.Fatalf("%d deliveries, want 6", len(due))
	}
	return due
}

func (t lab) endpoint(id domain.EndpointID) domain.Endpoint {
	t.Helper()
	e, err := t.store.Endpoint(t.Context(), id)
	t.must(err)
	return e
}

// record records tries of crm.
func (t lab) record(tries ...domain.Try) (domain.Endpoint, []domain.Delivery) {
	t.Helper()
	e, after, err := t.store.Record(t.Context(), crm, tries)
	t.must(err)
	if len(after) != len(tries) {
		t.Fatalf("%d deliveries after %d tries", len(after), len(tries))
	}
	return e, after
}

func ok(d domain.Delivery) domain.Try     { return domain.Try{Delivery: d, OK: true} }
func failed(d domain.Delivery) domain.Try { return domain.Try{Delivery: d, Error: "answered 500"} }

func ids(list []domain.Delivery) (ids []int64) {
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	return ids
}
