package storetest

import (
	"fmt"
	"sync"
	"time"

	"recado/domain"
)

var dialogRows = []row{
	{"at one below the limit, of 200 sends to 200 peers exactly one passes", func(t lab) {
		t.limit(3)
		t.applyEach(asks(send(1001, "one", "hi")), asks(send(1002, "two", "hi")))
		var mu sync.Mutex
		ended := map[domain.DeliveryStatus]int{}
		together(200, func(n int) {
			u := asks(send(n, domain.PeerID(fmt.Sprint("peer-", n)), "hi"))
			r, err := t.worker(n).Apply(t.Context(), domain.Batch{Updates: []domain.Update{u}})
			if err != nil {
				t.Errorf("worker %d: %v", n, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			ended[r.Results[0].Message.Status]++
		})
		if ended[domain.Queued] != 1 || ended[domain.Failed] != 199 {
			t.Errorf("%v, want one queued and 199 failed", ended)
		}
		t.used(3)
	}},
	{"who wants the last dialog waits for the one who is taking it", func(t lab) {
		t.limit(2)
		t.applyEach(asks(send(1, "one", "hi")))
		slow := t.slow(asks(send(2, "two", "hi")))
		other := t.begin(asks(send(3, "three", "hi")))
		select {
		case <-other:
			t.Error("it did not wait")
		case <-time.After(200 * time.Millisecond):
		}
		slow.finish()
		<-other
		t.fails(2, "")
		t.fails(3, domain.ReasonDialogLimit)
		t.used(2)
	}},
	{"at one below the limit, 20 sends to one peer are one dialog", func(t lab) {
		t.limit(1)
		t.race(func(n int) domain.Update { return asks(send(n+1, peer, "hi")) }, 20)
		for n := range 20 {
			t.fails(n+1, "")
		}
		t.used(1)
	}},
	{"sends and echoes at once are all counted", func(t lab) {
		t.limit(1000)
		t.race(func(n int) domain.Update {
			p := domain.PeerID(fmt.Sprint("peer-", n/2))
			if n%2 == 0 {
				return asks(send(n+1, p, "hi"))
			}
			return lately(-time.Minute, wrote(p, domain.ProviderID(fmt.Sprint("out.", n)), "from the phone"))
		}, 40)
		t.used(20)
	}},
	{"the limit is kept within a batch", func(t lab) {
		t.limit(2)
		t.apply(asks(send(1, "one", "hi")), asks(send(2, "two", "hi")), asks(send(3, "three", "hi")), asks(send(4, "two", "hi")))
		t.fails(1, "")
		t.fails(2, "")
		t.fails(3, domain.ReasonDialogLimit)
		t.fails(4, "")
		t.used(2)
		t.due(1, 2)
	}},
	{"a refused message gives its dialog back, an accepted one keeps it", func(t lab) {
		t.limit(2)
		t.applyEach(asks(send(1, "one", "hi")), asks(send(2, "two", "hi")), ends(domain.SendBegun{Message: msg(1)}), ends(domain.SendBegun{Message: msg(2)}))
		t.checkStored(t.applyEach(ends(accepted(1, "out.1"))))
		t.checkStored(t.applyEach(ends(refused(2))))
		t.used(1)
		t.applyEach(lately(0, domain.StatusReported{ProviderID: "out.1", Status: domain.Failed, Failure: failure(domain.ReasonPeerLimit)}))
		t.used(1)
		t.applyEach(asks(send(3, "three", "hi")), asks(send(4, "four", "hi")))
		t.fails(3, "")
		t.fails(4, domain.ReasonDialogLimit)
	}},
	{"who wrote first is decided by the times of the messages", func(t lab) {
		t.limit(1)
		t.checkStored(t.applyEach(asks(send(1, peer, "hi"))))
		t.checkStored(t.applyEach(lately(-time.Minute, says(peer, "in.1", "I wrote before"))))
		t.used(0)
		t.applyEach(asks(send(2, "two", "hi")), asks(send(3, peer, "hi")))
		t.fails(2, "")
		t.fails(3, "")
		t.used(1)
	}},
	{"a raised limit counts at once, and each level of it is told once", func(t lab) {
		t.limit(1)
		t.applyEach(asks(send(1, "one", "hi")), asks(send(2, "two", "hi")))
		t.fails(2, domain.ReasonDialogLimit)
		t.limit(2)
		t.applyEach(asks(send(3, "two", "hi")), asks(send(4, "one", "hi")))
		t.fails(3, "")
		t.used(2)
		var list []string
		for _, h := range t.heard(crm) {
			if h.Type == domain.EventLimitDialogs {
				list = append(list, fmt.Sprint(h.Data["level"], "% of ", h.Data["limit"]))
			}
		}
		t.same("events", list, []string{"80% of 1", "100% of 1", "80% of 2", "100% of 2"})
	}},
	{"who has not paid gets messages and sends none", func(t lab) {
		r := everything()
		r.Subscriptions[0].PaidUntil = "2020-01-01"
		t.applyEach(asks(send(1, peer, "asked before")))
		t.declare(r)
		t.checkStored(t.applyEach(ends(domain.SendBegun{Message: msg(1)})))
		t.checkStored(t.applyEach(asks(send(2, peer, "asked after"))))
		t.fails(1, domain.ReasonUnpaid)
		t.fails(2, domain.ReasonUnpaid)
		t.gives(domain.Applied, toPhone(1, says(peer, "in.1", "hello")))
		t.due()
		t.same("events", t.types(crm), []domain.EventType{
			domain.EventMessageCreated, domain.EventMessageFailed, domain.EventMessageCreated, domain.EventMessageFailed, domain.EventMessageCreated,
		})
	}},
	{"usage is a company's own", func(t lab) {
		t.applyEach(asks(send(1, peer, "hi")))
		list, err := t.store.Usage(t.Context(), acme)
		t.must(err)
		if len(list) != 3 || list[0].ID != "acme-bots" || list[1].ID != "acme-wa" || list[1].Dialogs != 1 || list[1].Tariff != domain.Estandar {
			t.Errorf("usage %+v", list)
		}
		g, err := t.store.Gauges(t.Context())
		t.must(err)
		if len(g.Usage) != 4 {
			t.Errorf("gauges of %d subscriptions, want 4", len(g.Usage))
		}
	}},
}

// limit gives acme's WhatsApp subscription a limit of dialogs.
func (t lab) limit(n int64) {
	t.Helper()
	r := everything()
	r.Subscriptions[0].DialogLimit = n
	t.declare(r)
}

// used checks how many dialogs acme's WhatsApp subscription used.
func (t lab) used(want int64) {
	t.Helper()
	list, err := t.store.Usage(t.Context(), acme)
	t.must(err)
	for _, u := range list {
		if u.ID == "acme-wa" && u.Dialogs != want {
			t.Errorf("%d dialogs are used, want %d", u.Dialogs, want)
		}
	}
}

// fails checks for which reason a message failed; empty: it did not.
func (t lab) fails(n int, want domain.Reason) {
	t.Helper()
	var got domain.Reason
	if f := t.message(msg(n)).Failure; f != nil {
		got = f.Reason
	}
	if got != want {
		t.Errorf("message %d failed for %q, want %q", n, got, want)
	}
}

// lately is what WhatsApp tells of a moment so long from now: dialogs are counted in
// this month and the last.
func lately(d time.Duration, f domain.Fact) domain.Update {
	u := toPhone(0, f)
	u.Received = time.Now()
	u.At = u.Received.Add(d)
	return u
}
