package storetest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"recado/domain"
)

const (
	greatBacklog = 2500 // events that wait for an endpoint: more than a step of Trim expires
	greatParked  = 1500
)

var endpointEndRows = []row{
	{"an endpoint with a great backlog ends at once, and none of what waited for it is found again", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		t.backlog("made")
		items, err := t.store.Parked(t.Context(), 1)
		t.must(err)
		t.must(t.store.DeleteEndpoint(t.Context(), acme, "made"))
		if h := t.heard(ticks); len(h) != 1 || h[0].Data["expired"] != float64(greatBacklog+greatParked) || h[0].Data["waiting"] != 0.0 {
			t.Errorf("the other endpoint hears %+v", h)
		}
		t.hidden("made")
		if err := t.store.Unpark(t.Context(), items[0].ID); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("an event that was parked is tried again: %v", err)
		}
		t.gauged(map[domain.LaneKind]int64{domain.LaneCallback: 2}, nil) // that it ended, to two others
	}},
	{"what waited for an endpoint that ended expires in portions", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		t.backlog("made")
		t.must(t.store.DeleteEndpoint(t.Context(), acme, "made"))
		before := t.stored("expired")
		portion := 0
		for more := true; more; {
			var err error
			more, err = t.store.Trim(t.Context())
			t.must(err)
			now := t.stored("expired") - before
			if now-portion > 2000 {
				t.Errorf("%d expired in one step", now-portion)
			}
			portion = now
		}
		if portion != greatBacklog+greatParked {
			t.Errorf("%d expired", portion)
		}
	}},
	{"what was committed for an endpoint just after it ended expires too", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		t.must(t.store.DeleteEndpoint(t.Context(), acme, "made"))
		t.trim()
		before := t.stored("expired")
		t.waits("made", 1, domain.DeliveryDue)
		t.trim()
		if n := t.stored("expired") - before; n != 1 {
			t.Errorf("%d expired", n)
		}
	}},
	{"an endpoint gets the id of one that ended once all expired that waited for that", func(t lab) {
		t.must(t.store.CreateEndpoint(t.Context(), made))
		t.backlog("made")
		t.must(t.store.DeleteEndpoint(t.Context(), acme, "made"))
		other := made
		other.Company = globex
		if err := t.store.CreateEndpoint(t.Context(), other); !errors.Is(err, domain.ErrEndpointExists) {
			t.Errorf("created too early: %v", err)
		}
		r := domain.Registry{Endpoints: []domain.Endpoint{other}}
		if _, err := t.store.Declare(t.Context(), r, false); err == nil || !strings.Contains(err.Error(), "apply the file again later") {
			t.Errorf("declared too early: %v", err)
		}
		t.hidden("made")
		t.trimAll()
		t.must(t.store.CreateEndpoint(t.Context(), other))
		t.hidden("made")
		t.applyEach(domain.Update{Hook: meta, Kind: domain.WhatsAppBusiness, Account: "2077", Fact: says(peer, "in.1", "of globex"), At: second(1), Received: received})
		t.pass(2 * time.Minute)
		t.trimAll()
		if got := t.heard("made"); len(got) != 1 {
			t.Errorf("it heard %+v", got)
		}
	}},
	{"an endpoint whose status changes tells of 100,000 events that wait at most", func(t lab) {
		t.waits(crm, 100_010, domain.DeliveryDue)
		t.record(domain.Try{Delivery: t.claim(crm, 1)[0], Gone: true})
		if h := t.heard(ticks); len(h) != 1 || h[0].Data["waiting"] != 100_000.0 {
			t.Errorf("the other endpoint hears %+v", h)
		}
	}},
}

// backlog makes a great backlog of an endpoint, of which much is parked.
func (t lab) backlog(e domain.EndpointID) {
	t.Helper()
	t.waits(e, greatBacklog, domain.DeliveryDue)
	t.waits(e, greatParked, domain.DeliveryParked)
}

// waits stores deliveries of one event to an endpoint.
func (t lab) waits(e domain.EndpointID, many int, state domain.DeliveryState) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO events (id, company_id, chat_id, seq, type, at, body) VALUES ('evt_many', 'acme', 'chat_1', 1, 'message.created', 1, ` + Bytes + `) ON CONFLICT DO NOTHING`,
		series(many, "deliveries (endpoint_id, event_id, chat_id, created_at, state)", fmt.Sprintf(`'%s', 'evt_many', 'chat_' || i %% 50, now_ms(), '%s'`, e, state)),
	} {
		t.must(t.insides().Execute(t.Context(), sql))
	}
}

// hidden checks that nothing waits for an endpoint, as far as anybody can find.
func (t lab) hidden(e domain.EndpointID) {
	t.Helper()
	probe, err := t.store.Probe(t.Context(), e)
	t.must(err)
	if got := append(t.claim(e, 10), probe...); len(got) > 0 {
		t.Errorf("claimed %+v", got)
	}
	t.works(domain.CallbackLane(e), false)
	lanes, err := t.store.DueLanes(t.Context())
	t.must(err)
	for _, l := range lanes {
		if l == domain.CallbackLane(e) {
			t.Errorf("the lanes %v are due", lanes)
		}
	}
	t.parked(0)
}
