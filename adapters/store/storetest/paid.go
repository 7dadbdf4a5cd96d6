package storetest

import (
	"fmt"
	"sync"
	"time"

	"recado/domain"
)

var paidRows = []row{
	{"at the last paid dialog, of 200 templates to 200 peers exactly one passes", func(t lab) {
		t.bought(3)
		t.applyEach(overCloud(template(1001, "one")), overCloud(template(1002, "two")))
		var mu sync.Mutex
		ended := map[domain.Reason]int{}
		together(200, func(n int) {
			u := overCloud(template(n, domain.PeerID(fmt.Sprint("peer-", n))))
			r, err := t.worker(n).Apply(t.Context(), domain.Batch{Updates: []domain.Update{u}})
			if err != nil {
				t.Errorf("worker %d: %v", n, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			why := domain.Reason("")
			if f := r.Results[0].Message.Failure; f != nil {
				why = f.Reason
			}
			ended[why]++
		})
		if ended[""] != 1 || ended[domain.ReasonNoPaidDialogs] != 199 {
			t.Errorf("%v, want one that passed and 199 without a dialog", ended)
		}
		t.balance(3, 0)
	}},
	{"who wants the last paid dialog waits for the one who is taking it", func(t lab) {
		t.bought(1)
		slow := t.slow(overCloud(template(1, "one")))
		other := t.begin(overCloud(template(2, "two")))
		select {
		case <-other:
			t.Error("it did not wait")
		case <-time.After(200 * time.Millisecond):
		}
		slow.finish()
		<-other
		t.fails(1, "")
		t.fails(2, domain.ReasonNoPaidDialogs)
	}},
	{"twenty templates to one peer are one dialog", func(t lab) {
		t.bought(1)
		t.race(func(n int) domain.Update { return overCloud(template(n+1, peer)) }, 20)
		for n := range 20 {
			t.fails(n+1, "")
		}
		t.balance(1, 0)
	}},
	{"a charged status commits it, a free one releases it, both are kept", func(t lab) {
		t.bought(2)
		t.applyEach(overCloud(template(1, "one")), overCloud(template(2, "two")))
		for n := range 2 {
			t.applyEach(overCloud(domain.SendBegun{Message: msg(n + 1)}), overCloud(accepted(n+1, domain.ProviderID(fmt.Sprint("out.", n+1)))))
		}
		t.balance(2, 0)
		t.checkStored(t.applyEach(price("out.1", domain.PricingCharged)))
		t.checkStored(t.applyEach(price("out.2", domain.PricingFree)))
		t.balance(0, 1)
		t.checkStored(t.gives(domain.Repeated, price("out.1", domain.PricingCharged)))
		t.balance(0, 1)
	}},
	{"statuses of one dialog from several workers commit it once", func(t lab) {
		t.bought(2)
		for i := range rounds {
			p := domain.PeerID(fmt.Sprint("peer-", i))
			t.bought(int64(i + 2))
			t.applyEach(overCloud(template(2*i, p)), overCloud(template(2*i+1, p)))
			for n := range 2 {
				t.applyEach(overCloud(domain.SendBegun{Message: msg(2*i + n)}), overCloud(accepted(2*i+n, domain.ProviderID(fmt.Sprint("out.", 2*i+n)))))
			}
			t.race(func(n int) domain.Update {
				return price(domain.ProviderID(fmt.Sprint("out.", 2*i+n%2)), domain.PricingCharged)
			}, 6)
			t.balance(0, int64(i+1))
		}
	}},
	{"a template that nobody took gives its dialog back", func(t lab) {
		t.bought(1)
		t.applyEach(overCloud(template(1, "one")), overCloud(domain.SendBegun{Message: msg(1)}))
		t.checkStored(t.applyEach(overCloud(refused(1))))
		t.balance(0, 0)
		t.applyEach(overCloud(template(2, "two")))
		t.fails(2, "")
	}},
	{"without a word about the price it is committed when 25 hours have passed", func(t lab) {
		t.bought(2)
		t.applyEach(overCloud(template(1, "one")), overCloud(domain.SendBegun{Message: msg(1)}), overCloud(accepted(1, "out.1")), overCloud(template(2, "two")))
		t.pass(25 * time.Hour)
		t.sweeps(0)
		t.pass(time.Hour)
		t.sweeps(2) // the other was never sent
		t.balance(0, 1)
		t.sweeps(0)
	}},
	{"text goes in the window only, and the window closes", func(t lab) {
		t.applyEach(overCloud(text(1, peer)), toCloud(says(peer, "in.1", "hello")), overCloud(text(2, peer)))
		t.fails(1, domain.ReasonWindowClosed)
		t.fails(2, "")
		t.pass(25 * time.Hour)
		t.applyEach(overCloud(text(3, peer)))
		t.fails(3, domain.ReasonWindowClosed)
	}},
	{"a balance is told when it is low and when it is empty", func(t lab) {
		t.bought(2)
		t.applyEach(overCloud(template(1, "one")), overCloud(template(2, "two")), overCloud(template(3, "three")))
		var list []string
		for _, h := range t.heard(crm) {
			if h.Type == domain.EventWABABalance {
				list = append(list, fmt.Sprint(h.Data["level"], " ", h.Data["available"]))
			}
		}
		t.same("events", list, []string{"low 0", "empty 0"})
	}},
}

// bought gives acme's WABA subscription so many paid dialogs.
func (t lab) bought(n int64) {
	t.Helper()
	r := everything()
	for i := range r.Subscriptions {
		if r.Subscriptions[i].ID == "acme-waba" {
			r.Subscriptions[i].WABADialogs = n
		}
	}
	t.declare(r)
}

// balance checks what of acme's paid dialogs is reserved and committed.
func (t lab) balance(reserved, committed int64) {
	t.Helper()
	list, err := t.store.Usage(t.Context(), acme)
	t.must(err)
	for _, u := range list {
		if u.ID == "acme-waba" && (u.PaidReserved != reserved || u.PaidCommitted != committed || u.PaidAvailable() != u.WABADialogs-reserved-committed) {
			t.Errorf("reserved %d, committed %d, available %d; want %d, %d of %d", u.PaidReserved, u.PaidCommitted, u.PaidAvailable(), reserved, committed, u.WABADialogs)
		}
	}
}

// overCloud is a command or an outcome over acme's WABA connection.
func overCloud(f domain.Fact) domain.Update {
	u := asks(f)
	u.Connection = cloud
	switch f.(type) {
	case domain.SendRequested, domain.ActionRequested:
	default:
		u.Company, u.Rights = "", nil
	}
	return u
}

// toCloud is what Meta reports of acme's WABA number, now.
func toCloud(f domain.Fact) domain.Update {
	return domain.Update{Hook: "cloud", Kind: domain.WABA, Account: "5099", Fact: f, At: time.Now(), Received: time.Now()}
}

func template(n int, p domain.PeerID) domain.SendRequested {
	f := send(n, p, "")
	f.Type, f.Template = domain.TypeTemplate, &domain.Template{Name: "order_ready", Language: "es", Components: []byte(`[{"type":"body"}]`)}
	return f
}

func text(n int, p domain.PeerID) domain.SendRequested { return send(n, p, "hi") }

func price(id domain.ProviderID, p domain.Pricing) domain.Update {
	return toCloud(domain.StatusReported{ProviderID: id, Status: domain.Sent, Pricing: p})
}
