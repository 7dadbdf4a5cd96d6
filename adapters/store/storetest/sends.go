package storetest

import (
	"fmt"
	"time"

	"recado/domain"
)

var sendRows = []row{
	{"messages are due in the order in which they were accepted, one of a chat", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "b", "two")), asks(send(3, "a", "three")), asks(send(4, "c", "four")))
		t.due(1, 2, 4)
		t.same("a limit of two", t.dueUpTo(2), []domain.MessageID{msg(1), msg(2)})
		other, err := t.store.Due(t.Context(), bot, 10)
		t.must(err)
		if len(other) != 0 {
			t.Errorf("another connection sends %v", other)
		}
	}},
	{"messages of a chat are due one after another", func(t lab) {
		for i := range 3 {
			t.applyEach(asks(send(3-i, peer, "one"))) // their ids do not tell the order
		}
		for i := range 3 {
			t.due(3 - i)
			t.applyEach(ends(domain.SendBegun{Message: msg(3 - i)}))
			t.due()
			t.applyEach(ends(accepted(3-i, domain.ProviderID(fmt.Sprint("out.", i)))))
		}
		t.due()
	}},
	{"a message that waits for another try holds up its chat only", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "a", "two")), asks(send(3, "b", "three")), ends(domain.SendBegun{Message: msg(1)}), ends(busy(1)))
		t.due(3)
	}},
	{"a message is due again when its time has come", func(t lab) {
		t.applyEach(asks(send(1, peer, "one")), asks(send(2, peer, "two")), ends(domain.SendBegun{Message: msg(1)}), ends(busy(1)))
		t.gives(domain.Repeated, ends(domain.SendBegun{Message: msg(1)}))
		t.pass(t.message(msg(1)).NextAt.Sub(t.message(msg(1)).At))
		t.due(1)
		if r := t.gives(domain.Applied, ends(domain.SendBegun{Message: msg(1)})); r.Message.Attempts != 2 {
			t.Errorf("attempt %d, want 2", r.Message.Attempts)
		}
	}},
	{"a message without an answer is not due, and holds up nobody", func(t lab) {
		t.applyEach(asks(send(1, peer, "one")), asks(send(2, peer, "two")), ends(domain.SendBegun{Message: msg(1)}), ends(unknown(1)))
		t.due(2)
	}},
	{"what the messenger took waits for its report, and holds up nobody", func(t lab) {
		taken := pending(1, "out.1")
		t.applyEach(asks(send(1, peer, "one")), asks(send(2, peer, "two")), ends(domain.SendBegun{Message: msg(1)}))
		t.checkStored(t.gives(domain.Applied, ends(taken)))
		t.due(2)
		t.pass(2 * time.Hour)
		t.gives(domain.Repeated, ends(domain.SendBegun{Message: msg(1)}))
		if m := t.message(msg(1)); m.Status != domain.Queued || m.TakenAt.IsZero() || m.Open() {
			t.Errorf("message %+v", m)
		}
		t.gives(domain.Repeated, ends(taken))
		t.checkStored(t.gives(domain.Applied, toPhone(9, domain.StatusReported{ProviderID: "out.1", Status: domain.Sent})))
		if m := t.message(msg(1)); m.Status != domain.Sent {
			t.Errorf("the message is %s", m.Status)
		}
	}},
	{"a message that the messenger recognises is due again without an answer, under one name", func(t lab) {
		begins := domain.SendBegun{Message: msg(1), Name: "ours.1"}
		t.applyEach(asks(send(1, peer, "one")))
		t.checkStored(t.gives(domain.Applied, ends(begins)))
		t.abandoned(1)
		first := t.gives(domain.Applied, ends(unknown(1)))
		t.checkStored(first)
		t.abandoned()
		t.due()
		t.pass(2 * time.Second)
		t.due(1)
		second := t.gives(domain.Applied, ends(begins))
		if second.Message.ProviderID != "ours.1" || !second.Message.MaybeAt.Equal(first.Message.MaybeAt) || first.Message.MaybeAt.IsZero() {
			t.Errorf("the second attempt is of %+v, after %+v", second.Message, first.Message)
		}
		t.checkStored(t.gives(domain.Applied, toPhone(9, domain.StatusReported{ProviderID: "ours.1", Status: domain.Delivered})))
		t.abandoned()
	}},
	{"a message that failed holds up nobody", func(t lab) {
		t.applyEach(asks(send(1, peer, "one")), asks(send(2, peer, "two")), ends(domain.SendBegun{Message: msg(1)}), ends(refused(1)))
		t.due(2)
	}},
	{"a message with the text of an echo is not sent twice, and waits for what became of it", func(t lab) {
		t.applyEach(asks(send(1, peer, "one")), ends(domain.SendBegun{Message: msg(1)}), toPhone(1, wrote(peer, "out.1", "one")))
		t.due()
		t.abandoned(1)
	}},
	{"open attempts are abandoned by who died, until they end", func(t lab) {
		t.applyEach(asks(send(1, "a", "one")), asks(send(2, "b", "two")), asks(send(3, "c", "three")),
			ends(domain.SendBegun{Message: msg(1)}), ends(domain.SendBegun{Message: msg(2)}))
		t.abandoned(1, 2)
		t.applyEach(ends(unknown(1)))
		t.abandoned(2)
		t.applyEach(ends(accepted(2, "out.2")))
		t.abandoned()
		t.due(3)
	}},
}

func (t lab) dueUpTo(limit int) []domain.MessageID {
	t.Helper()
	return t.dueOver(phone, limit)
}

func (t lab) dueOver(c domain.ConnectionID, limit int) []domain.MessageID {
	t.Helper()
	list, err := t.store.Due(t.Context(), c, limit)
	t.must(err)
	return messagesOf(list)
}

// due checks which messages may be sent now.
func (t lab) due(want ...int) {
	t.Helper()
	t.same("due", t.dueUpTo(100), named(want))
}

// abandoned checks which messages have an open attempt.
func (t lab) abandoned(want ...int) {
	t.Helper()
	list, err := t.store.Abandoned(t.Context(), phone)
	t.must(err)
	t.same("abandoned", list, named(want))
}

func messagesOf(list []domain.Waiting) (ids []domain.MessageID) {
	for _, w := range list {
		ids = append(ids, w.Message)
	}
	return ids
}

func named(numbers []int) (ids []domain.MessageID) {
	for _, n := range numbers {
		ids = append(ids, msg(n))
	}
	return ids
}
