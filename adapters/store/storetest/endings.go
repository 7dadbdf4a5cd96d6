package storetest

import (
	"errors"
	"slices"
	"strings"

	"recado/domain"
)

var endingRows = []row{
	{"a complete registry that names all there is changes nothing", func(t lab) {
		t.same("lines", t.declare(complete(everything())), []string(nil))
	}},
	{"a connection that ends sends and receives nothing more, and leaves its chats", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "hello")), asks(send(1, "a", "one")), asks(send(2, peer, "two")), asks(send(3, "b", "three")),
			ends(domain.SendBegun{Message: msg(1)}))
		t.claim(crm, 100)
		lines := t.declare(without(phone))
		t.same("lines", lines, []string{"- connection wa-1: 3 queued messages fail; its chats stay with company acme"})
		t.same("lines of the same again", t.declare(without(phone)), []string(nil))

		t.due(2, 3)
		t.applyEach(ends(domain.SendBegun{Message: msg(2)}), ends(domain.SendBegun{Message: msg(3)}), ends(accepted(1, "out.1")))
		for n, want := range map[int]domain.DeliveryStatus{1: domain.Sent, 2: domain.Failed, 3: domain.Failed} {
			if m := t.message(msg(n)); m.Status != want || want == domain.Failed && m.Failure.Cause.Code != "connection_ended" {
				t.Errorf("message %d is %s %+v, want %s", n, m.Status, m.Failure, want)
			}
		}
		if !slices.Contains(t.types(crm), domain.EventMessageFailed) {
			t.Error("the company is not told that messages failed")
		}
		t.same("texts", t.texts(t.chat(peer).ID), []string{"two", "hello"})

		t.gives(domain.Parked, domain.Update{
			Hook: meta, Kind: domain.WhatsAppBusiness, Account: "1065", Fact: says(peer, "in.2", "still here?"), At: second(9), Received: received,
			Item: func() []byte { return []byte("{}") },
		})
		r := t.gives(domain.Applied, asks(send(4, peer, "four")))
		if r.Message.Status != domain.Failed || r.Message.Failure.Reason != domain.ReasonNoAccount {
			t.Errorf("a message over it is %s", r.Message.Status)
		}
		c, err := t.store.Connection(t.Context(), phone)
		t.must(err)
		if !c.Ended || len(c.Settings) > 0 {
			t.Errorf("the connection is %+v", c)
		}
		t.must(t.store.NotifyUnpaid(t.Context()))
		g, err := t.store.Gauges(t.Context())
		t.must(err)
		if n := g.Connections[domain.WhatsAppBusiness]; n[domain.ConnectionOK] != 1 || len(n) != 1 {
			t.Errorf("connections are counted as %v", n)
		}
	}},
	{"a connection that is declared again goes on with its chats", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "hello")))
		t.declare(without(phone))
		t.same("lines", t.declare(everything()), []string{`~ connection wa-1: status "ended" → "ok"`})
		t.gives(domain.Applied, toPhone(2, says(peer, "in.2", "here again")))
		t.same("texts", t.texts(t.chat(peer).ID), []string{"here again", "hello"})
		c, err := t.store.Connection(t.Context(), phone)
		t.must(err)
		if c.Hook != meta || c.Ended || c.Settings["access_token"] != "wa-access-token" {
			t.Errorf("the connection is %+v", c)
		}
	}},
	{"the id of a connection that ended is no way to its chats for another company", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "hello")))
		t.declare(without(phone))
		r := initech()
		r.Subscriptions = append(r.Subscriptions, domain.Subscription{ID: "initech-wa", Company: "initech", Kind: domain.WhatsAppBusiness, Tariff: domain.Inicial})
		r.Connections = append(r.Connections, domain.Connection{ID: phone, Company: "initech", Kind: domain.WhatsAppBusiness, Hook: meta, Account: "1065"})
		if _, err := t.store.Declare(t.Context(), r, false); err == nil || !strings.Contains(err.Error(), "connection wa-1") {
			t.Errorf("it was declared: %v", err)
		}
	}},
	{"what waits for an endpoint that ends expires, and others are told", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "hello")), toPhone(2, says(peer, "in.2", "?")))
		due := t.claim(crm, 1)
		r := everything()
		r.Endpoints = r.Endpoints[1:]
		t.same("lines", t.declare(complete(r)), []string{"- endpoint crm: 2 waiting events expire"})
		if _, err := t.store.Endpoint(t.Context(), crm); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the endpoint: %v", err)
		}
		if _, _, err := t.store.Record(t.Context(), crm, []domain.Try{ok(due[0])}); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("a call that was under way: %v", err)
		}
		heard := t.heard(ticks)
		if len(heard) != 1 || heard[0].Type != domain.EventEndpointStatus || heard[0].Data["endpoint_id"] != "crm" || heard[0].Data["expired"] != 2.0 {
			t.Errorf("the other endpoint hears %+v", heard)
		}
		t.dueLanes("callback:ticks")
		t.declare(everything())
		if again := t.claim(crm, 10); len(again) != 0 {
			t.Errorf("declared again it gets %+v", again)
		}
	}},
	{"an endpoint of no events is told of nothing", func(t lab) {
		r := everything()
		r.Endpoints[0].Events = []string{}
		t.same("lines", t.declare(r), []string{`~ endpoint crm: events "*" → ""`})
		t.applyEach(toPhone(1, says(peer, "in.1", "hello")))
		if got := t.claim(crm, 10); len(got) != 0 {
			t.Errorf("it is told of %+v", got)
		}
	}},
	{"the key of an employee who ends is nobody's", func(t lab) {
		r := everything()
		r.Employees = r.Employees[1:]
		t.same("lines", t.declare(complete(r)), []string{"- employee ana"})
		if _, err := t.store.Employee(t.Context(), "key-of-ana"); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the key: %v", err)
		}
	}},
	{"a hook ends when no connection uses it", func(t lab) {
		r := everything()
		r.Hooks = nil
		t.same("lines", t.declare(complete(r)), []string(nil))
		t.park("{}")
		r.Hooks = everything().Hooks[1:]
		r.Connections = everything().Connections[1:3]
		t.same("lines", t.declare(complete(r)), []string{
			"- connection wa-1: 1 parked webhook is deleted; its chats stay with company acme", "- connection wa-2: its chats stay with company globex", "- hook meta",
		})
		if _, err := t.store.Hook(t.Context(), meta); !errors.Is(err, domain.ErrNotFound) {
			t.Errorf("the hook: %v", err)
		}
		t.parked(0)
	}},
	{"a company ends with all it has, and its chats are erased", func(t lab) {
		for i := range 25 {
			p := domain.PeerID("abcdefghijklmnopqrstuvwxyz"[i : i+1])
			t.applyEach(toPhone(i, says(p, domain.ProviderID("in."+string(p)), "hello")), asks(send(i, p, "reply")))
		}
		t.applyEach(toPhone(99, status("nobody", domain.Read)))
		theirChat := t.gives(domain.Applied, domain.Update{
			Hook: meta, Kind: domain.WhatsAppBusiness, Account: "2077", Fact: says(peer, "in.1", "of globex"), At: second(1), Received: received,
		}).Chat.ID
		lines := strings.Join(t.declare(withoutAcme()), "\n")
		for _, want := range []string{"- company acme: its chats and messages are erased", "- connection bot-1", "- endpoint crm", "- employee ana", "- subscription acme-waba", "- hook bot-1"} {
			if !strings.Contains(lines, want) {
				t.Errorf("no line tells of %q:\n%s", want, lines)
			}
		}
		if _, err := t.store.Declare(t.Context(), everything(), false); err == nil || !strings.Contains(err.Error(), "company acme ended") {
			t.Errorf("declared again before it was erased: %v", err)
		}
		t.dueLanes("callback:rival")
		t.trimAll()
		if left := t.chats(); len(left) != 0 {
			t.Errorf("chats are left: %+v", left)
		}
		for i := range 25 {
			if _, err := t.store.Message(t.Context(), acme, msg(i)); !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("message %d is left: %v", i, err)
			}
		}
		_, err := t.store.Chat(t.Context(), globex, theirChat)
		t.must(err)
		t.declare(everything())
		if left := t.chats(); len(left) != 0 {
			t.Errorf("the new company has the chats %+v", left)
		}
	}},
	{"a number moves to a connection of another company, without its chats", func(t lab) {
		t.applyEach(toPhone(1, says(peer, "in.1", "to acme")))
		r := moved()
		if _, err := t.store.Declare(t.Context(), withoutMove(r), false); err == nil || !strings.Contains(err.Error(), "moved_from: wa-1") {
			t.Errorf("without a word about the old one: %v", err)
		}
		t.same("lines", t.declare(r), []string{
			"- connection wa-1: its account moves to connection wa-9 of company globex; its chats stay with company acme", "+ connection wa-9",
		})
		t.same("lines of the same again", t.declare(r), []string(nil))
		got := t.gives(domain.Applied, toPhone(2, says(peer, "in.2", "to globex")))
		if got.Chat.Company != globex || got.Chat.Connection != "wa-9" {
			t.Errorf("the chat is %+v", got.Chat)
		}
		t.same("texts of acme", t.texts(t.chat(peer).ID), []string{"to acme"})
	}},
	{"only the connection with that account can be the one that a number moves from", func(t lab) {
		r := moved()
		r.MovedFrom["wa-9"] = cloud
		if _, err := t.store.Declare(t.Context(), r, false); err == nil || !strings.Contains(err.Error(), "another account") {
			t.Errorf("declared: %v", err)
		}
		r = moved()
		r.Connections = append(r.Connections, everything().Connections[0])
		if _, err := t.store.Declare(t.Context(), r, false); err == nil || !strings.Contains(err.Error(), "declared too") {
			t.Errorf("declared: %v", err)
		}
	}},
	{"webhooks of a hook that a connection left are taken, until the hook ends", func(t lab) {
		stray := toPhone(1, says(peer, "in.1", "by the old hook"))
		stray.Item = func() []byte { return []byte("{}") }
		r := everything()
		r.Hooks = append(r.Hooks, domain.Hook{ID: "meta-2", Kind: domain.WhatsAppBusiness, Secrets: domain.Settings{"app_secret": "another-app-secret"}})
		r.Connections[0].Hook = "meta-2"
		t.same("lines", t.declare(r), []string{
			"+ hook meta-2", `~ connection wa-1: hook "meta" → "meta-2"`,
			"! connection wa-1: webhooks that still come to hook meta are taken for it, until apply --prune ends that hook",
		})
		t.same("lines of the same again", t.declare(r), []string(nil))
		t.gives(domain.Applied, stray)
		late := toPhone(2, says(peer, "in.2", "by the new hook"))
		late.Hook = "meta-2"
		t.gives(domain.Applied, late)
		t.same("texts", t.texts(t.chat(peer).ID), []string{"by the new hook", "by the old hook"})

		r.Hooks, r.Connections = r.Hooks[1:], r.Connections[:3]
		t.declare(complete(r))
		stray.Fact = says(peer, "in.3", "too late")
		t.gives(domain.Parked, stray)
	}},
	{"the former hook of a connection is no way to it once another has the account there", func(t lab) {
		r := everything()
		r.Hooks = append(r.Hooks, domain.Hook{ID: "meta-2", Kind: domain.WhatsAppBusiness})
		r.Connections[0].Hook = "meta-2"
		t.declare(r)
		r.Connections = append(r.Connections, domain.Connection{ID: "wa-9", Company: globex, Kind: domain.WhatsAppBusiness, Hook: meta, Account: "1065"})
		t.declare(r)
		if got := t.gives(domain.Applied, toPhone(1, says(peer, "in.1", "hello"))); got.Chat.Connection != "wa-9" {
			t.Errorf("the chat is %+v", got.Chat)
		}
	}},
	{"a key that was revoked or replaced by a call does not come back", func(t lab) {
		t.must(t.store.SetAPIKey(t.Context(), acme, "ana", ""))
		t.must(t.store.SetAPIKey(t.Context(), acme, "leo", "new-key-of-leo"))
		lines := []string{
			"! employee ana: the api_key in the file was revoked or replaced through the API and stays void; put another one into the file",
			"! employee leo: the api_key in the file was revoked or replaced through the API and stays void; put another one into the file",
		}
		t.same("lines", t.declare(everything()), lines)
		for _, key := range []domain.Secret{"key-of-ana", "key-of-leo"} {
			if e, err := t.store.Employee(t.Context(), key); !errors.Is(err, domain.ErrNotFound) {
				t.Errorf("%s is the key of %s, %v", key, e.ID, err)
			}
		}
		if e, err := t.store.Employee(t.Context(), "new-key-of-leo"); err != nil || e.ID != "leo" {
			t.Errorf("the new key is void: %v", err)
		}
		r := everything()
		r.APIKeys["ana"], r.APIKeys["leo"] = "third-key-of-ana", "third-key-of-leo"
		t.same("lines with other keys", t.declare(r), []string{"~ employee ana: api_key", "~ employee leo: api_key"})
	}},
}

// complete says that the registry names all there is.
func complete(r domain.Registry) domain.Registry {
	r.Complete = true
	return r
}

// without is all that is declared but a connection.
func without(id domain.ConnectionID) domain.Registry {
	r := complete(everything())
	r.Connections = slices.DeleteFunc(r.Connections, func(c domain.Connection) bool { return c.ID == id })
	return r
}

// withoutAcme is all that is declared of globex.
func withoutAcme() domain.Registry {
	r := complete(everything())
	r.Companies, r.Subscriptions, r.Connections = r.Companies[1:], r.Subscriptions[3:], r.Connections[3:]
	r.Employees, r.APIKeys, r.Endpoints, r.Hooks = nil, nil, r.Endpoints[2:], r.Hooks[:1]
	return r
}

// moved gives the number of acme to globex.
func moved() domain.Registry {
	return domain.Registry{
		Connections: []domain.Connection{{ID: "wa-9", Company: globex, Kind: domain.WhatsAppBusiness, Hook: meta, Account: "1065"}},
		MovedFrom:   map[domain.ConnectionID]domain.ConnectionID{"wa-9": phone},
	}
}

func withoutMove(r domain.Registry) domain.Registry {
	r.MovedFrom = nil
	return r
}
