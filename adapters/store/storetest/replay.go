package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"recado/domain"
)

var replayRows = []row{
	{"a replay sends the events once more, those of a chat in order, and is done", func(t lab) {
		t.sixDelivered()
		r := t.replays(domain.ReplayQuery{})
		if r.State != domain.ReplayRunning || r.Count != 6 {
			t.Errorf("it starts as %+v", r)
		}
		t.dueLanes(domain.ReplayLane(crm))
		t.same("events", t.drainReplay(), t.feedBodies())
		t.deliverAll(rival)
		t.same("its state", t.replay(r.ID), domain.Replay{ID: r.ID, Endpoint: crm, State: domain.ReplayDone, Count: 6, Delivered: 6, Created: r.Created, Ended: t.replay(r.ID).Ended})
		t.dueLanes()
	}},
	{"it selects by time, type and chat, of what the endpoint wants", func(t lab) {
		first := t.applyEach(toPhone(1, wrote(peer, "out.1", "one"))).Chat.ID
		since := t.tick()
		t.applyEach(toPhone(2, status("out.1", domain.Delivered)), toPhone(3, says("b", "in.1", "two")))
		until := t.tick()
		t.applyEach(toPhone(4, status("out.1", domain.Read)))
		t.deliverAll(crm)
		t.deliverAll(ticks)
		for _, tt := range []struct {
			of    domain.EndpointID
			query domain.ReplayQuery
			want  []string
		}{
			{crm, domain.ReplayQuery{Since: since}, []string{"message.status", "message.created", "message.status"}},
			{crm, domain.ReplayQuery{Since: since, Until: until}, []string{"message.status", "message.created"}},
			{crm, domain.ReplayQuery{Types: []domain.EventType{domain.EventMessageStatus, domain.EventChatMerged}}, []string{"message.status", "message.status"}},
			{crm, domain.ReplayQuery{Chat: first, Until: until}, []string{"message.created", "message.status"}},
			{ticks, domain.ReplayQuery{}, []string{"message.status", "message.status"}},
			{ticks, domain.ReplayQuery{Types: []domain.EventType{domain.EventMessageCreated}}, nil},
		} {
			t.settle()
			r, _, err := t.store.StartReplay(t.Context(), acme, tt.of, tt.query)
			t.must(err)
			var types []string
			for _, body := range t.drainReplayOf(tt.of) {
				types = append(types, typeOf(body))
			}
			t.same(fmt.Sprintf("events of %+v", tt.query), types, tt.want)
			if r.Count != int64(len(tt.want)) {
				t.Errorf("%+v is told to be %d events, not %d", tt.query, r.Count, len(tt.want))
			}
		}
	}},
	{"more events than are queued at once are each sent once", func(t lab) {
		var batch []domain.Update
		for i := range 3*domain.ReplayAhead + 10 {
			batch = append(batch, toPhone(i, says(domain.PeerID(fmt.Sprint("peer-", i%7)), domain.ProviderID(fmt.Sprint("in.", i)), "hello")))
		}
		t.apply(batch...)
		t.deliverAll(crm)
		t.replays(domain.ReplayQuery{})
		got := t.drainReplay()
		slices.Sort(got)
		want := t.feedBodies()
		slices.Sort(want)
		t.same("events", got, want)
	}},
	{"to ask again while it runs starts nothing; another one is refused", func(t lab) {
		t.sixDelivered()
		q := domain.ReplayQuery{Types: []domain.EventType{domain.EventMessageCreated}}
		first := t.replays(q)
		again, started, err := t.store.StartReplay(t.Context(), acme, crm, q)
		t.must(err)
		if started {
			t.Error("it was started twice")
		}
		t.same("the one that runs", again, first)
		if _, _, err := t.store.StartReplay(t.Context(), acme, crm, domain.ReplayQuery{}); !errors.Is(err, domain.ErrReplayRuns) {
			t.Errorf("another one: %v", err)
		}
		t.drainReplay()
		if second := t.replays(q); second.ID == first.ID {
			t.Error("one that is done runs again")
		}
	}},
	{"it can be stopped", func(t lab) {
		t.sixDelivered()
		r := t.replays(domain.ReplayQuery{})
		inFlight := t.dueReplayed(1)
		stopped, err := t.store.StopReplay(t.Context(), acme, crm, r.ID)
		t.must(err)
		if stopped.State != domain.ReplayStopped || stopped.Ended.IsZero() {
			t.Errorf("it is %+v", stopped)
		}
		t.recordReplayed(domain.Try{Delivery: inFlight[0], OK: true})
		if due := t.dueReplayed(10); len(due) > 0 {
			t.Errorf("%d events are still due", len(due))
		}
		t.same("afterwards", t.replay(r.ID), stopped)
		t.dueLanes()
	}},
	{"nobody sees or starts a replay of another company", func(t lab) {
		r := t.replays(domain.ReplayQuery{})
		_, _, started := t.store.StartReplay(t.Context(), globex, crm, domain.ReplayQuery{})
		_, listed := t.store.Replays(t.Context(), globex, crm)
		_, read := t.store.Replay(t.Context(), globex, crm, r.ID)
		_, stopped := t.store.StopReplay(t.Context(), globex, crm, r.ID)
		_, elsewhere := t.store.Replay(t.Context(), acme, ticks, r.ID)
		for i, err := range []error{started, listed, read, stopped, elsewhere} {
			if !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("call %d: %v", i, err)
			}
		}
	}},
	{"a chat with new events waits until they are delivered", func(t lab) {
		t.applyEach(toPhone(1, says("a", "in.1", "one")), toPhone(2, says("b", "in.2", "two")))
		t.deliverAll(crm)
		t.replays(domain.ReplayQuery{})
		t.applyEach(toPhone(3, says("a", "in.3", "new")))
		if due := t.dueReplayed(10); len(due) != 1 || due[0].Event == "" {
			t.Fatalf("%d events are due, want that of the other chat", len(due))
		}
		t.recordReplayed(domain.Try{Delivery: t.dueReplayed(10)[0], OK: true})
		t.dueLanes(domain.CallbackLane(crm))
		t.deliverAll(crm)
		t.dueLanes(domain.ReplayLane(crm))
		if got := t.drainReplay(); len(got) != 1 {
			t.Errorf("%d events followed", len(got))
		}
	}},
	{"an event that fails holds up its chat, and is given up when the endpoint takes others", func(t lab) {
		for i := range 8 {
			t.applyEach(toPhone(i, says(domain.PeerID(fmt.Sprint("other-", i)), domain.ProviderID(fmt.Sprint("in.", i)), "hello")))
		}
		t.applyEach(toPhone(10, says("a", "in.10", "bad")), toPhone(11, says("a", "in.11", "good")))
		t.deliverAll(crm)
		r := t.replays(domain.ReplayQuery{})
		chat := t.chat("a").ID
		for try := range domain.ParkAfterRefusals + 1 {
			due := t.dueReplayed(100)
			bad := slices.IndexFunc(due, func(d domain.Delivery) bool { return d.Chat == chat })
			t.recordReplayed(domain.Try{Delivery: due[bad], Error: "HTTP 400"})
			for _, d := range t.dueReplayed(100) {
				if d.Chat == chat && try < domain.ParkAfterRefusals {
					t.Fatalf("event %s passes the one before it", d.Event)
				}
			}
			t.pass(2 * time.Second)
			other := slices.IndexFunc(due, func(d domain.Delivery) bool { return d.Chat != chat })
			t.recordReplayed(domain.Try{Delivery: due[other], OK: true})
			t.pass(time.Minute)
		}
		t.drainReplay()
		done := t.replay(r.ID)
		if done.State != domain.ReplayDone || done.Delivered != 9 || done.Failed != 1 || done.LastError != "HTTP 400" {
			t.Errorf("it is %+v", done)
		}
	}},
	{"its failures leave the endpoint alone, and 410 stops it", func(t lab) {
		t.sixDelivered()
		before := t.endpointState(crm)
		r := t.replays(domain.ReplayQuery{})
		due := t.dueReplayed(10)
		e, _ := t.recordReplayed(domain.Try{Delivery: due[0], Error: "HTTP 502"})
		if e.FailingSince.IsZero() || e.AtOnce != domain.ReplaysAtOnce {
			t.Errorf("health of the replay %+v", e.EndpointHealth)
		}
		t.recordReplayed(domain.Try{Delivery: due[0], Gone: true, Error: "HTTP 410"})
		if got := t.replay(r.ID); got.State != domain.ReplayStopped || got.LastError != "HTTP 410" {
			t.Errorf("it is %+v", got)
		}
		before.AttemptsLogged += 2
		t.same("the endpoint", t.endpointState(crm), before)
		given := t.log(domain.DeliveryQuery{State: domain.DeliveryGivenUp, Limit: 10}).Deliveries
		if len(given) != 1 {
			t.Fatalf("the log shows %+v", given)
		}
		if _, attempts := t.delivery(given[0]); len(attempts) != 2 || attempts[1].Error != "HTTP 410" {
			t.Errorf("the log shows %+v with %+v", given, attempts)
		}
	}},
	{"the log shows its deliveries beside those of before, with their attempts", func(t lab) {
		before := len(t.six())
		t.deliverAll(crm)
		r := t.replays(domain.ReplayQuery{})
		due := t.dueReplayed(10)
		t.recordReplayed(domain.Try{Delivery: due[0], Status: 500, Error: "HTTP 500", Answer: "no", Took: 3 * time.Second}, domain.Try{Delivery: due[1], Skipped: true})
		log := t.log(domain.DeliveryQuery{State: domain.DeliveryReplaying, Limit: 100}).Deliveries
		if len(log) != before {
			t.Fatalf("the log shows %d deliveries of %d", len(log), before)
		}
		for i, d := range log {
			want := due[before-1-i]
			if d.Replay != r.ID || d.Event != want.Event || d.Chat != want.Chat || d.Type != want.Type || !d.DoneAt.IsZero() {
				t.Errorf("it shows %+v, want one of %+v", d, want)
			}
		}
		failed, attempts := t.delivery(log[before-1])
		if failed.Attempts != 1 || failed.LastError != "HTTP 500" || failed.Status != 500 || failed.Took != 3*time.Second || len(attempts) != 1 {
			t.Fatalf("one that failed: %+v, %+v", failed, attempts)
		}
		t.same("its attempt", attempts[0], domain.Attempt{
			Delivery: failed.ID, Endpoint: crm, Number: 1, At: attempts[0].At, Took: 3 * time.Second, Status: 500, Error: "HTTP 500", Answer: "no", NextAt: attempts[0].NextAt,
		})
		t.must(t.store.RetryDelivery(t.Context(), acme, failed.ID))
		t.pass(2 * time.Second) // the pause of the replay
		t.drainReplay()
		all := t.log(domain.DeliveryQuery{State: domain.DeliveryDelivered, Limit: 100}).Deliveries
		if len(all) != 2*before || all[0].Replay != r.ID || all[0].DoneAt.IsZero() || all[2*before-1].Replay != "" {
			t.Errorf("in the end it shows %+v", all)
		}
		t.record(domain.Try{Delivery: t.another(), Error: "HTTP 502"})
		newest := t.log(domain.DeliveryQuery{State: domain.DeliveryDue, Limit: 1}).Deliveries[0]
		if _, attempts := t.delivery(newest); len(attempts) != 1 || attempts[0].Number != 2 {
			t.Errorf("a new event goes on with attempt %+v", attempts)
		}
	}},
	{"what it gives up can be retried", func(t lab) {
		t.sixDelivered()
		r := t.replays(domain.ReplayQuery{})
		t.recordReplayed(domain.Try{Delivery: t.dueReplayed(1)[0], Error: "HTTP 500"})
		_, err := t.store.StopReplay(t.Context(), acme, crm, r.ID)
		t.must(err)
		given := t.log(domain.DeliveryQuery{State: domain.DeliveryGivenUp, Limit: 100}).Deliveries
		if len(given) != 1 || given[0].LastError != "HTTP 500" || given[0].DoneAt.IsZero() {
			t.Fatalf("given up: %+v", given)
		}
		if left := t.log(domain.DeliveryQuery{State: domain.DeliveryReplaying, Limit: 100}).Deliveries; len(left) > 0 {
			t.Errorf("what was not tried yet is still there: %+v", left)
		}
		t.must(t.store.RetryDelivery(t.Context(), acme, given[0].ID))
		if due := t.claim(crm, 10); len(due) != 1 || due[0].ID != given[0].ID || due[0].Attempts != 0 {
			t.Errorf("due is %+v", due)
		}
	}},
	{"the replay of a paused endpoint waits", func(t lab) {
		due := t.six()
		t.replays(domain.ReplayQuery{})
		t.pause(due[0])
		t.dueLanes(domain.CallbackLane(ticks))
		e, err := t.store.ReplayEndpoint(t.Context(), crm)
		t.must(err)
		if e.Status != domain.EndpointDisabled {
			t.Errorf("the endpoint is %s for the replay", e.Status)
		}
	}},
	{"of workers that start the same replay at the same moment one does", func(t lab) {
		t.sixDelivered()
		ids := make([]domain.ReplayID, 4)
		together(len(ids), func(i int) {
			r, _, err := t.worker(i).StartReplay(t.Context(), acme, crm, domain.ReplayQuery{})
			if err != nil {
				t.Error(err)
			}
			ids[i] = r.ID
		})
		if slices.Sort(ids); ids[0] != ids[len(ids)-1] {
			t.Errorf("replays %v", ids)
		}
	}},
	{"events and endpoints that are gone end a replay", func(t lab) {
		t.sixDelivered()
		t.replays(domain.ReplayQuery{})
		t.dueReplayed(1) // they are queued
		r := everything()
		r.Complete, r.Endpoints = true, r.Endpoints[1:]
		t.declare(r)
		t.dueLanes(domain.CallbackLane(ticks)) // which is told of the end
	}},
}

// sixDelivered is six events that crm has taken.
func (t lab) sixDelivered() {
	t.Helper()
	t.six()
	t.deliverAll(crm)
}

// another is a new event for crm.
func (t lab) another() domain.Delivery {
	t.Helper()
	t.applyEach(toPhone(20, says("a", "in.20", "another")))
	return t.claim(crm, 1)[0]
}

// deliverAll delivers what is due to an endpoint.
func (t lab) deliverAll(e domain.EndpointID) {
	t.Helper()
	for due := t.claim(e, 1000); len(due) > 0; due = t.claim(e, 1000) {
		var tries []domain.Try
		for _, d := range due {
			tries = append(tries, domain.Try{Delivery: d, OK: true})
		}
		_, _, err := t.store.Record(t.Context(), e, tries)
		t.must(err)
	}
}

// tick waits until the store's clock moves, and returns it.
func (t lab) tick() time.Time {
	t.Helper()
	first, err := t.store.FeedEnd(t.Context())
	t.must(err)
	for {
		end, err := t.store.FeedEnd(t.Context())
		t.must(err)
		if end.Time.Sub(first.Time) >= 2*time.Millisecond {
			return end.Time.Add(-time.Millisecond)
		}
	}
}

// replays starts a replay to crm.
func (t lab) replays(q domain.ReplayQuery) domain.Replay {
	t.Helper()
	t.settle()
	t.deliverAll(rival) // which heard of that
	r, started, err := t.store.StartReplay(t.Context(), acme, crm, q)
	t.must(err)
	if !started {
		t.Fatalf("%+v runs already", r)
	}
	return r
}

func (t lab) replay(id domain.ReplayID) domain.Replay {
	t.Helper()
	r, err := t.store.Replay(t.Context(), acme, crm, id)
	t.must(err)
	return r
}

func (t lab) endpointState(e domain.EndpointID) domain.EndpointState {
	t.Helper()
	s, err := t.store.EndpointState(t.Context(), acme, e)
	t.must(err)
	return s
}

func (t lab) dueReplayed(limit int) []domain.Delivery {
	t.Helper()
	due, err := t.store.DueReplayed(t.Context(), crm, nil, limit)
	t.must(err)
	return due
}

func (t lab) recordReplayed(tries ...domain.Try) (domain.Endpoint, []domain.Delivery) {
	t.Helper()
	e, after, err := t.store.RecordReplayed(t.Context(), crm, tries)
	t.must(err)
	return e, after
}

// drainReplay delivers all that is due of the replay of crm, and returns the events.
func (t lab) drainReplay() []string {
	t.Helper()
	return t.drainReplayOf(crm)
}

func (t lab) drainReplayOf(e domain.EndpointID) (bodies []string) {
	t.Helper()
	for {
		due, err := t.store.DueReplayed(t.Context(), e, nil, 100)
		t.must(err)
		if len(due) == 0 {
			return bodies
		}
		var tries []domain.Try
		for _, d := range due {
			bodies = append(bodies, string(d.Body))
			tries = append(tries, domain.Try{Delivery: d, OK: true})
		}
		_, _, err = t.store.RecordReplayed(t.Context(), e, tries)
		t.must(err)
	}
}

// feedBodies are all events of acme.
func (t lab) feedBodies() (bodies []string) {
	t.Helper()
	for _, e := range t.feed(domain.FeedPlace{}, 10_000).Events {
		bodies = append(bodies, string(e.Body))
	}
	return bodies
}

func typeOf(body string) string {
	var e struct{ Type string }
	_ = json.Unmarshal([]byte(body), &e) // then it is of no type
	return e.Type
}
