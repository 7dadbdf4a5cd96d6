package domain_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"recado/domain"
)

// A company that holds so many paid WABA dialogs, at noon.
func holds(dialogs int64) *memory {
	r := phoneRoute
	r.Kind = domain.WABA
	r.Subscription = &domain.Subscription{
		ID: "acme-wa", Company: "acme", Kind: domain.WABA, Tariff: domain.Estandar, PaidUntil: "2099-01-01", DialogLimit: -1, WABADialogs: dialogs,
	}
	s := open([]domain.Route{r})
	s.now = noon
	return s
}

func template(id domain.MessageID, peer domain.PeerID) domain.Update {
	u := asks(id, peer, "")
	f := u.Fact.(domain.SendRequested)
	f.Type, f.Template = domain.TypeTemplate, &domain.Template{Name: "order_ready", Language: "es"}
	u.Fact = f
	return u
}

// paid tells of reserved and committed dialogs.
func (s *memory) paid() [2]int64 {
	c := s.counts[domain.CountKey{Subscription: "acme-wa", Month: domain.PaidDialogs}]
	return [2]int64{c.Reserved, c.Used - c.Reserved}
}

// took is what follows when the messenger takes a template.
func took(id domain.MessageID) []domain.Update {
	return []domain.Update{begun(id), applyResult(id, domain.SendResult{Fate: domain.FateAccepted, ProviderID: "wamid." + domain.ProviderID(id)})}
}

func priced(id domain.MessageID, status domain.DeliveryStatus, p domain.Pricing, when time.Time) domain.Update {
	return at(when, from(domain.StatusReported{ProviderID: "wamid." + domain.ProviderID(id), Status: status, Pricing: p}))
}

// Rule 34: the free window, and what is sent in it and outside of it.
func TestRule34TheWindow(t *testing.T) {
	write := func(ago time.Duration) domain.Update { return at(noon.Add(-ago), writes("1", "wamid.in")) }
	tests := []struct {
		name  string
		story []domain.Update
		ask   domain.Update
		want  domain.Reason
		paid  [2]int64 // reserved, committed
	}{
		{"a text in the window is free", []domain.Update{write(time.Hour)}, asks("msg_1", "1", "hi"), "", [2]int64{}},
		{"a template in the window is free", []domain.Update{write(time.Hour)}, template("msg_1", "1"), "", [2]int64{}},
		{"a text a moment before the window closes", []domain.Update{write(24*time.Hour - time.Millisecond)}, asks("msg_1", "1", "hi"), "", [2]int64{}},
		{"a text when it closed", []domain.Update{write(24 * time.Hour)}, asks("msg_1", "1", "hi"), domain.ReasonWindowClosed, [2]int64{}},
		{"a text to who never wrote", nil, asks("msg_1", "1", "hi"), domain.ReasonWindowClosed, [2]int64{}},
		{"a template when it closed", []domain.Update{write(24 * time.Hour)}, template("msg_1", "1"), "", [2]int64{1, 0}},
		{"a template to who never wrote", nil, template("msg_1", "1"), "", [2]int64{1, 0}},
		{"our own messages open no window", []domain.Update{at(noon, echoes("1", "wamid.out", "hi"))}, asks("msg_1", "1", "hi"), domain.ReasonWindowClosed, [2]int64{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := holds(10)
			s.did(t, tt.story...)
			r := s.did(t, tt.ask)[0]
			if got := failedWith(r.Message); got != tt.want || s.paid() != tt.paid {
				t.Errorf("failed with %q, paid %v; want %q, %v", got, s.paid(), tt.want, tt.paid)
			}
			if f := r.Message.Failure; f != nil && (f.Cause.Code != "waba_window_closed" || f.Code() != domain.UnknownError) {
				t.Errorf("failure %+v", f)
			}
		})
	}
}

// Rules 35 and 36: what is reserved and committed after each story.
func TestRules35And36WhatIsPaid(t *testing.T) {
	refusedFor := func(id domain.MessageID) []domain.Update {
		return []domain.Update{begun(id), applyResult(id, domain.SendResult{Fate: domain.FateRefused, Failure: because(domain.ReasonTemplate)})}
	}
	silent := func(id domain.MessageID) []domain.Update {
		return []domain.Update{begun(id), applyResult(id, domain.SendResult{Fate: domain.FateUnknown, Failure: because(domain.ReasonUnreachable)})}
	}
	one := []domain.Update{template("msg_1", "1")}
	two := []domain.Update{template("msg_1", "1"), template("msg_2", "1")}
	story := func(parts ...[]domain.Update) (all []domain.Update) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	say := func(u ...domain.Update) []domain.Update { return u }
	failedLater := at(noon, from(domain.StatusReported{ProviderID: "wamid.msg_1", Status: domain.Failed, Failure: because(domain.ReasonPeerLimit)}))
	overdue := func(t *testing.T, s *memory) {
		s.now = noon.Add(27 * time.Hour)
		for id := range s.chats {
			s.did(t, domain.Update{Connection: "wa-1", Fact: domain.PriceOverdue{Chat: id}, Received: s.now})
		}
	}
	tests := []struct {
		name  string
		story []domain.Update
		after func(*testing.T, *memory)
		want  [2]int64 // reserved, committed
	}{
		{"a template reserves one", one, nil, [2]int64{1, 0}},
		{"more templates within it cost nothing", two, nil, [2]int64{1, 0}},
		{"another peer is another dialog", story(one, say(template("msg_2", "2"))), nil, [2]int64{2, 0}},
		{"accepted: still only reserved", story(one, took("msg_1")), nil, [2]int64{1, 0}},
		{"the first status that says so commits it", story(one, took("msg_1"), say(priced("msg_1", domain.Sent, domain.PricingCharged, noon))), nil, [2]int64{0, 1}},
		{"and no other status a second time", story(one, took("msg_1"), say(priced("msg_1", domain.Sent, domain.PricingCharged, noon), priced("msg_1", domain.Delivered, domain.PricingCharged, noon))), nil, [2]int64{0, 1}},
		{"a second message does not commit it again", story(two, took("msg_1"), took("msg_2"), say(priced("msg_1", domain.Sent, domain.PricingCharged, noon), priced("msg_2", domain.Sent, domain.PricingCharged, noon))), nil, [2]int64{0, 1}},
		{"it was free", story(one, took("msg_1"), say(priced("msg_1", domain.Sent, domain.PricingFree, noon))), nil, [2]int64{}},
		{"one was free, the other may not be", story(two, took("msg_1"), took("msg_2"), say(priced("msg_1", domain.Sent, domain.PricingFree, noon))), nil, [2]int64{1, 0}},
		{"it was refused", story(one, refusedFor("msg_1")), nil, [2]int64{}},
		{"one was refused, another holds it", story(two, refusedFor("msg_1")), nil, [2]int64{1, 0}},
		{"all were refused", story(two, refusedFor("msg_1"), refusedFor("msg_2")), nil, [2]int64{}},
		{"it failed after it was accepted", story(one, took("msg_1"), say(failedLater)), nil, [2]int64{}},
		{"it failed after it was charged", story(one, took("msg_1"), say(priced("msg_1", domain.Sent, domain.PricingCharged, noon), failedLater)), nil, [2]int64{0, 1}},
		{"nothing is known of it", story(one, silent("msg_1")), nil, [2]int64{1, 0}},
		{"a status without a price tells nothing", story(one, took("msg_1"), say(priced("msg_1", domain.Read, "", noon))), nil, [2]int64{1, 0}},
		{"no price in 25 hours: committed", story(one, took("msg_1")), overdue, [2]int64{0, 1}},
		{"no price, and no sign that it was sent: released", story(one, silent("msg_1")), overdue, [2]int64{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := holds(10)
			for _, u := range tt.story {
				if r := s.did(t, u)[0]; r.Err != nil {
					t.Fatal(r.Err)
				}
			}
			if tt.after != nil {
				tt.after(t, s)
			}
			if got := s.paid(); got != tt.want {
				t.Errorf("reserved and committed %v, want %v", got, tt.want)
			}
		})
	}
}

// Rule 35: a paid dialog lasts 24 hours from the first charge.
func TestRule35TwentyFourHours(t *testing.T) {
	s := holds(2)
	s.did(t, template("msg_1", "1"))
	s.did(t, took("msg_1")...)
	s.did(t, priced("msg_1", domain.Delivered, domain.PricingCharged, noon.Add(time.Minute)), priced("msg_1", domain.Sent, domain.PricingCharged, noon))
	s.now = noon.Add(24*time.Hour - time.Millisecond)
	s.did(t, template("msg_2", "1"))
	if got := s.paid(); got != [2]int64{0, 1} {
		t.Errorf("within 24 hours: %v", got)
	}
	s.now = noon.Add(24 * time.Hour)
	s.did(t, template("msg_3", "1"))
	if got := s.paid(); got != [2]int64{1, 1} {
		t.Errorf("after 24 hours: %v", got)
	}
	if m := s.did(t, template("msg_4", "2"))[0].Message; failedWith(m) != domain.ReasonNoPaidDialogs || m.Failure.Code() != domain.NoPaidDialogs {
		t.Errorf("beyond what was bought: %+v", m.Failure)
	}
}

// Rule 36: the balance never goes below 0, also within a batch.
func TestRule36EmptyIsEmpty(t *testing.T) {
	s := holds(1)
	var passed int
	for _, r := range s.did(t, template("msg_1", "1"), template("msg_2", "2"), template("msg_3", "3")) {
		if r.Message.Status == domain.Queued {
			passed++
		}
	}
	if passed != 1 || s.paid() != [2]int64{1, 0} {
		t.Errorf("%d passed, paid %v", passed, s.paid())
	}
	s.routes[0].Subscription.WABADialogs = 2 // bought one more
	if m := s.did(t, template("msg_4", "4"))[0].Message; m.Status != domain.Queued {
		t.Errorf("after another was bought: %+v", m.Failure)
	}
}

// Rule 40: low and empty, once for what was bought.
func TestRule40WABABalance(t *testing.T) {
	s := holds(5)
	for _, p := range []domain.PeerID{"1", "2", "3", "4", "5", "6"} {
		s.did(t, template("msg_"+domain.MessageID(p), p))
	}
	s.did(t, begun("msg_5"), applyResult("msg_5", domain.SendResult{Fate: domain.FateRefused, Failure: because(domain.ReasonTemplate)}))
	s.did(t, template("msg_7", "7")) // empty again: no second event
	s.routes[0].Subscription.WABADialogs = 6
	s.did(t, template("msg_8", "8"))
	var got []string
	for _, e := range s.events {
		if e.Type != domain.EventWABABalance {
			continue
		}
		var said struct{ Data json.RawMessage }
		if err := json.Unmarshal(e.Body, &said); err != nil {
			t.Fatal(err)
		}
		got = append(got, string(said.Data))
	}
	want := []string{
		`{"subscription_id":"acme-wa","available":1,"level":"low"}`,
		`{"subscription_id":"acme-wa","available":0,"level":"empty"}`,
		`{"subscription_id":"acme-wa","available":0,"level":"low"}`,
		`{"subscription_id":"acme-wa","available":0,"level":"empty"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-), got (+)\n%s", diff)
	}
}

// Statuses with their prices may come in any order, and more than once: the
// sums, and the end of what was paid for, are the same.
func TestPricesInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		messages := []domain.MessageID{"msg_1", "msg_2", "msg_3"}
		var prices []domain.Update
		for _, id := range messages {
			p := rapid.SampledFrom([]domain.Pricing{domain.PricingCharged, domain.PricingFree, ""}).Draw(t, "price")
			for i, status := range []domain.DeliveryStatus{domain.Sent, domain.Delivered, domain.Read} {
				when := noon.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "minute")+10*i) * time.Minute)
				prices = append(prices, priced(id, status, p, when))
			}
		}
		tell := func(updates []domain.Update) (domain.PaidDialog, [2]int64) {
			s := holds(10)
			for _, id := range messages {
				for _, batch := range [][]domain.Update{{template(id, "1")}, took(id)} {
					if _, err := s.apply(batch); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, u := range updates {
				if _, err := s.apply([]domain.Update{u}); err != nil {
					t.Fatal(err)
				}
			}
			for _, c := range s.chats {
				return c.PaidDialog, s.paid()
			}
			return domain.PaidDialog{}, s.paid()
		}
		inOrder, sums := tell(prices)
		mixed := rapid.Permutation(append(prices, prices...)).Draw(t, "order")
		shuffled, others := tell(mixed)
		if sums != others || !inOrder.Until.Equal(shuffled.Until) || inOrder.OpenedAt.IsZero() != shuffled.OpenedAt.IsZero() {
			t.Fatalf("in order %+v, %v; shuffled %+v, %v", inOrder, sums, shuffled, others)
		}
	})
}
