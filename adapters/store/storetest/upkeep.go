package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"recado/domain"
)

const day = 24 * time.Hour

var upkeepRows = []row{
	{"lanes with work and no living owner are due", func(t lab) {
		t.dueLanes()
		t.must(t.store.Append(t.Context(), []domain.Webhook{webhook("{}"), webhook("{}")}))
		t.applyEach(asks(send(1, peer, "one")))
		t.dueLanes(domain.CallbackLane(crm), domain.InboxLaneOf(meta), domain.SendLane(phone))
		a := t.join()
		t.takes(true, domain.SendLane(phone), a)
		t.takes(true, domain.CallbackLane(crm), a)
		t.dueLanes(domain.InboxLaneOf(meta))
		t.must(t.store.Release(t.Context(), domain.SendLane(phone), a))
		t.dueLanes(domain.InboxLaneOf(meta), domain.SendLane(phone))
		t.must(t.store.Leave(t.Context(), a))
		t.dueLanes(domain.CallbackLane(crm), domain.InboxLaneOf(meta), domain.SendLane(phone))
	}},
	{"the lanes of the dead are due", func(t lab) {
		t.applyEach(asks(send(1, peer, "one")), ends(domain.SendBegun{Message: msg(1)}))
		a := t.join()
		t.takes(true, domain.SendLane(phone), a)
		t.takes(true, domain.CallbackLane(crm), a)
		t.dueLanes()
		t.pass(3 * time.Second)
		t.dueLanes(domain.CallbackLane(crm), domain.SendLane(phone))
	}},
	{"a paused endpoint is due for its probe, a disabled one never", func(t lab) {
		due := t.six()
		t.pause(due[0])
		t.dueLanes(domain.CallbackLane(ticks))
		t.pass(5 * time.Second)
		t.dueLanes(domain.CallbackLane(crm), domain.CallbackLane(ticks))
		t.record(domain.Try{Delivery: due[0], Gone: true})
		t.pass(6 * time.Minute)
		t.dueLanes(domain.CallbackLane(ticks))
	}},
	{"the wait for evidence ends after ten minutes", func(t lab) {
		t.applyEach(asks(send(1, peer, "one")), ends(domain.SendBegun{Message: msg(1)}), ends(unknown(1)))
		t.sweeps(0)
		t.pass(9 * time.Minute)
		t.sweeps(0)
		t.pass(2 * time.Minute)
		t.sweeps(1)
		if m := t.message(msg(1)); m.Status != domain.Failed || m.Failure.Reason != domain.ReasonOutcomeUnknown {
			t.Errorf("message %+v", m)
		}
		t.sweeps(0)
		t.gives(domain.Applied, toPhone(1, domain.StatusReported{ProviderID: "out.1", Message: msg(1), Status: domain.Delivered}))
		if m := t.message(msg(1)); m.Status != domain.Delivered || m.Failure != nil {
			t.Errorf("message %+v, want its failure lifted", m)
		}
	}},
	{"orphans go after a day", func(t lab) {
		u := toPhone(2, status("out.1", domain.Read))
		u.Received = time.Now()
		t.gives(domain.Orphan, u)
		t.trim()
		t.gives(domain.Repeated, u)
		t.pass(25 * time.Hour)
		t.trim()
		t.applyEach(toPhone(1, wrote(peer, "out.1", "one")))
		if m := t.messages(t.chat(peer).ID)[0]; m.Status != domain.Sent {
			t.Errorf("message %+v", m)
		}
	}},
	{"a client_ref is forgotten after seven days, its message is not", func(t lab) {
		f := send(1, peer, "ours")
		f.ClientRef = "ref-1"
		t.applyEach(asks(f))
		f.ID = msg(2)
		t.pass(6 * day)
		t.trim()
		t.gives(domain.Repeated, asks(f))
		t.pass(2 * day)
		t.trim()
		t.gives(domain.Applied, asks(f))
		t.message(msg(1))
	}},
	{"what was parked expires after seven days", func(t lab) {
		t.park("{}")
		t.pass(6 * day)
		t.trim()
		t.parked(1)
		t.pass(2 * day)
		t.trim()
		t.parked(0)
	}},
	{"events that nobody took for seven days expire, and the company hears how many", func(t lab) {
		t.six()
		t.pass(8 * day)
		t.trim()
		h := t.heard(crm)
		if len(h) != 1 || h[0].Type != domain.EventEndpointStatus || h[0].Data["expired"] != 6.0 || h[0].Data["endpoint_id"] != "crm" {
			t.Errorf("heard %+v", h)
		}
		t.same("of the other endpoint", t.types(ticks), []domain.EventType{domain.EventEndpointStatus})
		t.trim()
		if got := t.heard(crm); len(got) != 1 {
			t.Errorf("heard %+v", got)
		}
	}},
	{"workers that trim at the same moment tell once of what expires", func(t lab) {
		t.six()
		t.pass(8 * day)
		together(8, func(i int) {
			if _, err := t.worker(i).Trim(t.Context()); err != nil {
				t.Error(err)
			}
		})
		if h := t.heard(crm); len(h) != 1 || h[0].Data["expired"] != 6.0 {
			t.Errorf("heard %+v", h)
		}
	}},
	{"deliveries and events go after thirty days, chats and messages stay", func(t lab) {
		f := says(peer, "in.1", "one")
		f.Contact.Name = "Ana"
		t.applyEach(toPhone(1, f))
		t.pass(8 * day)
		t.trim()
		if got := t.stored("message.created"); got == 0 {
			t.Error("the event went before its time")
		}
		t.pass(31 * day)
		t.trim()
		if got := t.stored("message.created"); got != 0 {
			t.Errorf("the event is stored %d times", got)
		}
		t.same("messages", t.texts(t.chat(peer).ID), []string{"one"})
	}},
	{"trimming is done when there is no more", func(t lab) {
		var updates []domain.Update
		for i := range 1500 { // more than a step takes
			updates = append(updates, toPhone(i, says(peer, domain.ProviderID(fmt.Sprint("in.", i)), "hello")))
		}
		t.apply(updates...)
		t.pass(8 * day)
		for more := true; more; {
			var err error
			more, err = t.store.Trim(t.Context())
			t.must(err)
		}
		for _, h := range t.heard(crm) {
			if h.Type != domain.EventEndpointStatus {
				t.Fatalf("%s of eight days ago waits still", h.Type)
			}
		}
	}},
	{"gauges count the endpoints by their status", func(t lab) {
		t.pause(t.six()[0])
		g, err := t.store.Gauges(t.Context())
		t.must(err)
		t.same("endpoints", g.Endpoints, map[domain.EndpointStatus]int64{domain.EndpointOK: 2, domain.EndpointPaused: 1})
	}},
	{"gauges count what waits, and for how long", func(t lab) {
		t.gauged(map[domain.LaneKind]int64{}, map[domain.LaneKind]int64{})
		t.must(t.store.Append(t.Context(), []domain.Webhook{webhook("{}"), webhook("{}")}))
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "b", "two")), asks(send(3, "c", "three")),
			ends(domain.SendBegun{Message: msg(1)}), ends(unknown(1)))
		t.park("{}")
		t.gauged(map[domain.LaneKind]int64{"inbox": 2, "send": 2, "callback": 3}, map[domain.LaneKind]int64{"inbox": 1})
		t.pass(time.Minute)
		g, err := t.store.Gauges(t.Context())
		t.must(err)
		for _, lane := range []domain.LaneKind{domain.LaneSend, domain.LaneCallback} {
			if g.Oldest[lane] < time.Minute || g.Oldest[lane] > 2*time.Minute {
				t.Errorf("the oldest of %s waits for %s", lane, g.Oldest[lane])
			}
		}
		if g.Oldest[domain.LaneInbox] < time.Hour { // since the day of the webhooks
			t.Errorf("the oldest of the inbox waits for %s", g.Oldest[domain.LaneInbox])
		}
	}},
}

// dueLanes checks which lanes are due.
func (t lab) dueLanes(want ...domain.Lane) {
	t.Helper()
	got, err := t.store.DueLanes(t.Context())
	t.must(err)
	slices.Sort(got)
	t.same("lanes", got, want)
	needs, err := t.store.SweepNeeds(t.Context(), domain.OrphanPlace{})
	t.must(err)
	t.same("the sweep looks for lanes", needs.Lanes, len(want) > 0)
}

// sweeps applies what is due by time, and checks how much it was.
func (t lab) sweeps(want int) {
	t.Helper()
	due := t.deadlines()
	if len(due) != want {
		t.Errorf("%d updates are due, want %d: %+v", len(due), want, due)
	}
	t.applyEach(due...)
}

// deadlines lists all that is due by time.
func (t lab) deadlines() []domain.Update {
	t.Helper()
	due, err := deadlines(t.Context(), t.store)
	t.must(err)
	return due
}

func deadlines(ctx context.Context, s domain.Store) ([]domain.Update, error) {
	evidence, err := s.OverdueEvidence(ctx, 1000)
	if err != nil {
		return nil, err
	}
	prices, err := s.OverduePrices(ctx, 1000)
	if err != nil {
		return nil, err
	}
	orphans, _, err := s.JoinableOrphans(ctx, domain.OrphanPlace{}, 1000)
	if err != nil {
		return nil, err
	}
	needs, err := s.SweepNeeds(ctx, domain.OrphanPlace{})
	if needs.Evidence != (len(evidence) > 0) || needs.Prices != (len(prices) > 0) || len(orphans) > 0 && !needs.Orphans {
		err = errors.Join(err, fmt.Errorf("the sweep needs %+v, and %d, %d, %d are due", needs, len(evidence), len(prices), len(orphans)))
	}
	return slices.Concat(evidence, orphans, prices), err
}

func (t lab) trim() {
	t.Helper()
	if more, err := t.store.Trim(t.Context()); err != nil || more {
		t.Errorf("trimming gave more: %v, %v", more, err)
	}
}

// trimAll trims until nothing is left to trim.
func (t lab) trimAll() {
	t.Helper()
	for more := true; more; {
		var err error
		more, err = t.store.Trim(t.Context())
		t.must(err)
	}
}

// gauged checks what waits and what is parked; kinds of lanes that are not
// named have nothing.
func (t lab) gauged(waiting, parked map[domain.LaneKind]int64) {
	t.Helper()
	g, err := t.store.Gauges(t.Context())
	t.must(err)
	for _, row := range domain.Lanes {
		lane := row.Kind
		if g.Backlog[lane] != waiting[lane] || g.Parked[lane] != parked[lane] {
			t.Errorf("in %s wait %d and are parked %d, want %d and %d", lane, g.Backlog[lane], g.Parked[lane], waiting[lane], parked[lane])
		}
		if waiting[lane] == 0 && g.Oldest[lane] != 0 {
			t.Errorf("nothing waits in %s, for %s", lane, g.Oldest[lane])
		}
	}
}
