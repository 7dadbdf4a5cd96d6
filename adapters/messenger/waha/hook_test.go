package waha_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/waha"
)

const hookURL = "https://recado.example/webhooks/whatsapp_business/wa-1"

func answers200(body string) connectortest.Reply { return connectortest.Reply{Status: 200, Body: body} }

// A session is set up with the events that Parse reads, once each, and with our key.
func TestSetHook(t *testing.T) {
	body := configured(t, `{"name":"default","status":"WORKING"}`)
	var config struct {
		Webhooks []struct {
			URL    string
			Events []string
			HMAC   struct{ Key string }
		}
	}
	if err := json.Unmarshal(body, &config); err != nil || len(config.Webhooks) != 1 {
		t.Fatalf("put %s, %v", body, err)
	}
	hook := config.Webhooks[0]
	if hook.URL != hookURL || hook.HMAC.Key != "key-of-acme" {
		t.Errorf("put %s", body)
	}
	for _, name := range hook.Events {
		if p := waha.New(http.DefaultClient).Parse(fmt.Appendf(nil, `{"event":%q,"session":"default"}`, name)); len(p.Bad) != 1 {
			t.Errorf("the event %s is asked for and not read", name)
		}
	}
}

// configured is the configuration that SetHook puts in the place of the session's.
func configured(t *testing.T, session string) json.RawMessage {
	t.Helper()
	g := newGateway(t, map[string]connectortest.Reply{
		"GET /api/sessions/default": answers200(session), "PUT /api/sessions/default": answers200(`{}`),
	})
	if err := waha.New(http.DefaultClient).SetHook(t.Context(), connection(g.URL), hookURL); err != nil {
		t.Fatal(err)
	}
	config, err := json.Marshal(g.sent[0]["config"])
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// WAHA replaces a configuration whole: what the operator set in it must stay.
func TestSetHookKeepsWhatTheOperatorSet(t *testing.T) {
	const (
		ours = `{"url":"` + hookURL + `","events":["message.any","message.ack","message.ack.group","message.reaction","message.edited","message.revoked","session.status"],
			"hmac":{"key":"key-of-acme"},"retries":{"policy":"exponential","delaySeconds":2,"attempts":15}}`
		metadata = `"metadata":{"connection.id":"wa-1"}`
		ignore   = `"ignore":{"status":true,"channels":true,"broadcast":true}`
		foreign  = `{"url":"https://crm.example/hook","events":["message"],"customHeaders":[{"name":"X-Key","value":"1"}]}`
	)
	plain := fmt.Sprintf(`{%s,%s,"webhooks":[%s]}`, metadata, ignore, ours)
	tests := []struct{ name, config, want string }{
		{"nothing", `null`, plain},
		{
			"the engine's stores, the proxy, the name of the device",
			`{"proxy":{"server":"proxy:3128","username":"u","password":"p"},"noweb":{"markOnline":true,"store":{"enabled":true,"fullSync":true}},
				"gows":{"storage":{"messages":true}},"client":{"deviceName":"Acme"},"debug":true}`,
			fmt.Sprintf(`{"proxy":{"server":"proxy:3128","username":"u","password":"p"},"noweb":{"markOnline":true,"store":{"enabled":true,"fullSync":true}},
				"gows":{"storage":{"messages":true}},"client":{"deviceName":"Acme"},"debug":true,%s,%s,"webhooks":[%s]}`, metadata, ignore, ours),
		},
		{
			"metadata, and groups that are ignored", `{"metadata":{"user.id":"123","connection.id":"before"},"ignore":{"groups":true,"status":false}}`,
			fmt.Sprintf(`{"metadata":{"user.id":"123","connection.id":"wa-1"},
				"ignore":{"groups":true,"status":true,"channels":true,"broadcast":true},"webhooks":[%s]}`, ours),
		},
		{"a webhook of somebody else", `{"webhooks":[` + foreign + `]}`, fmt.Sprintf(`{%s,%s,"webhooks":[%s,%s]}`, metadata, ignore, ours, foreign)},
		{"a webhook of ours that lacks events", `{"webhooks":[{"url":"` + hookURL + `","events":["message"]}]}`, plain},
		{"a webhook of ours at a former address", `{"webhooks":[{"url":"https://former.example/webhooks/whatsapp_business/wa-1","events":["message"]}]}`, plain},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			put := configured(t, `{"name":"default","status":"WORKING","config":`+test.config+`}`)
			if got, want := reencoded(t, put), reencoded(t, []byte(test.want)); got != want {
				t.Errorf("put  %s\nwant %s", got, want)
			}
		})
	}
}

// reencoded is JSON with its fields in order.
func reencoded(t *testing.T, data []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// A configuration that cannot be read is not replaced.
func TestSetHookOfAnUnknownSession(t *testing.T) {
	g := newGateway(t, map[string]connectortest.Reply{"GET /api/sessions/default": says(404, "Session not found")})
	if err := waha.New(http.DefaultClient).SetHook(t.Context(), connection(g.URL), hookURL); err == nil {
		t.Errorf("set after %v", g.calls)
	}
}

func TestWatch(t *testing.T) {
	const all = `["message.any","message.ack","message.ack.group","message.reaction","message.edited","message.revoked","session.status"]`
	session := func(status, hooks string) string {
		return fmt.Sprintf(`{"name":"default","status":%q,"config":{"webhooks":[%s]}}`, status, hooks)
	}
	const retries = `{"policy":"exponential","delaySeconds":2,"attempts":15}`
	with := func(url, events, hmac, retries string) string {
		return fmt.Sprintf(`{"url":%q,"events":%s,"hmac":%s,"retries":%s}`, url, events, hmac, retries)
	}
	hook := func(url, events string) string { return with(url, events, `{"key":"key-of-acme"}`, retries) }
	tests := []struct{ name, info, link, problems string }{
		{"not signed", session("WORKING", with(hookURL, all, "null", retries)), "up", "the webhook of the session is not signed run recado hooks --set"},
		{"signed with the key before", session("WORKING", with(hookURL, all, `{"key":"former-key"}`, retries)), "up", ""},
		{"signed with another key", session("WORKING", with(hookURL, all, `{"key":"whose?"}`, retries)), "up", "the webhook of the session is signed with another key than hmac_key run recado hooks --set"},
		{"impatient", session("WORKING", with(hookURL, all, `{"key":"key-of-acme"}`, "null")), "up", "the session gives webhooks up too soon run recado hooks --set"},
		{"all is well", session("WORKING", hook(hookURL, all)), "up", ""},
		{"the QR code waits", session("SCAN_QR_CODE", hook(hookURL, all)), "SCAN_QR_CODE", ""},
		{"it starts", session("STARTING", hook(hookURL, all)), "", ""},
		{"no webhook", session("WORKING", ""), "up", "the session has no webhook of its own run recado hooks --set"},
		{"another URL", session("WORKING", hook("https://other.example/x?key=1", all)), "up", "the webhook of the session goes to another URL https://other.example/x"},
		{"ours twice", session("WORKING", hook(hookURL, all)+","+hook(hookURL, all)), "up", "the session has several webhooks to us: each message comes twice run recado hooks --set"},
		{"beside somebody else's", session("WORKING", with("https://crm.example/hook", `["message"]`, "null", "null")+","+hook(hookURL, all)), "up", ""},
		{"several of somebody else", session("WORKING", hook("https://crm.example/a", all)+","+hook("https://crm.example/b", all)), "up", "the webhook of the session goes to another URL https://crm.example/a"},
		{"too few events", session("WORKING", hook(hookURL, `["message.any","message.ack"]`)), "up", "the webhook of the session lacks events message.ack.group, message.reaction, message.edited, message.revoked, session.status"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{"GET /api/sessions/default": answers200(test.info), version: runsGOWS})
			seen, err := waha.New(http.DefaultClient).Watch(t.Context(), connection(g.URL), hookURL)
			if err != nil {
				t.Fatal(err)
			}
			link := ""
			if seen.Link != nil {
				link = "up"
				if seen.Link.Down != nil {
					link = seen.Link.Down.Cause.Code
				}
			}
			var problems []string
			for _, p := range seen.Problems {
				problems = append(problems, p.Title+" "+p.Details)
			}
			if link != test.link || strings.Join(problems, ";") != test.problems {
				t.Errorf("saw the link %q and %q", link, problems)
			}
		})
	}
	g := newGateway(t, map[string]connectortest.Reply{"GET /api/sessions/default": says(401, "Unauthorized api-key-of-acme")})
	if _, err := waha.New(http.DefaultClient).Watch(t.Context(), connection(g.URL), hookURL); err == nil || strings.Contains(err.Error(), "api-key-of-acme") {
		t.Errorf("without a session Watch = %v", err)
	}
}

// Versions and engines that do less than is needed are told of.
func TestWatchLooksAtTheEngine(t *testing.T) {
	tests := []struct {
		version, engine, config string
		problem                 string
	}{
		{"2026.4.3", "GOWS", `{}`, ""},
		{"2027.1.0", "GOWS", `{}`, ""},
		{"2026.4.2", "GOWS", `{}`, "WAHA is too old to recognise a repeated text"},
		{"2025.12.9", "GOWS", `{}`, "WAHA is too old to recognise a repeated text"},
		{"dev", "", `{}`, ""},
		{"2026.7.1", "WEBJS", `{}`, "the engine of WAHA does not recognise a repeated text"},
		{"2026.7.1", "NOWEB", `{}`, "the engine NOWEB stores no messages"},
		{"2026.7.1", "NOWEB", `{"noweb":{"store":{"enabled":true}}}`, ""},
	}
	for _, test := range tests {
		t.Run(test.version+" "+test.engine, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{
				"GET /api/sessions/default": answers200(`{"name":"default","status":"WORKING","config":` + test.config + `}`),
				version:                     answers200(fmt.Sprintf(`{"version":%q,"engine":%q}`, test.version, test.engine)),
			})
			seen, err := waha.New(http.DefaultClient).Watch(t.Context(), connection(g.URL), "")
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, p := range seen.Problems[1:] { // the first: there is no webhook
				found = append(found, p.Title)
			}
			if got := strings.Join(found, ";"); got != test.problem {
				t.Errorf("found %q, want %q", got, test.problem)
			}
		})
	}
}

// A code is shown while the session asks for one; a session that is down is started.
func TestLinkCode(t *testing.T) {
	tests := []struct {
		status, code string
		linked       bool
		calls        int
	}{
		{"WORKING", "", true, 1},
		{"SCAN_QR_CODE", "2@abc", false, 2},
		{"STARTING", "", false, 1},
		{"STOPPED", "", false, 2},
		{"FAILED", "", false, 2},
	}
	for _, test := range tests {
		t.Run(test.status, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{
				"GET /api/sessions/default":          answers200(fmt.Sprintf(`{"name":"default","status":%q}`, test.status)),
				"GET /api/default/auth/qr":           answers200(`{"value":"2@abc"}`),
				"POST /api/sessions/default/start":   {Status: 201, Body: `{}`},
				"POST /api/sessions/default/restart": {Status: 201, Body: `{}`},
			})
			code, linked, err := waha.New(http.DefaultClient).LinkCode(t.Context(), connection(g.URL))
			if err != nil || code != test.code || linked != test.linked || len(g.calls) != test.calls {
				t.Errorf("LinkCode = %q, %t, %v after %v", code, linked, err, g.calls)
			}
		})
	}
}
