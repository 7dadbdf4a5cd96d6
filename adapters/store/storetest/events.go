package storetest

import (
	"fmt"
	"slices"

	"recado/domain"
)

var eventRows = []row{
	{"an event goes to each endpoint of the company that wants its type", func(t lab) {
		r := t.apply(toPhone(1, wrote(peer, "out.1", "one")), toPhone(2, status("out.1", domain.Delivered)))
		t.same("events of crm", t.types(crm), []domain.EventType{domain.EventMessageCreated, domain.EventMessageStatus})
		t.same("events of ticks", t.types(ticks), []domain.EventType{domain.EventMessageStatus})
		if got := t.types(rival); got != nil {
			t.Errorf("another company heard %v", got)
		}
		h := t.heard(crm)[1]
		if h.Company != acme || h.Chat.ID != r[0].Chat.ID || h.Chat.Seq != 2 || h.Data["status"] != "delivered" {
			t.Errorf("heard %+v", h)
		}
	}},
	{"a receipt names the endpoints that have something to hear", func(t lab) {
		receipt := func(updates ...domain.Update) []domain.EndpointID {
			r, err := t.store.Apply(t.Context(), domain.Batch{Updates: updates})
			t.must(err)
			slices.Sort(r.Endpoints)
			return r.Endpoints
		}
		t.same("after a message", receipt(toPhone(1, wrote(peer, "out.1", "one"))), []domain.EndpointID{crm})
		t.same("after a status", receipt(toPhone(2, status("out.1", domain.Delivered))), []domain.EndpointID{crm, ticks})
		t.same("after a repeat", receipt(toPhone(2, status("out.1", domain.Delivered))), []domain.EndpointID(nil))
	}},
	{"the events of a chat are numbered without gaps, in their order", func(t lab) {
		for i := range 30 {
			p := domain.PeerID(fmt.Sprint(i % 3))
			id := domain.ProviderID(fmt.Sprint("in.", i))
			t.apply(toPhone(i, says(p, id, "one")), toPhone(i, domain.MessageEdited{ProviderID: id, ByPeer: true, Text: "two"}))
		}
		t.numbered(60)
	}},
	{"an event of a chat and the chat's counters are of one moment", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "one")), toPhone(2, says(peer, "in.2", "two")), toPhone(3, wrote(peer, "out.1", "three")))
		var got []int64
		for _, h := range t.heard(crm) {
			got = append(got, h.Chat.Unanswered)
		}
		t.same("unanswered", got, []int64{1, 2, 0, 0})
	}},
	{"an endpoint hears nothing of what was before it", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "one")))
		t.declare(domain.Registry{Endpoints: []domain.Endpoint{{ID: "late", Company: acme, URL: "https://late.example/", Secret: "whsec_late", Events: []string{"*"}}}})
		t.applyEach(toPhone(2, says(peer, "in.2", "two")))
		if got := t.heard("late"); len(got) != 1 || got[0].Chat.Seq != 2 {
			t.Errorf("heard %+v", got)
		}
	}},
}

// numbered checks that crm hears so many events, those of each chat numbered
// from one to the chat's Seq, in this order.
func (t lab) numbered(events int) {
	t.Helper()
	last := map[domain.ChatID]int64{}
	heard := t.heard(crm)
	for _, h := range heard {
		if h.Chat.ID == "" {
			continue
		}
		last[h.Chat.ID]++
		if h.Chat.Seq != last[h.Chat.ID] {
			t.Errorf("event %d of chat %s is numbered %d", last[h.Chat.ID], h.Chat.ID, h.Chat.Seq)
		}
	}
	for _, c := range t.chats() {
		if c.Seq != last[c.ID] {
			t.Errorf("chat of %s has seq %d after %d events", c.Peer, c.Seq, last[c.ID])
		}
	}
	if len(heard) != events {
		t.Errorf("%d events, want %d", len(heard), events)
	}
}
