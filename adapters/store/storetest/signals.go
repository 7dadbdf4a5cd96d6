package storetest

import (
	"time"

	"recado/domain"
)

// billed is a status that says a price.
func billed(id domain.ProviderID) domain.StatusReported {
	return domain.StatusReported{
		ProviderID: id, Status: domain.Read, Pricing: domain.PricingCharged, Price: &domain.Price{Category: "utility", Type: "regular"},
	}
}

// restricts and frees are signals of an account to which connections of the hook meta belong.
func restricts(business string) domain.Update {
	return ofBusiness(business, domain.ConnectionSignaled{
		Signal:  domain.Signal{Kind: domain.SignalAccount, Level: domain.LevelCritical, Title: "restricted", Details: "for a week"},
		Suspend: failure(domain.ReasonRestricted),
	})
}

func frees(business string) domain.Update {
	return ofBusiness(business, domain.ConnectionSignaled{
		Signal: domain.Signal{Kind: domain.SignalAccount, Level: domain.LevelInfo, Title: "freed"},
		Lifts:  []domain.Reason{domain.ReasonRestricted},
	})
}

func ofBusiness(business string, f domain.Fact) domain.Update {
	return domain.Update{Hook: meta, Kind: domain.WhatsAppBusiness, Business: business, Fact: f, At: noon, Received: noon}
}

// of is an update by which the account of its connection is learnt.
func of(business string, u domain.Update) domain.Update {
	u.Business = business
	return u
}

var signalRows = []row{
	{"an account that is restricted suspends its connections, and is resumed when it is freed", func(t lab) {
		t.applyEach(of("4711", toPhone(1, says(peer, "in.1", "one"))))
		t.gives(domain.Applied, restricts("4711"))
		if c := t.connection(phone); c.Status != domain.ConnectionSuspended || c.Cause.Reason != domain.ReasonRestricted {
			t.Errorf("connection %+v", c)
		}
		t.gives(domain.Applied, frees("4711"))
		if c := t.connection(phone); c.Status != domain.ConnectionOK || c.Cause != nil {
			t.Errorf("connection %+v", c)
		}
		t.same("events", t.statuses(), []string{"suspended", "ok"})
		if c := t.connection(theirs); c.Status != domain.ConnectionOK {
			t.Errorf("another account's connection %+v", c)
		}
		list, err := t.store.Signals(t.Context(), acme)
		t.must(err)
		if len(list) != 2 || list[0].Title != "freed" || list[1].Details != "for a week" || list[1].Connection != phone || list[1].At.IsZero() {
			t.Errorf("signals %+v", list)
		}
		others, err := t.store.Signals(t.Context(), globex)
		t.must(err)
		t.same("signals of another company", len(others), 0)
	}},
	{"a signal does not end a suspension of another cause", func(t lab) {
		t.applyEach(of("4711", toPhone(1, says(peer, "in.1", "one"))), asks(send(1, "a", "one")))
		t.suspend(1)
		t.gives(domain.Applied, frees("4711"))
		if c := t.connection(phone); c.Status != domain.ConnectionSuspended {
			t.Errorf("connection %+v", c)
		}
	}},
	{"a signal of an account that could be of several companies concerns none", func(t lab) {
		t.gives(domain.Ignored, restricts("4711"))
		if c := t.connection(phone); c.Status != domain.ConnectionOK {
			t.Errorf("connection %+v", c)
		}
	}},
	{"what a look at the messenger found is reported when it begins and when it ends", func(t lab) {
		problem := domain.Signal{Kind: domain.SignalWebhook, Level: domain.LevelCritical, Title: "the bot has no webhook"}
		look := func(problems ...domain.Signal) int {
			r := t.gives(domain.Applied, domain.Update{Connection: bot, Received: noon, Fact: domain.ConnectionWatched{Seen: domain.Watched{Problems: problems}}})
			return len(r.Signals)
		}
		t.same("signals", []int{look(problem), look(problem), look(), look()}, []int{1, 0, 1, 0})
	}},
	{"a connection is looked at by one process in five minutes", func(t lab) {
		take := func() int { return len(t.watches(domain.WABA, domain.TelegramBot)) }
		t.same("looks at first", take(), 0)
		t.pass(domain.WatchEvery)
		t.same("looks then", []int{take(), take()}, []int{2, 0}) // of each kind one
	}},
	{"a connection whose account works again is looked at at once", func(t lab) {
		take := func() int { return len(t.watches(domain.WhatsAppBusiness)) }
		t.same("looks at first", take(), 0)
		t.gives(domain.Applied, toPhone(1, linkDown))
		t.same("looks while it does not work", take(), 0)
		t.gives(domain.Applied, toPhone(2, domain.ConnectionReported{}))
		t.same("looks then", []int{take(), take()}, []int{1, 0})
	}},
	{"a connection is looked at soon after a peer who shows no phone number wrote first", func(t lab) {
		take := func() (looks int) {
			for _, id := range t.watches(domain.WhatsAppBusiness) {
				if id == phone { // another has its turn at a moment of chance
					looks++
				}
			}
			return looks
		}
		t.same("looks at first", take(), 0)
		t.applyEach(toPhone(1, says("187650012345678@lid", "in.1", "one")))
		t.same("looks at once", take(), 0)
		t.pass(domain.SeekAfter)
		t.same("looks then", []int{take(), take()}, []int{1, 0})
		t.applyEach(toPhone(2, says("187650012345678@lid", "in.2", "two")), toPhone(3, says("34600110022", "in.3", "three")))
		t.pass(domain.SeekAfter)
		t.same("looks after the next message, and one with a number", take(), 0)
	}},
	{"a press is acknowledged once, within fifteen seconds", func(t lab) {
		press := func(n string, age time.Duration) {
			f := says("7", domain.ProviderID("7/q"+n), "yes")
			f.Type, f.Press = domain.TypeButton, n
			u := toBot(1, f)
			u.Received = time.Now().Add(-age)
			if r := t.gives(domain.Applied, u); r.Pressed != (age == 0) {
				t.Errorf("a press of %s ago is due: %t", age, r.Pressed)
			}
		}
		take := func() (presses []string) {
			list, err := t.store.TakePresses(t.Context(), bot, 10)
			t.must(err)
			for _, a := range list {
				presses = append(presses, a.Press)
			}
			return presses
		}
		t.works(domain.SendLane(bot), false)
		press("a", 0)
		press("b", time.Hour)
		t.works(domain.SendLane(bot), true)
		t.same("presses", take(), []string{"a"})
		t.same("presses after", take(), []string(nil))
		t.works(domain.SendLane(bot), false)
		press("c", 0)
		t.pass(time.Minute)
		t.works(domain.SendLane(bot), false)
		t.same("presses too late", take(), []string(nil))
	}},
	{"what a message was billed as is stored, and counted once", func(t lab) {
		t.applyEach(overCloud(template(1, "79990000001")), inCloud(domain.SendBegun{Message: msg(1)}), inCloud(accepted(1, "out.1")))
		for range 2 {
			t.applyEach(inCloud(billed("out.1")))
		}
		if m := t.message(msg(1)); m.Price == nil || *m.Price != (domain.Price{Category: "utility", Type: "regular"}) {
			t.Errorf("message %+v", m)
		}
		usage, err := t.store.Usage(t.Context(), acme)
		t.must(err)
		for _, u := range usage {
			if u.ID == "acme-waba" && (len(u.Priced) != 1 || u.Priced[0].Messages != 1 || u.Priced[0].Category != "utility") {
				t.Errorf("priced %+v", u.Priced)
			}
		}
	}},
	{"a business connection that is closed takes no messages until it is open again", func(t lab) {
		signal := func(sec int, closes, opens string) {
			t.applyEach(toBot(sec, domain.ConnectionSignaled{
				Signal: domain.Signal{Kind: domain.SignalAccount, Level: domain.LevelInfo, Title: "business connection"}, Closes: closes, Opens: opens,
			}))
		}
		shown := func() []string {
			list, err := t.store.Connections(t.Context(), acme)
			t.must(err)
			for _, c := range list {
				if c.ID == bot {
					return c.Closed
				}
			}
			return nil
		}
		t.applyEach(toBot(1, says("7/b:x", "7/1", "hello")))
		signal(2, "/b:x", "")
		t.same("closed", shown(), []string{"/b:x"})
		u := asks(send(1, "7/b:x", "are you there?"))
		u.Connection = bot
		if m := t.gives(domain.Applied, u).Message; m.Status != domain.Failed || m.Failure.Reason != domain.ReasonPermission {
			t.Errorf("message %+v", m)
		}
		signal(3, "", "/b:x")
		if closed := shown(); len(closed) > 0 {
			t.Errorf("closed: %v", closed)
		}
		u = asks(send(2, "7/b:x", "are you there?"))
		u.Connection = bot
		if m := t.gives(domain.Applied, u).Message; m.Status != domain.Queued {
			t.Errorf("message %+v", m)
		}
	}},
	{"a client who blocks the bot refuses messages until they write again", func(t lab) {
		t.applyEach(toBot(1, says("7", "7/1", "hello")))
		t.gives(domain.Applied, toBot(2, domain.PeerRefused{Peer: "7", Refuses: true}))
		t.gives(domain.Repeated, toBot(2, domain.PeerRefused{Peer: "7", Refuses: true}))
		u := asks(send(1, "7", "are you there?"))
		u.Connection = bot
		if m := t.gives(domain.Applied, u).Message; m.Status != domain.Failed || m.Failure.Reason != domain.ReasonPeerRefuses {
			t.Errorf("message %+v", m)
		}
		t.applyEach(toBot(3, says("7", "7/2", "hello again")))
		if c := t.chat("7"); c.PeerRefuses {
			t.Errorf("chat %+v", c)
		}
	}},
}

// inCloud is an update over the connection of WABA.
func inCloud(f domain.Fact) domain.Update {
	return domain.Update{Connection: cloud, Fact: f, At: noon, Received: noon}
}

// watches takes the connections of the kinds that are to be looked at.
func (t lab) watches(kinds ...domain.Kind) []domain.ConnectionID {
	t.Helper()
	taken, err := t.store.TakeWatches(t.Context(), kinds, 10)
	t.must(err)
	return taken
}
