package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

// Rule 38: an employee without the right sees and changes nothing.
func TestCallsRequireTheirRight(t *testing.T) {
	for _, c := range calls {
		method, target, _ := strings.Cut(c.call, " ")
		for key, e := range keys {
			if c.right == "" || e.Granted().May(c.right) {
				continue
			}
			s := newServer(t, archive())
			answer := s.as(t, string(key), method, target, c.body)
			if p := said(t, answer); answer.Code != 403 || p.Code != "forbidden" || len(s.companies) > 0 {
				t.Errorf("%s as %s = %d %s, the store was asked for %v", c.call, key, answer.Code, p.Code, s.companies)
			}
		}
	}
}

func TestAnotherCompanysRecordsAreNotFound(t *testing.T) {
	for _, c := range calls {
		method, target, _ := strings.Cut(c.call, " ")
		if c.right == "" || method == "GET" || target == "/v1/endpoints" || target == "/v1/media" {
			continue // it names no record
		}
		s := newServer(t, archive())
		if answer := s.as(t, "zoe-key", method, target, c.body); answer.Code != 404 || s.set != nil || s.changed.ID != "" {
			t.Errorf("%s = %d %s", c.call, answer.Code, answer.Body)
		}
	}
}

func TestEveryEmployeeMayReadTheFailures(t *testing.T) {
	for key := range keys {
		if answer := newServer(t, archive()).as(t, string(key), "GET", "/v1/failures", ""); answer.Code != 200 {
			t.Errorf("as %s: %d", key, answer.Code)
		}
	}
	if answer := newServer(t, archive()).as(t, "", "GET", "/v1/failures", ""); answer.Code != 401 {
		t.Errorf("without a key: %d", answer.Code)
	}
}

func TestAnAPIKeyIsShownOnce(t *testing.T) {
	s := newServer(t, archive())
	answer := s.as(t, "ana-key", "POST", "/v1/employees/eva/key", "")
	var got struct {
		Key string `json:"api_key"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if answer.Code != 201 || len(got.Key) < 40 || string(s.set["eva"]) != got.Key || strings.Contains(s.log.String(), got.Key) {
		t.Errorf("= %d %s, set %d keys", answer.Code, answer.Body, len(s.set))
	}
	again := s.as(t, "ana-key", "POST", "/v1/employees/eva/key", "")
	if again.Body.String() == answer.Body.String() {
		t.Error("two keys are the same")
	}
	if answer := s.as(t, "ana-key", "DELETE", "/v1/employees/eva/key", ""); answer.Code != 204 || s.set["eva"] != "" {
		t.Errorf("= %d %s, set %v", answer.Code, answer.Body, s.set)
	}
}

// The right settings.manage is no way to the rights of others: with the key of an
// employee a caller could act as that employee.
func TestKeysOfEmployeesWithMoreRightsAreOutOfReach(t *testing.T) {
	keeper := domain.Employee{ID: "kit", Company: "acme", Role: domain.RoleCustom, Rights: []string{"settings.manage", "chats.read", "chats.write"}}
	tests := []struct {
		of   domain.Employee
		want map[string]int // by method
	}{
		{ana, map[string]int{"POST": 403, "DELETE": 403}},
		{eva, map[string]int{"POST": 403, "DELETE": 403}}, // holds chats.blacklist, which kit lacks
		{crm, map[string]int{"POST": 201, "DELETE": 204}}, // a manager: a part of kit's rights
		{keeper, map[string]int{"POST": 201, "DELETE": 204}},
		{domain.Employee{ID: "max", Company: "acme", Role: domain.RoleOwner}, map[string]int{"POST": 403, "DELETE": 403}}, // also without a key so far
	}
	for _, tt := range tests {
		for method, want := range tt.want {
			s := newServer(t, &fakeStore{staff: []domain.Employee{ana, crm, eva, keeper, tt.of}})
			s.callers = map[domain.Secret]domain.Employee{"kit-key": keeper}
			answer := s.as(t, "kit-key", method, "/v1/employees/"+string(tt.of.ID)+"/key", "")
			if answer.Code != want || (s.set != nil) != (want < 300) {
				t.Errorf("%s of the key of %s = %d %s, want %d", method, tt.of.ID, answer.Code, answer.Body, want)
			}
		}
	}
}

func TestInvalidSubscriptionChanges(t *testing.T) {
	for body, field := range map[string]string{
		`{"paid_until":"2027-02-30"}`:  "body.paid_until",
		`{"trial_until":"soon"}`:       "body.trial_until",
		`{"tariff":"gratis"}`:          "body.tariff",
		`{"waba_dialogs":-1}`:          "body.waba_dialogs",
		`{"outgoing_dialog_limit":-2}`: "body.outgoing_dialog_limit",
		`{"kind":"waba"}`:              "body.kind",
		`{"count_mode":"any"}`:         "body.count_mode",
	} {
		s := newServer(t, archive())
		answer := s.as(t, "ana-key", "PATCH", "/v1/subscriptions/acme-waba", body)
		if p := said(t, answer); answer.Code != 422 || len(p.Errors) != 1 || p.Errors[0].Field != field || s.changed.ID != "" {
			t.Errorf("%s = %d %s", body, answer.Code, answer.Body)
		}
	}
	s := newServer(t, archive())
	if answer := s.as(t, "ana-key", "PATCH", "/v1/subscriptions/acme-bots", `{"waba_dialogs":1}`); answer.Code != 422 || !strings.Contains(answer.Body.String(), "body.waba_dialogs") {
		t.Errorf("paid dialogs of a bot: %d %s", answer.Code, answer.Body)
	}
}

// A page hides exactly the actions that would be refused.
func TestMay(t *testing.T) {
	overdue, full := paid, paid
	overdue.PaidUntil = "2026-01-01"
	full.DialogLimit = 7
	group := silent
	late, broke := hello, paid
	late.LastInboundAt = now.Add(-24 * time.Hour)
	broke.PaidReserved, broke.PaidCommitted = 40, 60
	blocked, cheap := hello, paid
	blocked.BlockedAt, cheap.Tariff = now, domain.Inicial
	tests := []struct {
		name  string
		key   string
		chat  domain.Chat
		usage domain.Usage
		want  may
	}{
		{"an administrator, paid", "ana-key", hello, paid, may{true, true, true, true, true}},
		{"a manager", "crm-key", hello, paid, may{true, true, true, false, false}},
		{"a blocked chat", "ana-key", blocked, paid, may{false, false, false, true, true}},
		{"a tariff without voice messages", "ana-key", hello, cheap, may{true, true, false, false, false}},
		{"overdue", "ana-key", hello, overdue, may{false, false, false, false, false}},
		{"a subscription of another kind", "ana-key", hello, onTrial, may{false, false, false, false, false}},
		{"at the limit, in a chat without a dialog", "ana-key", hello, full, may{false, false, false, true, true}},
		{"on trial, a group", "ana-key", group, onTrial, may{false, false, false, false, false}},
		{"outside the window", "ana-key", late, paid, may{false, true, false, true, true}},
		{"outside the window, the paid dialogs used up", "ana-key", late, broke, may{false, false, false, true, true}},
		{"in the window, the paid dialogs used up", "ana-key", hello, broke, may{true, true, true, true, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, &fakeStore{chats: []domain.Chat{tt.chat}, usage: []domain.Usage{tt.usage}})
			var got struct{ May may }
			if err := json.Unmarshal(s.as(t, tt.key, "GET", "/v1/chats/"+string(tt.chat.ID), "").Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if got.May != tt.want {
				t.Errorf("may %+v, want %+v", got.May, tt.want)
			}
		})
	}
}

// Of a connection that ended only the history is left.
func TestAConnectionThatEnded(t *testing.T) {
	gone := domain.Connection{ID: "waba-1", Company: "acme", Kind: domain.WABA, Status: domain.ConnectionOK, Ended: true}
	store := archive()
	store.links = []domain.Connection{gone, shut}
	s := newServer(t, store)
	if answer := s.as(t, "ana-key", "GET", "/v1/connections", ""); strings.Contains(answer.Body.String(), "waba-1") {
		t.Errorf("it is listed: %s", answer.Body)
	}
	if answer := s.as(t, "ana-key", "POST", "/v1/connections/waba-1/resume", ""); answer.Code != 404 {
		t.Errorf("it is resumed: %d %s", answer.Code, answer.Body)
	}
	var got struct{ May may }
	if err := json.Unmarshal(s.as(t, "ana-key", "GET", "/v1/chats/"+string(hello.ID), "").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.May.Send || got.May.SendTemplate {
		t.Errorf("its chat may %+v", got.May)
	}
	if answer := s.as(t, "ana-key", "GET", "/v1/chats/"+string(hello.ID)+"/messages", ""); answer.Code != 200 {
		t.Errorf("its messages: %d", answer.Code)
	}
}

// Rule 54: the owner of a business account on Telegram took the right to write in
// their chats from the bot.
func TestNothingMayBeSentToAClosedBusinessConnection(t *testing.T) {
	theirs, other := hello, hello
	theirs.Peer, other.Peer = "7/b:closed", "7/b:open"
	for _, c := range []domain.Chat{theirs, other} {
		store := &fakeStore{chats: []domain.Chat{c}, usage: []domain.Usage{paid}}
		store.links = []domain.Connection{{ID: c.Connection, Company: "acme", Kind: c.Kind, Status: domain.ConnectionOK, Closed: []string{"/b:closed"}}}
		s := newServer(t, store)
		var got struct{ May may }
		if err := json.Unmarshal(s.as(t, "ana-key", "GET", "/v1/chats/"+string(c.ID), "").Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if want := c.Peer == other.Peer; got.May.Send != want {
			t.Errorf("in the chat with %s may.send is %t, want %t", c.Peer, got.May.Send, want)
		}
	}
}

// Rule 26: a message that fails at a gate is stored, shown and counted, and never sent.
func TestAMessageThatFailsAtAGate(t *testing.T) {
	failed := queued
	failed.Status, failed.Failure = domain.Failed, &domain.Failure{Reason: domain.ReasonDialogLimit}
	store := applied(domain.Applied, hello, failed)
	store.receipt.Results[0].Tariff = domain.Inicial
	s := newServer(t, store)
	answer := s.as(t, "ana-key", "POST", "/v1/messages", sendHello)
	var got struct {
		Failure struct{ Code domain.Code }
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if answer.Code != 202 || got.Failure.Code != domain.DialogLimitReached {
		t.Errorf("= %d %s", answer.Code, answer.Body)
	}
	if slices.Contains(s.hints, domain.SendLane("waba-1")) {
		t.Errorf("hinted %v", s.hints)
	}
	for name, labels := range map[string]string{
		"recado_failures_total":        "outgoing_dialog_limit_reached waba dialog_limit",
		"recado_dialogs_refused_total": "outgoing_dialog_limit_reached waba inicial",
	} {
		if diff := cmp.Diff(map[string]float64{labels: 1}, s.counted(t, name)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// Rule 37: the gates answer before the check of supported types.
func TestVoiceGoesToTheGates(t *testing.T) {
	s := newServer(t, &fakeStore{receipt: domain.Receipt{Results: []domain.Result{{Err: domain.ErrVoiceNotAvailable}}}})
	answer := s.as(t, "ana-key", "POST", "/v1/messages", `{"chat_id":"chat_1","type":"voice"}`)
	if p := said(t, answer); p.Code != "voice_not_available_on_tariff" || p.Detail != domain.Texts[domain.VoiceNotAvailable] {
		t.Errorf("= %d %s", answer.Code, answer.Body)
	}
}
