package storetest

import (
	"errors"
	"time"

	"recado/domain"
)

var connectionRows = []row{
	{"a connection that the messenger shuts out is suspended, and sends nothing", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "b", "two")))
		t.suspend(1)
		c := t.connection(phone)
		if c.Status != domain.ConnectionSuspended || c.Cause == nil || c.Cause.Reason != domain.ReasonUnauthorized || c.Cause.Cause.Code != "131026" {
			t.Errorf("connection %+v", c)
		}
		t.due()
		t.works(domain.SendLane(phone), false)
		t.applyEach(asks(send(3, "c", "three")))
		t.due()
		t.gives(domain.Repeated, ends(domain.SendBegun{Message: msg(2)}))
		t.same("events", t.statuses(), []string{"suspended"})
		t.works(domain.SendLane(bot), false)
	}},
	{"it is told once, however many answers say so", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "b", "two")), ends(domain.SendBegun{Message: msg(1)}), ends(domain.SendBegun{Message: msg(2)}))
		t.applyEach(ends(shutOut(1)), ends(shutOut(2)))
		t.same("events", t.statuses(), []string{"suspended"})
	}},
	{"a company resumes its connection, and what waits goes on", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "b", "two")))
		t.suspend(1)
		if _, err := t.store.Resume(t.Context(), globex, phone); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("another company resumed it: %v", err)
		}
		for range 2 {
			c, err := t.store.Resume(t.Context(), acme, phone)
			t.must(err)
			if c.Status != domain.ConnectionOK || c.Cause != nil || c.Settings != nil {
				t.Errorf("resumed %+v", c)
			}
		}
		t.due(2)
		t.gives(domain.Applied, ends(domain.SendBegun{Message: msg(2)}))
		t.same("events", t.statuses(), []string{"suspended", "ok"})
	}},
	{"declaring it resumes it", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "b", "two")))
		t.suspend(1)
		t.same("lines", t.declare(everything()), []string{`~ connection wa-1: status "suspended" → "ok"`})
		t.due(2)
		t.same("events", t.statuses(), []string{"suspended", "ok"})
		t.same("lines of the same again", t.declare(everything()), []string(nil))
	}},
	{"what waits for a suspended connection ends after an hour, for its cause", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "b", "two")))
		t.suspend(1)
		t.pass(59 * time.Minute)
		t.works(domain.SendLane(phone), false)
		t.pass(2 * time.Minute)
		t.works(domain.SendLane(phone), true)
		t.due(2)
		t.checkStored(t.gives(domain.Applied, ends(domain.SendBegun{Message: msg(2)})))
		t.fails(2, domain.ReasonUnauthorized)
	}},
	{"a connection whose account is not linked sends nothing, and goes on by itself", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), toPhone(1, linkDown))
		if c := t.connection(phone); c.Status != domain.ConnectionDisconnected || c.Cause == nil || c.Cause.Cause.Code != "131026" {
			t.Errorf("connection %+v", c)
		}
		t.due()
		t.works(domain.SendLane(phone), false)
		t.gives(domain.Late, toPhone(0, domain.ConnectionReported{}))
		t.gives(domain.Repeated, toPhone(1, linkDown))
		t.must(t.store.NotifyUnpaid(t.Context()))
		t.gives(domain.Applied, toPhone(2, domain.ConnectionReported{}))
		if c := t.connection(phone); c.Status != domain.ConnectionOK || c.Cause != nil {
			t.Errorf("connection %+v", c)
		}
		t.due(1)
		t.same("events", t.statuses(), []string{"disconnected", "ok"})
	}},
	{"a company resumes a disconnected connection, too", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), toPhone(1, linkDown))
		c, err := t.store.Resume(t.Context(), acme, phone)
		t.must(err)
		if c.Status != domain.ConnectionOK || c.Cause != nil {
			t.Errorf("resumed %+v", c)
		}
		t.due(1)
	}},
	{"a connection that is too fast waits, another does not", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "b", "two")), ends(domain.SendBegun{Message: msg(1)}))
		t.applyEach(ends(tooFast(1, domain.ReasonThrottled)))
		t.due()
		t.works(domain.SendLane(phone), false)
		t.applyEach(toBot(1, says("7", "in.1", "hello")))
		t.pass(2 * time.Minute)
		t.due(1, 2)
		t.works(domain.SendLane(phone), true)
	}},
	{"a chat that is too fast waits, its neighbour does not", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "b", "two")), asks(send(3, "a", "three")), ends(domain.SendBegun{Message: msg(1)}))
		t.applyEach(ends(tooFast(1, domain.ReasonPairThrottled)))
		t.due(2)
	}},
	{"a subscription that ends, and is paid again, is told once each", func(t lab) {
		t.must(t.store.NotifyUnpaid(t.Context()))
		t.same("events", t.statuses(), []string(nil))
		r := everything()
		r.Subscriptions[0].PaidUntil = "2020-01-01"
		t.declare(r)
		together(5, func(int) {
			if err := t.store.NotifyUnpaid(t.Context()); err != nil {
				t.Error(err)
			}
		})
		t.same("events", t.statuses(), []string{"unpaid"})
		if c := t.connection(phone); c.Status != domain.ConnectionUnpaid {
			t.Errorf("connection %+v", c)
		}
		t.declare(everything())
		t.must(t.store.NotifyUnpaid(t.Context()))
		t.same("events", t.statuses(), []string{"unpaid", "ok"})
	}},
	{"connections are listed to their company, without secrets", func(t lab) {
		list, err := t.store.Connections(t.Context(), acme)
		t.must(err)
		var ids []domain.ConnectionID
		for _, c := range list {
			ids = append(ids, c.ID)
			if c.Settings != nil || c.Company != acme || c.Status != domain.ConnectionOK {
				t.Errorf("listed %+v", c)
			}
		}
		t.same("connections", ids, []domain.ConnectionID{bot, phone, cloud})
	}},
}

// linkDown reports that the account is not linked.
var linkDown = domain.ConnectionReported{Link: domain.Link{Down: failure(domain.ReasonDisconnected)}}

// suspend lets the messenger refuse message n, and us with it.
func (t lab) suspend(n int) {
	t.Helper()
	t.applyEach(ends(domain.SendBegun{Message: msg(n)}))
	t.checkStored(t.gives(domain.Applied, ends(shutOut(n))))
}

func shutOut(n int) domain.SendEnded {
	return domain.SendEnded{Message: msg(n), Result: domain.SendResult{Fate: domain.FateRefused, Failure: failure(domain.ReasonUnauthorized)}}
}

// tooFast is an answer that wants us to wait for a minute.
func tooFast(n int, r domain.Reason) domain.SendEnded {
	return domain.SendEnded{Message: msg(n), Result: domain.SendResult{Fate: domain.FateRefused, Failure: failure(r), RetryAfter: time.Minute}}
}

func (t lab) connection(id domain.ConnectionID) domain.Connection {
	t.Helper()
	c, err := t.store.Connection(t.Context(), id)
	t.must(err)
	return c
}

// statuses lists what crm was told of connections.
func (t lab) statuses() (list []string) {
	t.Helper()
	for _, h := range t.heard(crm) {
		if h.Type == domain.EventConnectionStatus {
			list = append(list, h.Data["status"].(string))
		}
	}
	return list
}
