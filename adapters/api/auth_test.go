package api

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"recado/domain"
)

// calls lists every call with the right that the API checks before it asks the
// store. It is empty for commands, whose rights the domain checks.
var calls = []struct {
	call, body string
	right      domain.Right
}{
	{"GET /v1/chats", "", domain.ReadChats},
	{"GET " + chat1, "", domain.ReadChats},
	{"GET " + chat1 + "/messages", "", domain.ReadChats},
	{"GET " + message2, "", domain.ReadChats},
	{"GET /v1/subscriptions", "", domain.ReadChats},
	{"PATCH /v1/subscriptions/acme-waba", `{"tariff":"avanzada"}`, domain.ManageSubscriptions},
	{"GET /v1/connections", "", domain.ReadChats},
	{"POST /v1/connections/bot-1/resume", "", domain.ManageSettings},
	{"GET /v1/endpoints", "", domain.ManageSettings},
	{"GET /v1/endpoints/hooks", "", domain.ManageSettings},
	{"POST /v1/endpoints", `{"url":"https://new.example/","events":["*"]}`, domain.ManageSettings},
	{"PATCH /v1/endpoints/hooks", `{"url":"https://new.example/"}`, domain.ManageSettings},
	{"DELETE /v1/endpoints/hooks", "", domain.ManageSettings},
	{"POST /v1/endpoints/hooks/enable", "", domain.ManageSettings},
	{"POST /v1/media", "hello", domain.WriteChats},
	{"GET " + file1, "", domain.ReadChats},
	{"HEAD " + file1, "", domain.ReadChats},
	{"GET /v1/events", "", domain.ReadChats},
	{"POST /v1/endpoints/hooks/replay", "{}", domain.ManageSettings},
	{"GET /v1/endpoints/hooks/replays", "", domain.ManageSettings},
	{"GET /v1/endpoints/hooks/replays/rep_1", "", domain.ManageSettings},
	{"DELETE /v1/endpoints/hooks/replays/rep_1", "", domain.ManageSettings},
	{"POST /v1/endpoints/hooks/rotate-secret", "", domain.ManageSettings},
	{"POST /v1/endpoints/hooks/test", "", domain.ManageSettings},
	{"GET /v1/endpoints/hooks/deliveries", "", domain.ManageSettings},
	{"GET /v1/deliveries/dlv_7", "", domain.ManageSettings},
	{"POST /v1/deliveries/dlv_7/retry", "", domain.ManageSettings},
	{"GET /v1/employees", "", domain.ManageSettings},
	{"POST /v1/employees/eva/key", "", domain.ManageSettings},
	{"DELETE /v1/employees/eva/key", "", domain.ManageSettings},
	{"POST /v1/messages", sendHello, ""},
	{"POST " + message2 + "/reaction", `{"emoji":"👍"}`, ""},
	{"PATCH " + message2, `{"text":"Hola"}`, ""},
	{"DELETE " + message2, "", ""},
	{"POST " + chat1 + "/typing", "", domain.WriteChats},
	{"POST " + chat1 + "/read", `{"through_seq":7}`, domain.WriteChats},
	{"POST /v1/messages", `{"connection_id":"waba-1","peer_id":"79990000000","type":"text","text":"Hola"}`, ""},
	{"POST " + chat1 + "/block", "", ""},
	{"POST " + chat1 + "/unblock", "", ""},
	{"POST " + chat1 + "/no-reply-needed", `{"through_seq":7}`, ""},
}

// tables is the one call that does not use the store.
const tables = "GET /v1/failures"

func TestCallsRequireAKey(t *testing.T) {
	headers := map[string]string{
		"no header": "", "no key": "Bearer ", "no scheme": "ana-key", "another scheme": "Basic ana-key",
		"an unknown key": "Bearer ana-key2", "spaces": "Bearer  ana-key",
	}
	var constant string
	for name, header := range headers {
		s := newServer(t, archive())
		for _, c := range calls {
			method, target, _ := strings.Cut(c.call, " ")
			r := httptest.NewRequest(method, target, strings.NewReader(c.body))
			r.Header.Set("Authorization", header)
			answer := s.do(t, r)
			if p := said(t, answer); answer.Code != 401 || p.Code != "unauthorized" {
				t.Errorf("%s with %s = %d %s", c.call, name, answer.Code, p.Code)
			}
			if got := answer.Header().Get("WWW-Authenticate"); got != `Bearer realm="recado"` {
				t.Errorf("%s with %s: WWW-Authenticate = %q", c.call, name, got)
			}
			if constant == "" {
				constant = answer.Body.String()
			}
			if answer.Body.String() != constant {
				t.Errorf("%s with %s says %s, others %s", c.call, name, answer.Body, constant)
			}
		}
		if len(s.companies) > 0 || s.log.Len() > 0 {
			t.Errorf("with %s the store was asked, or something logged: %s", name, &s.log)
		}
	}
}

func TestTheSchemeIsCaseInsensitive(t *testing.T) {
	r := httptest.NewRequest("GET", "/v1/chats", nil)
	r.Header.Set("Authorization", "bearer ana-key")
	if answer := newServer(t, archive()).do(t, r); answer.Code != 200 {
		t.Errorf("= %d %s", answer.Code, answer.Body)
	}
}

// Every call asks the store for the caller's company and no other.
func TestCallsUseOnlyTheCallersCompany(t *testing.T) {
	for key, employee := range keys {
		for _, c := range calls {
			if c.right != "" && !employee.Granted().May(c.right) {
				continue // see TestCallsRequireTheirRight
			}
			if employee.Company != "acme" && strings.Contains(c.body, "waba-1") {
				continue // see TestConnectionsOfOthers
			}
			s := newServer(t, applied(domain.Applied, hello, queued))
			method, target, _ := strings.Cut(c.call, " ")
			s.as(t, string(key), method, target, c.body)
			if asked := slices.Compact(s.companies); !slices.Equal(asked, []domain.CompanyID{employee.Company}) {
				t.Errorf("%s asks for %v, want %v", c.call, s.companies, employee.Company)
			}
		}
	}
}

func TestConnectionsOfOthers(t *testing.T) {
	var constant string
	for _, connection := range []string{"otra-1", "nobodys"} {
		s := newServer(t, applied(domain.Applied, hello, queued))
		answer := s.as(t, "ana-key", "POST", "/v1/messages", `{"connection_id":"`+connection+`","peer_id":"79990000000","type":"text","text":"Hola"}`)
		if p := said(t, answer); answer.Code != 404 || p.Code != "not_found" || len(s.companies) > 0 {
			t.Errorf("a message over %s = %d %s", connection, answer.Code, answer.Body)
		}
		if constant == "" {
			constant = answer.Body.String()
		}
		if answer.Body.String() != constant {
			t.Errorf("another company's connection is told from none: %s, %s", constant, answer.Body)
		}
	}
}
