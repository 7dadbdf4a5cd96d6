package storetest

import (
	"errors"
	"time"

	"recado/domain"
)

var officeRows = []row{
	{"a subscription is changed by its company, and keeps whose and what it is", func(t lab) {
		u, err := t.store.ChangeSubscription(t.Context(), acme, "acme-waba", func(n domain.Subscription) (domain.Subscription, error) {
			n.Tariff, n.PaidUntil, n.WABADialogs, n.DialogLimit = domain.Avanzada, "2098-01-31", n.WABADialogs+5, 9
			n.ID, n.Company, n.Kind = "another", globex, domain.TelegramBot
			return n, nil
		})
		t.must(err)
		want := domain.Subscription{
			ID: "acme-waba", Company: acme, Kind: domain.WABA, Tariff: domain.Avanzada, PaidUntil: "2098-01-31", DialogLimit: 9, WABADialogs: 7,
		}
		t.same("subscription", u.Subscription, want)
		list, err := t.store.Usage(t.Context(), acme)
		t.must(err)
		t.same("as it is listed", list[2].Subscription, want)
	}},
	{"a company in a time zone that nobody knows is counted in UTC, and stops no other company", func(t lab) {
		all := everything()
		all.Companies[1].TimeZone = "Mars/Phobos"
		t.declare(all)
		theirs := toPhone(1, says(peer, "wamid.1", "hello"))
		theirs.Account = "2077"
		for i, r := range t.apply(theirs, toPhone(2, says(peer, "wamid.2", "hello"))) {
			if r.Outcome != domain.Applied {
				t.Errorf("update %d: %s", i, r.Outcome)
			}
		}
		t.must(t.store.NotifyUnpaid(t.Context()))
		list, err := t.store.Usage(t.Context(), globex)
		t.must(err)
		t.same("zone", list[0].Zone.String(), "Mars/Phobos")
		t.same("month", list[0].Period, domain.Month(time.Now(), time.UTC))
	}},
	{"what a change refuses is not stored", func(t lab) {
		refusal := errors.New("no")
		_, err := t.store.ChangeSubscription(t.Context(), acme, "acme-waba", func(n domain.Subscription) (domain.Subscription, error) {
			n.Tariff = domain.Avanzada
			return n, refusal
		})
		if !errors.Is(err, refusal) {
			t.Errorf("got %v", err)
		}
		list, err := t.store.Usage(t.Context(), acme)
		t.must(err)
		if list[2].Tariff != domain.Estandar {
			t.Errorf("stored %+v", list[2])
		}
	}},
	{"a subscription of another company, and one of nobody, are not found", func(t lab) {
		for _, id := range []domain.SubscriptionID{"globex-wa", "nowhere"} {
			_, err := t.store.ChangeSubscription(t.Context(), acme, id, func(n domain.Subscription) (domain.Subscription, error) { return n, nil })
			if !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("%s: %v", id, err)
			}
		}
	}},
	{"changes of a subscription at once are all kept", func(t lab) {
		together(10, func(int) {
			_, err := t.store.ChangeSubscription(t.Context(), acme, "acme-waba", func(n domain.Subscription) (domain.Subscription, error) {
				n.WABADialogs++
				return n, nil
			})
			if err != nil {
				t.Error(err)
			}
		})
		list, err := t.store.Usage(t.Context(), acme)
		t.must(err)
		if list[2].WABADialogs != 12 {
			t.Errorf("bought %d, want 12", list[2].WABADialogs)
		}
	}},
	{"an employee gets a key, another one, and none", func(t lab) {
		is := func(key domain.Secret, want domain.EmployeeID) {
			t.Helper()
			e, err := t.store.Employee(t.Context(), key)
			if want == "" && !errors.Is(err, domain.ErrNotFound) || want != "" && e.ID != want {
				t.Errorf("the key is that of %q, %v; want %q", e.ID, err, want)
			}
		}
		t.must(t.store.SetAPIKey(t.Context(), acme, "leo", "a new key of leo"))
		is("key-of-leo", "")
		is("a new key of leo", "leo")
		t.must(t.store.SetAPIKey(t.Context(), acme, "leo", ""))
		is("a new key of leo", "")
		is("", "")
		for _, id := range []domain.EmployeeID{"leo", "nobody"} {
			if err := t.store.SetAPIKey(t.Context(), globex, id, "a key of globex"); !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("another company gave %s a key: %v", id, err)
			}
		}
	}},
	{"employees are listed to their company", func(t lab) {
		t.must(t.store.SetAPIKey(t.Context(), acme, "leo", ""))
		list, err := t.store.Employees(t.Context(), acme)
		t.must(err)
		want := everything().Employees
		for i := range want {
			want[i].HasKey = want[i].ID != "leo"
		}
		t.same("employees", list, want)
		none, err := t.store.Employees(t.Context(), globex)
		t.must(err)
		t.same("of globex", none, []domain.Employee{})
	}},
	{"a key is revoked by what is declared", func(t lab) {
		r := everything()
		delete(r.APIKeys, "leo")
		r.Revoked = []domain.EmployeeID{"leo"}
		t.same("lines", t.declare(r), []string{`~ employee leo: api_key "his" → "revoked"`})
		if _, err := t.store.Employee(t.Context(), "key-of-leo"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("his key gave %v", err)
		}
		t.same("lines of the same again", t.declare(r), []string(nil))
	}},
}
