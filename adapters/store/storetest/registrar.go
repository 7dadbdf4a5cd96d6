package storetest

import (
	"strings"

	"recado/domain"
)

var registrarRows = []row{
	{"one bot cannot be two connections, also of two files", func(t lab) {
		// botFile declares a connection of the bot with a number, as a file of its own.
		botFile := func(id domain.ConnectionID, company domain.CompanyID, token string) domain.Registry {
			return domain.Registry{
				Hooks:       []domain.Hook{{ID: domain.HookID(id), Kind: domain.TelegramBot, Secrets: domain.Settings{"secret_token": "s"}}},
				Connections: []domain.Connection{{ID: id, Company: company, Kind: domain.TelegramBot, Hook: domain.HookID(id), Settings: domain.Settings{"token": domain.Secret(token)}}},
				ConnectionSettings: map[domain.Kind][]domain.Setting{domain.TelegramBot: {{Name: "token", Identity: func(token string) string {
					number, _, _ := strings.Cut(token, ":")
					return number
				}}}},
			}
		}
		t.declare(botFile("bot-7", acme, "7:first"))
		t.declare(botFile("bot-7", acme, "7:rotated"))
		for _, other := range []domain.Registry{botFile("bot-8", acme, "7:rotated"), botFile("bot-8", globex, "7:another secret of the same bot")} {
			_, err := t.store.Declare(t.Context(), other, false)
			if err == nil || !strings.Contains(err.Error(), "connection bot-8: 7 is the account of connection bot-7 already") || strings.Contains(err.Error(), "secret of") {
				t.Errorf("a second connection of the bot gave %v", err)
			}
		}
		moved := botFile("bot-8", globex, "7:rotated")
		moved.MovedFrom = map[domain.ConnectionID]domain.ConnectionID{"bot-8": "bot-7"}
		t.declare(moved)
		t.declare(botFile("bot-9", acme, "9:another bot"))
	}},
	{"the same registry again changes nothing", func(t lab) {
		t.same("lines", t.declare(everything()), []string(nil))
	}},
	{"each new thing is a line", func(t lab) {
		t.same("lines", t.declare(initech()), []string{
			"+ company initech", "+ subscription initech-bots", "+ hook initech-bot", "+ connection initech-bot", "+ employee peter", "+ endpoint tps",
		})
		t.same("lines of the same again", t.declare(initech()), []string(nil))
	}},
	{"a change is a line that names what changed, and shows no secret", func(t lab) {
		r := everything()
		r.Companies[0].Name = "ACME Inc"
		r.Subscriptions[0].Tariff, r.Subscriptions[0].WABADialogs = domain.Avanzada, 200
		r.Hooks[0].Secrets = domain.Settings{"app_secret": "another secret", "previous_app_secret": "meta-app-secret"}
		r.Connections[0].Account = "1066"
		r.Connections[0].Settings["access_token"] = "another token"
		r.Employees[1].Rights = []string{"chats.read"}
		r.APIKeys["ana"] = "another key"
		r.Endpoints[0].URL, r.Endpoints[0].Previous, r.Endpoints[0].Events = "https://crm.example/2", "", []string{"message.created"}
		lines := t.declare(r)
		want := []string{
			`~ company acme: name "ACME" → "ACME Inc"`,
			`~ subscription acme-wa: tariff "estandar" → "avanzada", waba_dialogs "100" → "200"`,
			`~ hook meta: app_secret, previous_app_secret, verify_token`,
			`~ connection wa-1: access_token, account "1065" → "1066"`,
			`~ employee ana: api_key`,
			`~ employee leo: rights "chats.read chats.write" → "chats.read"`,
			`~ endpoint crm: url "https://crm.example/hooks" → "https://crm.example/2", previous_secret, events "*" → "message.created"`,
		}
		t.same("lines", lines, want)
		if reveals(lines) || strings.Contains(strings.Join(lines, ""), "another") {
			t.Errorf("a secret is shown: %q", lines)
		}
		t.same("lines of the same again", t.declare(r), []string(nil))
		hook, err := t.store.Hook(t.Context(), meta)
		t.must(err)
		t.same("hook", hook, r.Hooks[0])
		connection, err := t.store.Connection(t.Context(), phone)
		t.must(err)
		r.Connections[0].Status = domain.ConnectionOK
		t.same("connection", connection, r.Connections[0])
		e, got := r.Endpoints[0], t.endpoint(crm)
		e.EndpointHealth = domain.EndpointHealth{}.Reset(got.PacedSince)
		t.same("endpoint", got, e)
	}},
	{"what is not named stays", func(t lab) {
		t.declare(initech())
		t.same("lines", t.declare(everything()), []string(nil))
	}},
	{"a dry run tells the same lines and stores nothing", func(t lab) {
		dry, err := t.store.Declare(t.Context(), initech(), true)
		t.must(err)
		if _, err := t.store.Connection(t.Context(), "initech-bot"); err == nil {
			t.Error("a dry run stored a connection")
		}
		t.same("lines", dry, t.declare(initech()))
	}},
	{"what belongs to another company is refused, and nothing is stored", func(t lab) {
		r := initech()
		r.Subscriptions = append(r.Subscriptions, domain.Subscription{ID: "acme-wa", Company: "initech", Kind: domain.WhatsAppBusiness, Tariff: domain.Inicial})
		r.Connections = append(r.Connections, domain.Connection{ID: phone, Company: "initech", Kind: domain.WhatsAppBusiness, Hook: meta, Account: "9"})
		r.Employees = append(r.Employees, domain.Employee{ID: "ana", Company: "initech", Name: "Ana", Role: "owner"})
		r.Endpoints = append(r.Endpoints, domain.Endpoint{ID: crm, Company: "initech", URL: "https://evil.example", Secret: "whsec_x", Events: []string{"*"}})
		t.refusesAll(r, "subscription acme-wa", "connection wa-1", "employee ana", "endpoint crm")
	}},
	{"what contradicts what is declared is refused, and nothing is stored", func(t lab) {
		r := initech()
		r.Hooks = append(r.Hooks, domain.Hook{ID: meta, Kind: domain.TelegramBot})
		r.Connections = append(r.Connections,
			domain.Connection{ID: "second", Company: "initech", Kind: domain.TelegramBot, Hook: "bot-1"},
			domain.Connection{ID: "third", Company: "initech", Kind: domain.TelegramBot, Hook: "no-hook"})
		r.Employees = append(r.Employees, domain.Employee{ID: "milton", Company: "initech", Name: "M", Role: "manager"})
		r.APIKeys["milton"] = "key-of-ana"
		t.refusesAll(r, "hook meta", "connection second", "connection third", "employee milton")
	}},
	{"a connection of a company that is not there is refused", func(t lab) {
		r := initech()
		r.Companies = nil
		t.refusesAll(r)
	}},
	{"a new address, secret or an apply after a disabled one starts an endpoint afresh; else its probes go on", func(t lab) {
		r := everything()
		r.Endpoints[0].Events = []string{"message.created"}
		t.declare(r)
		due := t.six()
		paused := t.pause(due[0])
		r.Endpoints[0].Events = []string{"message.created", "message.status"}
		t.declare(r)
		paused.Events = r.Endpoints[0].Events
		t.same("endpoint", t.endpoint(crm), paused)

		for _, change := range []func(*domain.Endpoint){
			func(e *domain.Endpoint) { e.URL = "https://crm.example/2" },
			func(e *domain.Endpoint) { e.Previous, e.Secret = e.Secret, "whsec_new" },
		} {
			change(&r.Endpoints[0])
			t.declare(r)
			if e := t.endpoint(crm); e.Status != domain.EndpointOK || !e.FailingSince.IsZero() || !e.ReadyAt().IsZero() {
				t.Errorf("endpoint %+v", e)
			}
			t.same("due at once", ids(t.claim(crm, 10)), ids(due))
			t.pause(due[0])
		}

		t.record(domain.Try{Delivery: due[0], Gone: true, Error: "answered 410"})
		t.same("lines", t.declare(r), []string{`~ endpoint crm: status "disabled" → "ok"`})
		if e := t.endpoint(crm); e.Status != domain.EndpointOK || !e.FailingSince.IsZero() {
			t.Errorf("endpoint %+v", e)
		}
		t.same("due at once", ids(t.claim(crm, 10)), ids(due))
	}},
}

// initech is a third company.
func initech() domain.Registry {
	return domain.Registry{
		Companies: []domain.Company{{ID: "initech", Name: "Initech", TimeZone: "UTC"}},
		Subscriptions: []domain.Subscription{
			{ID: "initech-bots", Company: "initech", Kind: domain.TelegramBot, Tariff: domain.Inicial, TrialUntil: "2027-01-01", DialogLimit: 50},
		},
		Hooks:       []domain.Hook{{ID: "initech-bot", Kind: domain.TelegramBot, Secrets: domain.Settings{"secret_token": "s"}}},
		Connections: []domain.Connection{{ID: "initech-bot", Company: "initech", Kind: domain.TelegramBot, Hook: "initech-bot", Settings: domain.Settings{"token": "t"}}},
		Employees:   []domain.Employee{{ID: "peter", Company: "initech", Name: "Peter", Role: "owner"}},
		APIKeys:     map[domain.EmployeeID]domain.Secret{"peter": "key-of-peter"},
		Endpoints:   []domain.Endpoint{{ID: "tps", Company: "initech", URL: "https://tps.example/", Secret: "whsec_tps", Events: []string{"*"}}},
	}
}

// refusesAll checks that a registry is refused with a word about each of the
// things, that no secret is shown, and that nothing of it is stored.
func (t lab) refusesAll(r domain.Registry, things ...string) {
	t.Helper()
	_, err := t.store.Declare(t.Context(), r, false)
	if err == nil {
		t.Fatal("it was declared")
	}
	for _, thing := range things {
		if !strings.Contains(err.Error(), thing) {
			t.Errorf("the error tells nothing of %s: %v", thing, err)
		}
	}
	if reveals(err) {
		t.Errorf("a secret is shown: %v", err)
	}
	if _, err := t.store.Connection(t.Context(), "initech-bot"); err == nil {
		t.Error("a part of it was stored")
	}
	t.same("lines of what was there", t.declare(everything()), []string(nil))
}
