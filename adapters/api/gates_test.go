package api

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

// Rule 38: who lacks the right reads nothing.
func TestReadingWantsTheRight(t *testing.T) {
	for _, target := range []string{"/v1/chats", chat1, chat1 + "/messages", message2, "/v1/subscriptions"} {
		s := newServer(t, archive())
		answer := s.as(t, "eva-key", "GET", target, "")
		if p := said(t, answer); answer.Code != 403 || p.Code != "forbidden" || len(s.companies) > 0 {
			t.Errorf("%s = %d %s, the store was asked for %v", target, answer.Code, p.Code, s.companies)
		}
	}
}

// What a page hides is what would be refused.
func TestMay(t *testing.T) {
	overdue, full := paid, paid
	overdue.PaidUntil = "2026-01-01"
	full.DialogLimit = 7
	group := silent
	blocked := hello
	blocked.BlockedAt = now
	tests := []struct {
		name  string
		key   string
		chat  domain.Chat
		usage domain.Usage
		want  may
	}{
		{"an administrator, paid", "ana-key", hello, paid, may{true, true, true}},
		{"a manager", "crm-key", hello, paid, may{true, false, false}},
		{"a blocked chat", "ana-key", blocked, paid, may{false, true, true}},
		{"overdue", "ana-key", hello, overdue, may{false, false, false}},
		{"a subscription of another kind", "ana-key", hello, onTrial, may{false, false, false}},
		{"at the limit, in a chat without a dialog", "ana-key", hello, full, may{false, true, true}},
		{"on trial, a group", "ana-key", group, onTrial, may{false, false, false}},
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

// Rule 26: a message that a gate made fail is made, shown and counted, and never sent.
func TestAMessageThatFailedAtOnce(t *testing.T) {
	failed := queued
	failed.Status, failed.Failure = domain.Failed, &domain.Failure{Reason: domain.ReasonDialogLimit}
	s := newServer(t, applied(domain.Applied, hello, failed))
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
	if diff := cmp.Diff([]domain.Reason{domain.ReasonDialogLimit}, s.atOnce); diff != "" || slices.Contains(s.hints, domain.SendLane("waba-1")) {
		t.Errorf("hinted %v, counted (-want +got)\n%s", s.hints, diff)
	}
}

// Rule 37: the gates come before what cannot be sent yet.
func TestVoiceGoesToTheGates(t *testing.T) {
	s := newServer(t, &fakeStore{receipt: domain.Receipt{Results: []domain.Result{{Err: domain.ErrVoiceNotAvailable}}}})
	answer := s.as(t, "ana-key", "POST", "/v1/messages", `{"chat_id":"chat_1","type":"voice"}`)
	if p := said(t, answer); p.Code != "voice_not_available_on_tariff" || p.Detail != domain.Texts[domain.VoiceNotAvailable] {
		t.Errorf("= %d %s", answer.Code, answer.Body)
	}
}
