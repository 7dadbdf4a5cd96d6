package declaration

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"recado/domain"
)

// A messenger is a Connector that only lists settings.
type messenger struct {
	domain.Connector
	hook, connection []domain.Setting
}

func (m messenger) HookSettings() []domain.Setting       { return m.hook }
func (m messenger) ConnectionSettings() []domain.Setting { return m.connection }

// messengers has kinds whose hooks serve several connections, and one whose
// connections have hooks of their own.
var messengers = map[domain.Kind]domain.Connector{
	domain.WABA: messenger{
		hook:       []domain.Setting{{Name: "app_secret"}, {Name: "previous_app_secret", Optional: true}},
		connection: []domain.Setting{{Name: "phone_number_id", Account: true}, {Name: "access_token"}, {Name: "base_url", Optional: true, Check: domain.CheckBaseURL}},
	},
	domain.WhatsAppBusiness: messenger{
		hook:       []domain.Setting{{Name: "hmac_key"}},
		connection: []domain.Setting{{Name: "session", Account: true}},
	},
	domain.TelegramBot: messenger{connection: []domain.Setting{{Name: "token", Identity: beforeColon}, {Name: "secret_token"}}},
}

func beforeColon(text string) string {
	id, _, _ := strings.Cut(text, ":")
	return id
}

// environ returns the getenv of a map.
func environ(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

const acme = `hooks:
  - {id: acme-meta, kind: waba, app_secret: "${META_SECRET}", previous_app_secret: ""}
companies:
  - id: acme
    name: ACME
    time_zone: America/Mexico_City
    subscriptions:
      - {id: acme-waba, kind: waba, tariff: estandar, paid_until: 2027-01-01, waba_dialogs: 100}
      - {id: acme-bots, kind: telegram_bot, tariff: inicial, trial_until: 2027-01-01, outgoing_dialog_limit: 50, count_mode: any_outgoing}
    connections:
      - {id: waba-1, kind: waba, hook: acme-meta, phone_number_id: 00106540352242922, access_token: "Bearer ${TOKEN}", base_url: "https://graph.facebook.com/v23.0"}
      - id: bot-1
        kind: telegram_bot
        token: ${TOKEN}
        secret_token: bot-hunter2
    employees:
      - {id: ana, name: Ana, role: administrator, api_key: "${ANA_KEY}"}
      - {id: leo, name: Leo, role: custom, rights: [chats.read, chats.write], revoked: true}
      - {id: robot, name: CRM, role: manager, service: true, api_key: "robot-hunter2-01234"}
    endpoints:
      - {id: crm, url: "https://crm.example/hooks", secret: "whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==", events: ["*"]}
      - {id: bi, url: "https://bi.example/?key=hunter2", secret: "${BI_SECRET}", previous_secret: "whsec_aHVudGVyM2h1bnRlcjNodW50ZXIzaHVudGVyMw==", events: [message.created, limit.dialogs], batch: true}
`

var acmeVars = map[string]string{
	"META_SECRET": `hunter2": {yaml} ${TOKEN}`, // it is not expanded again
	"TOKEN":       "token-hunter2",
	"ANA_KEY":     "ana-hunter2-0123456",
	"BI_SECRET":   "whsec_aHVudGVyNGh1bnRlcjRodW50ZXI0aHVudGVyNA==",
	"SHORT":       "hunter2",
}

// acmeSecrets occur in every secret, and in no error.
var acmeSecrets = []string{"hunter2", "aHVudGVy"}

// withoutFunctions leaves out what holds functions.
var withoutFunctions = cmpopts.IgnoreFields(domain.Registry{}, "ConnectionSettings")

func TestRead(t *testing.T) {
	got, err := Read("acme.yaml", []byte(acme), environ(acmeVars), messengers)
	if err != nil {
		t.Fatal(err)
	}
	bot := domain.Settings{"token": "token-hunter2", "secret_token": "bot-hunter2"}
	want := domain.Registry{
		Hooks: []domain.Hook{
			{ID: "acme-meta", Kind: domain.WABA, Secrets: domain.Settings{"app_secret": `hunter2": {yaml} ${TOKEN}`}},
			{ID: "bot-1", Kind: domain.TelegramBot, Secrets: bot},
		},
		Companies: []domain.Company{{ID: "acme", Name: "ACME", TimeZone: "America/Mexico_City"}},
		Subscriptions: []domain.Subscription{
			{ID: "acme-waba", Company: "acme", Kind: domain.WABA, Tariff: domain.Estandar, PaidUntil: "2027-01-01", DialogLimit: -1, WABADialogs: 100},
			{ID: "acme-bots", Company: "acme", Kind: domain.TelegramBot, Tariff: domain.Inicial, TrialUntil: "2027-01-01", DialogLimit: 50, CountMode: domain.CountAnyOutgoing},
		},
		Connections: []domain.Connection{
			{ID: "waba-1", Company: "acme", Kind: domain.WABA, Hook: "acme-meta", Account: "00106540352242922", Settings: domain.Settings{
				"phone_number_id": "00106540352242922", "access_token": "Bearer token-hunter2", "base_url": "https://graph.facebook.com/v23.0",
			}},
			{ID: "bot-1", Company: "acme", Kind: domain.TelegramBot, Hook: "bot-1", Settings: bot},
		},
		Employees: []domain.Employee{
			{ID: "ana", Company: "acme", Name: "Ana", Role: "administrator"},
			{ID: "leo", Company: "acme", Name: "Leo", Role: "custom", Rights: []string{"chats.read", "chats.write"}},
			{ID: "robot", Company: "acme", Name: "CRM", Role: "manager", Service: true},
		},
		APIKeys: map[domain.EmployeeID]domain.Secret{"ana": "ana-hunter2-0123456", "robot": "robot-hunter2-01234"},
		Revoked: []domain.EmployeeID{"leo"},
		Endpoints: []domain.Endpoint{
			{ID: "crm", Company: "acme", URL: "https://crm.example/hooks", Secret: "whsec_aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==", Events: []string{"*"}},
			{
				ID: "bi", Company: "acme", URL: "https://bi.example/?key=hunter2", Secret: domain.Secret(acmeVars["BI_SECRET"]),
				Previous: "whsec_aHVudGVyM2h1bnRlcjNodW50ZXIzaHVudGVyMw==", Events: []string{"message.created", "limit.dialogs"}, Batch: true,
			},
		},
	}
	if diff := cmp.Diff(want, got, withoutFunctions); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for kind, c := range messengers {
		if len(got.ConnectionSettings[kind]) != len(c.ConnectionSettings()) {
			t.Errorf("the registry says of %s: %+v", kind, got.ConnectionSettings[kind])
		}
	}
}

func TestReadMistakes(t *testing.T) {
	tests := []struct {
		name     string
		old, new string // the edit of acme
		want     string
	}{
		// The file.
		{"an empty file", acme, "", "acme.yaml:1: the file must hold one YAML document; it holds 0"},
		{"two files in one", "companies:", "---\ncompanies:", "acme.yaml:1: the file must hold one YAML document; it holds 2"},
		{"a list", acme, "- hooks", "acme.yaml:1: the file must have keys and values"},
		{"no YAML", "secret_token: bot-hunter2", `secret_token: 'bot-hunter2`, "acme.yaml:15: could not find end character of single-quoted text"},
		{"no YAML that the parser would quote", "secret_token: bot-hunter2", "secret_token: |bot-hunter2", "acme.yaml:15: invalid header option: …"},
		{"a key twice", "name: ACME", "id: ACME", "acme.yaml:5: mapping key … already defined at [4:5]"},
		{
			"a variable that breaks YAML", `app_secret: "${META_SECRET}"`, `app_secret: ${META_SECRET}`,
			"acme.yaml:2: ',' or '}' must be specified; within braces ${NAME} must be quoted: \"${NAME}\"",
		},
		{"an unknown part", "hooks:\n", "hook:\n", "acme.yaml:1: the key hook is unknown; the keys here are hooks, companies"},
		{
			"an unknown key", "name: ACME", "name: ACME\n    tz: UTC",
			"acme.yaml:6: company acme: the key tz is unknown; the keys here are id, name, time_zone, subscriptions, connections, employees, endpoints",
		},
		{
			"a secret without a key", `secret: "whsec_`, `"whsec_`,
			"acme.yaml:21: endpoint crm: secret is missing\nacme.yaml:21: endpoint crm: a key is unknown; the keys here are id, url, secret, previous_secret, events, batch",
		},

		// Values.
		{"no list", "[chats.read, chats.write]", "chats.read", "acme.yaml:18: employee leo: rights must be a list\nacme.yaml:18: employee leo: rights is missing: the role custom is a list of them"},
		{"an entry without keys", "- {id: leo, name: Leo, role: custom, rights: [chats.read, chats.write], revoked: true}", "- leo", "acme.yaml:18: employee must have keys and values"},
		{"a list for a text", "name: ACME", "name: [hunter2]", "acme.yaml:5: company acme: name must be a plain value"},
		{"an alias", "name: ACME", "name: *x", "acme.yaml:5: company acme: name must be a plain value"},
		{"a variable that is not set", "${ANA_KEY}", "${EVA_KEY}", "acme.yaml:17: employee ana: api_key needs the variable EVA_KEY, which is not set"},
		{"a variable without a name", "${ANA_KEY}", "hunter2-${0123456789}", "acme.yaml:17: employee ana: api_key has a ${ that is not the start of a ${NAME}; a literal ${ must come from a variable"},
		{"a variable without an end", "${ANA_KEY}", "hunter2-0123456789${", "acme.yaml:17: employee ana: api_key has a ${ that is not the start of a ${NAME}; a literal ${ must come from a variable"},
		{"a missing text", "name: ACME", "name:", "acme.yaml:5: company acme: name is missing"},
		{"an id that fits no URL", "id: ana", "id: Ana", "acme.yaml:17: employee: id must be 1 to 64 of a-z 0-9 - _"},
		{"an id that is too long", "id: ana", "id: " + strings.Repeat("a", 65), "acme.yaml:17: employee: id must be 1 to 64 of a-z 0-9 - _"},
		{"an id twice", "{id: leo, name: Leo, role: custom, rights: [chats.read, chats.write], revoked: true}", "{id: ana, name: Leo, role: manager}", "acme.yaml:18: employee ana: the id is taken by line 17"},
		{"a zone of nowhere", "America/Mexico_City", "America/ACME", "acme.yaml:6: company acme: time_zone must be an IANA time zone like America/Mexico_City"},
		{"the zone of the machine", "America/Mexico_City", "Local", "acme.yaml:6: company acme: time_zone must be an IANA time zone like America/Mexico_City"},
		{"a zone that only some machines have", "America/Mexico_City", "posix/Europe/Madrid", "acme.yaml:6: company acme: time_zone must be an IANA time zone like America/Mexico_City"},
		{"a zone in small letters", "America/Mexico_City", "europe/madrid", "acme.yaml:6: company acme: time_zone must be an IANA time zone like America/Mexico_City"},

		{"an account that moves from another connection", "phone_number_id:", "moved_from: old-waba, phone_number_id:", "ok"},
		{"an account that moves from a connection of the file", "phone_number_id:", "moved_from: bot-1, phone_number_id:", "acme.yaml:11: connection waba-1: moved_from names connection bot-1, which the file declares too: take it out"},

		// Subscriptions.
		{
			"a kind that is none", "kind: telegram_bot, tariff", "kind: telegram, tariff",
			"acme.yaml:9: subscription acme-bots: kind must be one of whatsapp_business, waba, telegram_personal, telegram_bot\nacme.yaml:13: connection bot-1: company acme has no subscription of kind telegram_bot",
		},
		{"a tariff that is none", "tariff: inicial", "tariff: initial", "acme.yaml:9: subscription acme-bots: tariff must be one of inicial, estandar, avanzada"},
		{"a day that is none", "paid_until: 2027-01-01", "paid_until: 2027-02-29", "acme.yaml:8: subscription acme-waba: paid_until must be a date like 2027-01-31"},
		{"a number that is none", "waba_dialogs: 100", "waba_dialogs: many", "acme.yaml:8: subscription acme-waba: waba_dialogs must be a whole number, 0 or more"},
		{"a number below 0", "limit: 50", "limit: -1", "acme.yaml:9: subscription acme-bots: outgoing_dialog_limit must be a whole number, 0 or more"},
		{"paid dialogs of another kind", "outgoing_dialog_limit", "waba_dialogs", "acme.yaml:9: subscription acme-bots: waba_dialogs is only for a subscription of kind waba"},
		{
			"two subscriptions of a kind", "id: acme-bots, kind: telegram_bot", "id: acme-bots, kind: waba",
			"acme.yaml:9: subscription acme-bots: company acme has a subscription of kind waba already\nacme.yaml:13: connection bot-1: company acme has no subscription of kind telegram_bot",
		},

		// Hooks and connections.
		{"a kind to come", "id: waba-1, kind: waba", "id: waba-1, kind: telegram_personal", "acme.yaml:11: connection waba-1: kind telegram_personal is not supported by this version"},
		{"a hook of a kind to come", "id: acme-meta, kind: waba", "id: acme-meta, kind: telegram_personal", "acme.yaml:2: hook acme-meta: kind telegram_personal is not supported by this version"},
		{"a hook of a kind without", "id: acme-meta, kind: waba", "id: acme-meta, kind: telegram_bot", "acme.yaml:2: hook acme-meta: kind telegram_bot has no hooks: each of its connections is its own"},
		{"an unknown setting", "previous_app_secret", "old_app_secret", "acme.yaml:2: hook acme-meta: the key old_app_secret is unknown; the keys here are id, kind, app_secret, previous_app_secret"},
		{"a missing setting", "phone_number_id: 00106540352242922, ", "", "acme.yaml:11: connection waba-1: phone_number_id is missing"},
		{"an empty setting", "${META_SECRET}", "", "acme.yaml:2: hook acme-meta: app_secret is missing"},
		{
			"a hook for a kind without", "kind: telegram_bot\n", "kind: telegram_bot\n        hook: acme-meta\n",
			"acme.yaml:14: connection bot-1: the key hook is unknown; the keys here are id, kind, token, secret_token, moved_from",
		},
		{"a connection without its hook", "hook: acme-meta, ", "", "acme.yaml:11: connection waba-1: hook is missing"},
		{"a hook of an earlier file", "hook: acme-meta", "hook: earlier", "ok"},
		{"a hook of another kind", `kind: waba, app_secret: "${META_SECRET}", previous_app_secret: ""`, "kind: whatsapp_business, hmac_key: hunter2", "acme.yaml:11: connection waba-1: hook acme-meta is of kind whatsapp_business"},
		{"a hook named like a connection without", "id: acme-meta, kind", "id: bot-1, kind", "acme.yaml:12: hook bot-1: the id is taken by line 2"},
		{
			"two connections of one account", "      - id: bot-1", "      - {id: waba-2, kind: waba, hook: acme-meta, phone_number_id: 00106540352242922, access_token: x}\n      - id: bot-1",
			"acme.yaml:12: connection waba-2: connection waba-1 is the same account of hook acme-meta",
		},
		{"an address that is none", "https://graph.facebook.com/v23.0", "graph.facebook.com", "acme.yaml:11: connection waba-1: base_url must be an http or https URL without user, query and fragment"},
		{"an address with a password", "https://graph.facebook.com/v23.0", "https://u:hunter2@graph", "acme.yaml:11: connection waba-1: base_url must be an http or https URL without user, query and fragment"},

		// Subscriptions.
		{"a way of counting that is none", "count_mode: any_outgoing", "count_mode: all", "acme.yaml:9: subscription acme-bots: count_mode must be one of ours_first, any_outgoing"},

		// Employees.
		{"a role that is none", "role: manager", "role: boss", "acme.yaml:19: employee robot: role must be one of owner, administrator, manager, custom"},
		{"a right that is none", "chats.write", "chats.rite", "acme.yaml:18: employee leo: rights must be one of chats.read, chats.write, chats.blacklist, subscriptions.manage, settings.manage"},
		{"a custom role without rights", ", rights: [chats.read, chats.write]", "", "acme.yaml:18: employee leo: rights is missing: the role custom is a list of them"},
		{"rights of another role", "role: custom", "role: manager", "acme.yaml:18: employee leo: rights is only for the role custom"},
		{"a service that is neither", "service: true", "service: 1", "acme.yaml:19: employee robot: service must be one of true, false"},
		{"a key that is guessed", "${ANA_KEY}", "${SHORT}", "acme.yaml:17: employee ana: api_key must have 16 characters or more"},
		{"a key that is given and taken away", "service: true, api_key", "service: true, revoked: true, api_key", "acme.yaml:19: employee robot: revoked takes the key away: leave out api_key, or revoked"},
		{"a key of two", "robot-hunter2-01234", "${ANA_KEY}", "acme.yaml:19: employee robot: api_key is that of employee ana too"},

		// Endpoints.
		{"an address of no web", "https://crm.example/hooks", "ftp://crm.example/hunter2", "acme.yaml:21: endpoint crm: url must begin with https:// or http://"},
		{"a callback with a password", "https://crm.example", "https://u:hunter2@crm.example", "acme.yaml:21: endpoint crm: url must have no user or password; the CRM knows us by the signature"},
		{"a secret that signs nothing", "${BI_SECRET}", "whsec_hunter2", "acme.yaml:22: endpoint bi: secret must be whsec_ followed by the base64 of 24 to 64 random bytes"},
		{"a previous secret that signs nothing", `"whsec_aHVudGVyM2`, `"hunter2`, "acme.yaml:22: endpoint bi: previous_secret must be whsec_ followed by the base64 of 24 to 64 random bytes"},
		{"an event that is none", "message.created", "message.create", "acme.yaml:22: endpoint bi: events must be one of *, message.created, message.status, message.failed, message.edited, message.deleted, message.reaction, message.media, chat.blocked, chat.unblocked, chat.unanswered, chat.peer_changed, chat.merged, chat.peer_refuses, endpoint.status, endpoint.test, limit.dialogs, waba.balance, connection.status, connection.signal"},
		{"an endpoint without events", `, events: ["*"]`, "", `acme.yaml:21: endpoint crm: events is missing: ["*"] takes all, [] none`},
		{"an endpoint whose events are blank", `["*"]`, "", `acme.yaml:21: endpoint crm: events is missing: ["*"] takes all, [] none`},
		{"an endpoint of no events", `["*"]`, "[]", "ok"},
		{"an empty event", `["*"]`, `["*", ""]`, "acme.yaml:21: endpoint crm: events has an empty entry"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(acme, tt.old) {
				t.Fatalf("%q is not in the file", tt.old)
			}
			file := strings.Replace(acme, tt.old, tt.new, 1)
			_, err := Read("acme.yaml", []byte(file), environ(acmeVars), messengers)
			got := "ok"
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkNoSecret(t, got)
		})
	}
}

func TestReadListsEveryMistakeInTheOrderOfTheFile(t *testing.T) {
	file := strings.NewReplacer(
		"${META_SECRET}", "", "America/Mexico_City", "Mars", "tariff: inicial", "tariff: gratis", "role: manager", "role: boss",
	).Replace(acme)
	_, err := Read("acme.yaml", []byte(file), environ(acmeVars), messengers)
	want := `acme.yaml:2: hook acme-meta: app_secret is missing
acme.yaml:6: company acme: time_zone must be an IANA time zone like America/Mexico_City
acme.yaml:9: subscription acme-bots: tariff must be one of inicial, estandar, avanzada
acme.yaml:19: employee robot: role must be one of owner, administrator, manager, custom`
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// An operator may break a file anywhere. The error then shows none of the secrets
// in the file or in the environment.
func TestReadPrintsNoSecretOfABrokenFile(t *testing.T) {
	junk := rapid.SampledFrom([]string{"", "\n", " ", "{", "}", "[", "]", `"`, "'", ":", ": ", ",", "- ", "#", "&", "*", "!", "|", ">", "%", "@", "`", "$", "${", "\t", "?", "---\n", "<<: "})
	rapid.Check(t, func(t *rapid.T) {
		file := acme
		for range rapid.IntRange(1, 3).Draw(t, "breaks") {
			from := rapid.IntRange(0, len(file)).Draw(t, "from")
			to := min(len(file), from+rapid.IntRange(0, 12).Draw(t, "length"))
			file = file[:from] + junk.Draw(t, "junk") + file[to:]
		}
		if _, err := Read("acme.yaml", []byte(file), environ(acmeVars), messengers); err != nil {
			checkNoSecret(t, err.Error())
		}
	})
}

func checkNoSecret(t interface {
	Helper()
	Errorf(string, ...any)
}, text string,
) {
	t.Helper()
	for _, secret := range acmeSecrets {
		if strings.Contains(text, secret) {
			t.Errorf("%q is shown in:\n%s", secret, text)
		}
	}
}

func TestAByteOrderMarkIsReadOver(t *testing.T) {
	plain, err := Read("acme.yaml", []byte(acme), environ(acmeVars), messengers)
	if err != nil {
		t.Fatal(err)
	}
	marked, err := Read("acme.yaml", []byte("\ufeff"+acme), environ(acmeVars), messengers)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain, marked, withoutFunctions); diff != "" {
		t.Error(diff)
	}
}

func TestOneBotHasOneConnection(t *testing.T) {
	const other = `  - id: zeta
    name: Zeta
    time_zone: Europe/Madrid
    subscriptions: [{id: zeta-bots, kind: telegram_bot, tariff: inicial, trial_until: 2027-01-01}]
    connections: [{id: bot-2, kind: telegram_bot, token: "7:new-hunter2", secret_token: x}]
`
	text := strings.Replace(acme, "token: ${TOKEN}", `token: "7:hunter2"`, 1) + other
	_, err := Read("acme.yaml", []byte(text), environ(acmeVars), messengers)
	if err == nil || !strings.Contains(err.Error(), "connection bot-2: connection bot-1 is of the same account, 7;") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestAnAPIKeyThatNoHeaderCarriesIsRefused(t *testing.T) {
	vars := maps.Clone(acmeVars)
	vars["ANA_KEY"] += "\n"
	_, err := Read("acme.yaml", []byte(acme), environ(vars), messengers)
	if err == nil || !strings.Contains(err.Error(), "api_key must have no blank or line end") {
		t.Errorf("got %v", err)
	}
}
