package storetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"recado/domain"
)

// made is the endpoint that acme creates by a call.
var made = domain.Endpoint{
	ID: "made", Company: acme, Origin: domain.EndpointOfAPI, URL: "https://made.example/", Secret: "whsec_made", Events: []string{"*"},
}

var endpointRows = []row{
	{"an endpoint that a call creates gets the events that follow", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "before")))
		t.must(t.store.CreateEndpoint(t.Context(), made))
		want := made
		want.Status = domain.EndpointOK
		t.same("endpoint", t.endpoint("made"), want)
		t.applyEach(toPhone(2, says(peer, "in.2", "after")))
		if got := t.heard("made"); len(got) != 1 {
			t.Errorf("it heard %+v", got)
		}
		if n := t.stored("whsec_made"); n != 0 {
			t.Errorf("its secret is stored in clear %d times", n)
		}
	}},
	{"an id that is taken, by anybody, is refused", func(t lab) {
		for _, id := range []domain.EndpointID{crm, rival} {
			e := made
			e.ID = id
			if err := t.store.CreateEndpoint(t.Context(), e); !errors.Is(err, domain.ErrEndpointExists) {
				t.Errorf("%s: %v", id, err)
			}
		}
		t.same("lines of what was there", t.declare(everything()), []string(nil))
	}},
	{"a company has so many endpoints at most, also when they are created at once", func(t lab) {
		for i := range domain.MaxEndpoints - 7 { // it has two
			e := made
			e.ID = domain.EndpointID(fmt.Sprint("made-", i))
			t.must(t.store.CreateEndpoint(t.Context(), e))
		}
		refused := make([]error, 10)
		together(10, func(i int) {
			e := made
			e.ID = domain.EndpointID(fmt.Sprint("last-", i))
			refused[i] = t.worker(i).CreateEndpoint(t.Context(), e)
		})
		n := 0
		for _, err := range refused {
			if errors.Is(err, domain.ErrTooManyEndpoints) {
				n++
			} else if err != nil {
				t.Error(err)
			}
		}
		list, err := t.store.Endpoints(t.Context(), acme)
		t.must(err)
		if n != 5 || len(list) != domain.MaxEndpoints {
			t.Errorf("%d endpoints, %d refused", len(list), n)
		}
		other := made
		other.ID, other.Company = "other", globex
		t.must(t.store.CreateEndpoint(t.Context(), other))
	}},
	{"a change keeps what an endpoint is and how it is", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		before := t.endpoint("made")
		t.change("made", func(e domain.Endpoint, _ time.Time) (domain.Endpoint, error) {
			e.ID, e.Company, e.Origin, e.Status = "another", globex, domain.EndpointOfFile, domain.EndpointDisabled
			e.Events, e.Batch = []string{"message.created"}, true
			return e, nil
		})
		before.Events, before.Batch = []string{"message.created"}, true
		t.same("endpoint", t.endpoint("made"), before)
	}},
	{"what a change refuses is not stored, nor is one of another company or of nobody", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		refusal := errors.New("no")
		move := func(e domain.Endpoint, _ time.Time) (domain.Endpoint, error) {
			e.URL = "https://evil.example/"
			return e, nil
		}
		for _, tt := range []struct {
			company domain.CompanyID
			id      domain.EndpointID
			change  func(domain.Endpoint, time.Time) (domain.Endpoint, error)
			want    error
		}{
			{acme, "made", func(e domain.Endpoint, _ time.Time) (domain.Endpoint, error) {
				e.URL = "https://evil.example/"
				return e, refusal
			}, refusal},
			{globex, "made", move, domain.ErrNotFound},
			{acme, "nowhere", move, domain.ErrNotFound},
		} {
			if err := t.store.ChangeEndpoint(t.Context(), tt.company, tt.id, tt.change); !errors.Is(err, tt.want) {
				t.Errorf("%s of %s: %v, want %v", tt.id, tt.company, err, tt.want)
			}
		}
		if e := t.endpoint("made"); e.URL != made.URL {
			t.Errorf("endpoint %+v", e)
		}
	}},
	{"with a new address or secret all that waits is due at once, and the company hears that the endpoint is back", func(t lab) {
		due := t.six()
		for i, change := range []func(domain.Endpoint, time.Time) (domain.Endpoint, error){
			func(e domain.Endpoint, _ time.Time) (domain.Endpoint, error) {
				e.URL = "https://crm.example/2"
				return e, nil
			},
			func(e domain.Endpoint, now time.Time) (domain.Endpoint, error) {
				return e.Rotated("whsec_new", time.Hour, now), nil
			},
		} {
			t.pause(due[0])
			t.change(crm, change)
			if e := t.endpoint(crm); e.Status != domain.EndpointOK || !e.ReadyAt().IsZero() {
				t.Errorf("endpoint %+v", e)
			}
			t.same("due at once", ids(t.claim(crm, 6)), ids(due))
			if h := t.heard(ticks); len(h) != 2*(i+1) || h[len(h)-1].Data["status"] != "ok" {
				t.Errorf("heard %+v", h)
			}
		}
	}},
	{"a rotation is one change: a call in flight sees the endpoint before or after it", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		before := t.endpoint("made")
		broken := errors.New("killed")
		rotate := func(e domain.Endpoint, now time.Time) (domain.Endpoint, error) {
			return e.Rotated("whsec_new", time.Hour, now), nil
		}
		err := t.store.ChangeEndpoint(t.Context(), acme, "made", func(e domain.Endpoint, now time.Time) (domain.Endpoint, error) {
			e, _ = rotate(e, now)
			return e, broken
		})
		if !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
		t.same("before", t.endpoint("made"), before)
		t.change("made", rotate)
		after := t.endpoint("made")
		if after.Secret != "whsec_new" || after.Previous != "whsec_made" || time.Until(after.PreviousUntil) > time.Hour {
			t.Errorf("after %+v", after)
		}
		s, err := t.store.EndpointState(t.Context(), acme, "made")
		t.must(err)
		if s.Secret != "" || s.Previous != "" || !s.PreviousUntil.Equal(after.PreviousUntil) {
			t.Errorf("state %+v", s)
		}
	}},
	{"a call that ends after a rotation is recorded, and undoes nothing of it", func(t lab) {
		due := t.six()
		t.change(crm, func(e domain.Endpoint, now time.Time) (domain.Endpoint, error) {
			return e.Rotated("whsec_new", time.Hour, now), nil
		})
		e, _ := t.record(ok(due[0]))
		if e.Secret != "whsec_new" || e.Previous != "whsec_current" || e.PreviousUntil.IsZero() {
			t.Errorf("endpoint %+v", e)
		}
		t.same("what is left", ids(t.claim(crm, 10)), ids(due[1:]))
	}},
	{"what waits for an endpoint that is deleted expires, and the others are told", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		t.six()
		if err := t.store.DeleteEndpoint(t.Context(), globex, "made"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("another company deletes it: %v", err)
		}
		t.must(t.store.DeleteEndpoint(t.Context(), acme, "made"))
		if _, err := t.store.Endpoint(t.Context(), "made"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the endpoint: %v", err)
		}
		if h := t.heard(ticks); len(h) != 1 || h[0].Data["endpoint_id"] != "made" || h[0].Data["expired"] != 6.0 || h[0].Data["status"] != "disabled" {
			t.Errorf("the other endpoint hears %+v", h)
		}
		if err := t.store.DeleteEndpoint(t.Context(), acme, "made"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("deleted again: %v", err)
		}
	}},
	{"an endpoint with the id of one that ended gets nothing of what waited for that", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		t.six()
		t.must(t.store.DeleteEndpoint(t.Context(), acme, "made"))
		other := made
		other.Company = globex
		t.must(t.store.CreateEndpoint(t.Context(), other))
		if got := t.claim("made", 10); len(got) != 0 {
			t.Errorf("it gets %+v", got)
		}
	}},
	{"an endpoint of a file is not deleted by a call", func(t lab) {
		if err := t.store.DeleteEndpoint(t.Context(), acme, crm); !errors.Is(err, domain.ErrDeclaredInFile) {
			t.Errorf("got %v", err)
		}
		t.endpoint(crm)
	}},
	{"what a call created stays when a file is applied, and the lines say so", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		want := t.endpoint("made")
		t.same("lines", t.declare(everything()), []string(nil))
		t.same("lines of a complete one", t.declare(complete(everything())), []string{"! endpoint made: created through the API, it stays; delete it there"})
		r := everything()
		r.Endpoints = append(r.Endpoints, domain.Endpoint{ID: "made", Company: acme, URL: "https://file.example/", Secret: "whsec_file", Events: []string{}})
		t.same("lines of one that names it", t.declare(r), []string{
			"! endpoint made: created through the API, it stays as it is; delete it there, or give the one in the file another id",
		})
		t.same("endpoint", t.endpoint("made"), want)
	}},
	{"what a call created ends with its company", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		r := everything()
		r.Companies, r.Subscriptions, r.Connections = r.Companies[1:], r.Subscriptions[3:], r.Connections[3:]
		r.Employees, r.APIKeys, r.Endpoints, r.Hooks = nil, nil, r.Endpoints[2:], r.Hooks[:1]
		if lines := strings.Join(t.declare(complete(r)), "\n"); !strings.Contains(lines, "- endpoint made") {
			t.Errorf("lines %s", lines)
		}
		if _, err := t.store.Endpoint(t.Context(), "made"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the endpoint: %v", err)
		}
	}},
}

// change changes an endpoint of acme.
func (t lab) change(id domain.EndpointID, change func(domain.Endpoint, time.Time) (domain.Endpoint, error)) {
	t.Helper()
	t.must(t.store.ChangeEndpoint(t.Context(), acme, id, change))
}
