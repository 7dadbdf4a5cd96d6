package storetest

import (
	"time"

	"recado/domain"
)

var classRows = []row{
	{"what an employee writes is due before a campaign, each the oldest first", func(t lab) {
		t.applyEach(asks(bulk(1, "a")), asks(bulk(2, "b")), asks(send(3, "c", "three")), asks(bulk(4, "d")), asks(send(5, "e", "five")))
		t.due(3, 5, 1, 2, 4)
		t.same("a limit of one of each class", t.dueUpTo(1), named([]int{3, 1}))
	}},
	{"a message knows its class and chat until it is sent", func(t lab) {
		t.applyEach(asks(bulk(1, peer)), asks(send(2, "b", "two")))
		list, err := t.store.Due(t.Context(), phone, 10)
		t.must(err)
		t.same("due", list, []domain.Waiting{
			{Message: msg(2), Chat: t.chat("b").ID, Class: domain.ClassLive},
			{Message: msg(1), Chat: t.chat(peer).ID, Class: domain.ClassBulk},
		})
		if c := t.message(msg(1)).Class; c != domain.ClassBulk {
			t.Errorf("stored in class %d", c)
		}
	}},
	{"a group is told from a person", func(t lab) {
		f := says(peer, "in.1", "one")
		f.IsGroup = true
		t.applyEach(toPhone(1, f), asks(send(1, peer, "one")))
		list, err := t.store.Due(t.Context(), phone, 10)
		t.must(err)
		if len(list) != 1 || !list[0].Group {
			t.Errorf("due %+v", list)
		}
	}},
	{"a message of a campaign before an employee's in its chat leaves as early as that one could", func(t lab) {
		t.applyEach(asks(bulk(1, "a")), asks(bulk(2, "b")), asks(send(3, "b", "three")), asks(bulk(4, "b")))
		t.due(2, 1)
		t.applyEach(ends(domain.SendBegun{Message: msg(2)}))
		t.due(1)
		t.applyEach(ends(accepted(2, "out.2")))
		t.due(3, 1)
	}},
	{"a message that is deferred is due when its time has come, and holds up its chat only", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "a", "two")), asks(bulk(3, "b")), asks(bulk(4, "c")))
		t.must(t.store.Defer(t.Context(), map[domain.MessageID]time.Duration{msg(1): time.Minute, msg(3): time.Hour}))
		t.due(4)
		t.pass(2 * time.Minute)
		t.due(1, 4)
		if m := t.message(msg(1)); m.Attempts != 0 || m.Status != domain.Queued {
			t.Errorf("deferred: %+v", m)
		}
	}},
	{"a lane whose messages are all deferred has no work until then", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(bulk(2, "b")))
		t.must(t.store.Defer(t.Context(), map[domain.MessageID]time.Duration{msg(1): time.Minute, msg(2): 3 * time.Minute}))
		t.works(domain.SendLane(phone), false)
		t.pass(2 * time.Minute)
		t.works(domain.SendLane(phone), true)
		t.gives(domain.Applied, ends(domain.SendBegun{Message: msg(1)}))
		t.applyEach(ends(accepted(1, "out.1")))
		t.works(domain.SendLane(phone), false)
		t.pass(2 * time.Minute)
		t.works(domain.SendLane(phone), true)
	}},
	{"a message that is being sent is not deferred", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), ends(domain.SendBegun{Message: msg(1)}))
		t.must(t.store.Defer(t.Context(), map[domain.MessageID]time.Duration{msg(1): time.Hour}))
		t.must(t.store.Defer(t.Context(), nil))
		if next := t.message(msg(1)).NextAt; next.After(t.message(msg(1)).At.Add(time.Minute)) {
			t.Errorf("due at %v", next)
		}
	}},
	{"a campaign waits a day for a suspended connection, an employee's message an hour", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(bulk(2, "b")), asks(send(3, "c", "three")))
		t.suspend(1)
		t.pass(61 * time.Minute)
		t.due(3)
		t.gives(domain.Applied, ends(domain.SendBegun{Message: msg(3)}))
		t.pass(22 * time.Hour)
		t.works(domain.SendLane(phone), false)
		t.pass(2 * time.Hour)
		t.works(domain.SendLane(phone), true)
		t.due(2)
		t.gives(domain.Applied, ends(domain.SendBegun{Message: msg(2)}))
		t.fails(2, domain.ReasonUnauthorized)
	}},
}

// bulk asks for a message of a campaign.
func bulk(n int, p domain.PeerID) domain.SendRequested {
	f := send(n, p, "news")
	f.Bulk = true
	return f
}
