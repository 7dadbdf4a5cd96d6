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
			ID: crm, Company: acme, Origin: domain.EndpointOfFile, URL: "https://crm.example/hooks", Secret: "whsec_current", Previous: "whsec_previous",
			Events: []string{"*"}, EndpointHealth: domain.EndpointHealth{Status: domain.EndpointOK},
		})
		if !t.endpoint(ticks).Batch {
			t.Error("an endpoint that takes batches was declared without")
		}
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
	{"beside the backlog of one chat, the others have the first of their deliveries claimed", func(t lab) {
		var great, others []domain.Update
		for i := range 300 {
			great = append(great, toPhone(i, says("a", domain.ProviderID(fmt.Sprint("a.", i)), "hello")))
		}
		for i := range 20 {
			p := domain.PeerID("bc"[i%2 : i%2+1])
			others = append(others, toPhone(i, says(p, domain.ProviderID(fmt.Sprint(p, ".", i)), "hello")))
		}
		t.applyEach(great...)
		backlog := t.claim(crm, 1)
		t.applyEach(others...)
		claimed := t.claim(crm, 40, backlog[0].Chat)
		counts := map[domain.ChatID]int{}
		for i, d := range claimed {
			counts[d.Chat]++
			if i > 0 && d.ID <= claimed[i-1].ID || !d.MoreInChat {
				t.Errorf("delivery %d is %+v", i, d)
			}
		}
		if len(counts) != 2 || len(claimed) != 16 || counts[claimed[0].Chat] != 8 {
			t.Errorf("claimed %v", counts)
		}
		t.same("within the limit", ids(t.claim(crm, 5, backlog[0].Chat)), ids(claimed[:5]))
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
		if e.FailingSince.IsZero() || d.Attempts != 1 || d.LastError != "answered 500" || d.FailedAt.IsZero() || d.NextAt.Sub(d.FailedAt) < time.Second {
			t.Errorf("endpoint %+v, delivery %+v", e, d)
		}
		t.same("without a", ids(t.claim(crm, 10)), ids([]domain.Delivery{due[1], due[2], due[4], due[5]}))
		t.pass(2 * time.Second)
		again := t.claim(crm, 10)
		t.same("with a", ids(again), ids(due))
		if again[0].Attempts != 1 || again[0].LastError != "answered 500" || again[0].FailedAt.IsZero() {
			t.Errorf("claimed %+v", again[0])
		}
	}},
	{"a success ends a row of failures, and makes due what failed in it", func(t lab) {
		due := t.six()
		t.record(failed(due[0]), failed(due[1]))
		t.pass(2 * time.Second)
		_, after := t.record(failed(due[0]))
		t.same("but a", ids(t.claim(crm, 10)), ids([]domain.Delivery{due[1], due[2], due[4], due[5]}))
		e, _ := t.record(ok(due[2]))
		if !e.FailingSince.IsZero() || e.LastSuccess.IsZero() {
			t.Errorf("endpoint %+v", e)
		}
		again := t.claim(crm, 10)
		t.same("all", ids(again), ids([]domain.Delivery{due[0], due[1], due[3], due[4], due[5]}))
		if d := again[0]; d.Attempts != after[0].Attempts || d.Failures != 0 {
			t.Errorf("delivery %+v", d)
		}
	}},
	{"a batch counts once for its endpoint, and once for each event that failed", func(t lab) {
		due := t.six() // of the chats a b c a b c
		tries := []domain.Try{ok(due[0]), failed(due[1]), ok(due[2]), ok(due[3])}
		for i := range tries {
			tries[i].Batch = "batch_1"
		}
		e, after := t.record(tries...)
		if e.Successes != 1 || !e.FailingSince.IsZero() || after[1].Attempts != 1 {
			t.Errorf("endpoint %+v, delivery %+v", e, after[1])
		}
		t.same("what is left", ids(t.claim(crm, 10)), ids(due[5:]))
		t.pass(2 * time.Second)
		t.same("and then", ids(t.claim(crm, 10)), ids([]domain.Delivery{due[1], due[4], due[5]}))
	}},
	{"an endpoint that throttles is not called before its time, and fails in nothing", func(t lab) {
		due := t.six()
		e, after := t.record(throttled(due[0], time.Minute))
		if e.Status != domain.EndpointOK || !e.FailingSince.IsZero() || after[0].Attempts != 0 || after[0].LastError != "answered 429" {
			t.Errorf("endpoint %+v, delivery %+v", e, after[0])
		}
		t.same("endpoint", t.endpoint(crm), e)
		t.works(domain.CallbackLane(crm), false)
		t.pass(time.Minute)
		t.works(domain.CallbackLane(crm), true)
		t.same("all", ids(t.claim(crm, 10)), ids(due))
	}},
	{"a delivery that its endpoint alone refuses for an hour is parked, and its chat goes on", func(t lab) {
		due := t.six()
		parked := t.refuse(due[0], due[1])
		if parked.Refusals < domain.ParkAfterRefusals || parked.RefusedSince.IsZero() || parked.FailedAt.Sub(parked.RefusedSince) < time.Hour {
			t.Errorf("delivery %+v", parked)
		}
		t.same("what is left", ids(t.claim(crm, 10)), ids(due[2:]))
		t.record(ok(due[0])) // a late word changes nothing
		if items, err := t.store.Parked(t.Context(), 10); err != nil || len(items) != 1 {
			t.Errorf("parked %+v, %v", items, err)
		}
	}},
	{"a delivery that was refused often waits on when an outage ends", func(t lab) {
		due := t.six()
		t.record(failed(due[0]))
		for range domain.ParkAfterRefusals {
			t.pass(5 * time.Minute)
			t.record(ok(due[1]))
			t.pass(time.Second)
			t.record(failed(t.claim(crm, 1)[0]))
		}
		t.pass(2 * time.Second)
		t.record(failed(due[2]))
		t.pass(2 * time.Second)
		t.record(ok(due[1]))
		t.same("due", ids(t.claim(crm, 10)), ids([]domain.Delivery{due[2], due[4], due[5]}))
	}},
	{"an endpoint that fails for a minute is paused, and the company hears of it", func(t lab) {
		due := t.six()
		for range 30 { // a burst says nothing
			t.record(failed(due[0]))
		}
		if e := t.endpoint(crm); e.Status != domain.EndpointOK {
			t.Errorf("endpoint %+v", e)
		}
		e := t.pause(due[0])
		if e.RetryAt.Sub(e.LastFailure) != 5*time.Second {
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
		if e.Status != domain.EndpointOK || !e.FailingSince.IsZero() || len(t.heard(ticks)) != 2 {
			t.Errorf("endpoint %+v, heard %+v", e, t.heard(ticks))
		}
		t.same("endpoint", t.endpoint(crm), e)
	}},
	{"a probe is the oldest delivery of a chat that did not fail", func(t lab) {
		due := t.six()
		t.record(failed(due[0]), failed(due[1]))
		t.same("probe", ids(t.probe()), ids(due[2:3]))
	}},
	{"or, where all failed, the one that failed least, whatever its wait", func(t lab) {
		due := t.six()
		t.record(failed(due[0]), failed(due[1]), failed(due[2]))
		t.pass(2 * time.Second)
		t.record(failed(t.claim(crm, 1)[0]))
		t.same("probe", ids(t.probe()), ids(due[1:2]))
	}},
	{"where nothing is due there is no probe", func(t lab) {
		t.same("probe", ids(t.probe()), []int64(nil))
	}},
	{"the state of an endpoint says what waits and what went wrong, and shows no secret", func(t lab) {
		due := t.six()
		t.record(failed(due[0]))
		list, err := t.store.Endpoints(t.Context(), acme)
		t.must(err)
		for _, s := range list {
			if s.Company != acme || s.Secret != "" || s.Previous != "" {
				t.Errorf("endpoint %+v", s)
			}
			one, err := t.store.EndpointState(t.Context(), acme, s.ID)
			t.must(err)
			t.same("by its id", one, s)
		}
		s, err := t.store.EndpointState(t.Context(), acme, crm)
		t.must(err)
		if len(list) == 0 || s.Waiting != 6 || !s.Oldest.Equal(due[0].Created) || s.LastError != "answered 500" || s.URL == "" {
			t.Errorf("endpoint %+v of %d", s, len(list))
		}
		if _, err := t.store.EndpointState(t.Context(), globex, crm); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("another company sees it: %v", err)
		}
	}},
	{"an endpoint that is enabled starts afresh, and the company hears of it", func(t lab) {
		due := t.six()
		t.record(failed(due[0]), domain.Try{Delivery: due[1], Gone: true, Error: "answered 410"})
		if err := t.store.EnableEndpoint(t.Context(), globex, crm); !errors.Is(err, domain.ErrNotFound) || t.endpoint(crm).Status != domain.EndpointDisabled {
			t.Errorf("another company enables it: %v", err)
		}
		for range 2 { // idempotent
			t.must(t.store.EnableEndpoint(t.Context(), acme, crm))
			if e := t.endpoint(crm); e.Status != domain.EndpointOK || !e.ReadyAt().IsZero() || !e.FailingSince.IsZero() {
				t.Errorf("endpoint %+v", e)
			}
			if h := t.heard(ticks); len(h) != 2 || h[1].Data["status"] != "ok" || h[1].Data["endpoint_id"] != "crm" {
				t.Errorf("heard %+v", h)
			}
		}
		t.same("due at once", ids(t.claim(crm, 6)), ids(due))
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
		t.applyEach(toPhone(i, says(p, domain.ProviderID(fmt.Sprint("in.", i)), "hello")))
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

// pause lets a delivery fail for a minute, which pauses crm.
func (t lab) pause(d domain.Delivery) domain.Endpoint {
	t.Helper()
	t.record(failed(d))
	t.pass(61 * time.Second)
	e, _ := t.record(failed(d))
	if e.Status != domain.EndpointPaused {
		t.Fatalf("endpoint %+v, want it paused", e)
	}
	return e
}

// refuse lets d fail while another is taken, until it is parked.
func (t lab) refuse(d, taken domain.Delivery) domain.Delivery {
	t.Helper()
	for range 10 {
		_, after := t.record(failed(d))
		if d = after[0]; d.State == domain.DeliveryParked {
			return d
		}
		t.pass(20 * time.Minute)
		t.record(ok(taken))
		t.pass(time.Second)
		d = t.claim(crm, 1)[0]
	}
	t.Fatalf("delivery %+v, want it parked", d)
	return d
}

func (t lab) probe() []domain.Delivery {
	t.Helper()
	found, err := t.store.Probe(t.Context(), crm)
	t.must(err)
	return found
}

func ok(d domain.Delivery) domain.Try     { return domain.Try{Delivery: d, OK: true} }
func failed(d domain.Delivery) domain.Try { return domain.Try{Delivery: d, Error: "answered 500"} }
func throttled(d domain.Delivery, wait time.Duration) domain.Try {
	return domain.Try{Delivery: d, Throttled: true, RetryAfter: wait, Error: "answered 429"}
}

func ids(list []domain.Delivery) (ids []int64) {
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	return ids
}
