package domain

import (
	"testing"
	"time"
)

// The ladder of rule 26: everything is wrong at first, and each step mends what
// the last was refused for.
func TestRule26TheGatesInOrder(t *testing.T) {
	ask := SendRequested{ID: "msg_2", Chat: "chat_1", Type: TypeVoice, Text: "hi"}
	longAgo := func(c *Chat) { c.LastInboundAt = now.Add(-24 * time.Hour) }
	s := State{Now: now, Chat: chatWith(blocked), Subscription: &Subscription{Tariff: Inicial, DialogLimit: 0}}
	u := Update{Received: now}
	s.Chat.Dialogs = nil
	steps := []struct {
		mend func()
		want string
	}{
		{func() {}, "refused: forbidden"},
		{func() { u.Rights = Rights{WriteChats} }, "refused: chat_blocked"},
		{func() { s.Chat = chatWith(longAgo) }, "applied; failed unpaid; 3 unanswered; emits message.created, message.failed"},
		{func() { s.Subscription.TrialUntil = "2026-01-02" }, "refused: voice_not_available_on_tariff"},
		{func() { s.Subscription.Tariff = Estandar }, "applied; failed window_closed; 3 unanswered; emits message.created, message.failed"},
		{func() { ask.Type = TypeTemplate }, "applied; failed dialog_limit; 3 unanswered; emits message.created, message.failed"},
		{func() { s.Subscription.DialogLimit = 1 }, "applied; failed no_paid_dialogs; 3 unanswered; emits message.created, message.failed"},
		{func() { s.Subscription.WABADialogs = 1 }, "applied; queued; 3 unanswered; emits message.created"},
		{func() { ask.Type, s.Chat = TypeSticker, chatWith() }, "refused: unsupported_type"},
		{func() { ask.Type = TypeText }, "applied; queued; 3 unanswered; emits message.created"},
	}
	for _, step := range steps {
		step.mend()
		u.Fact = ask
		intent := s.intent(u)
		intent.Type = ask.Type
		if refusal, failure := intent.WhyNot(); intent.MaySend() != (refusal == "" && failure == nil) {
			t.Errorf("may send: %t, although: %v, %v", intent.MaySend(), refusal, failure)
		}
		if got := brief(Decide(s, u)); got != step.want {
			t.Errorf("got\n\t%s\nwant\n\t%s", got, step.want)
		}
	}
}

// The ladder of rule 6, for putting on and for taking off.
func TestRule6TheGatesOfTheBlacklistInOrder(t *testing.T) {
	for _, block := range []bool{true, false} {
		s := State{Now: now, Chat: chatWith(bot, group), Subscription: &Subscription{Tariff: Inicial}}
		if !block {
			blocked(s.Chat)
		}
		u := Update{Received: now, Fact: BlockRequested{Chat: "chat_1", By: "ana", Block: block}}
		steps := []struct {
			mend func()
			want Refusal
		}{
			{func() {}, ErrForbidden},
			{func() { u.Rights = Rights{BlacklistChats} }, ErrUnsupportedChat},
			{func() { s.Chat.IsGroup = false }, ErrSubscriptionNotPaid},
			{func() { s.Subscription.TrialUntil = "2099-01-01" }, ErrSubscriptionNotPaid},
			{func() { s.Subscription.PaidUntil = "2026-01-02" }, ErrTariffNotAllowed},
		}
		for _, step := range steps {
			step.mend()
			if got := Decide(s, u).Refusal; got != step.want {
				t.Errorf("block %t: refused with %v, want %s", block, got, step.want)
			}
		}
		s.Subscription.Tariff = Avanzada
		if c := Decide(s, u); c.Outcome != Applied || c.Chat.Blocked() != block {
			t.Errorf("block %t: %s", block, brief(c))
		}
	}
}

func TestRule38WhoMayDoWhat(t *testing.T) {
	tests := []struct {
		name   string
		by     Employee
		may    Rights
		mayNot Rights
	}{
		{"an owner may do all", Employee{Role: "owner"}, AllRights, nil},
		{"an administrator may do all", Employee{Role: "administrator"}, AllRights, nil},
		{"a manager reads and writes", Employee{Role: "manager"}, Rights{ReadChats, WriteChats}, Rights{BlacklistChats, ManageSubscriptions, ManageSettings}},
		{"a manager's list adds nothing", Employee{Role: "manager", Rights: []string{"chats.blacklist"}}, nil, Rights{BlacklistChats}},
		{"a role of the company is its list", Employee{Role: "guard", Rights: []string{"chats.blacklist"}}, Rights{BlacklistChats}, Rights{ReadChats, WriteChats}},
		{"nobody may do nothing", Employee{}, nil, AllRights},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			granted := tt.by.Granted()
			for _, r := range tt.may {
				if !granted.May(r) {
					t.Errorf("may not %s", r)
				}
			}
			for _, r := range tt.mayNot {
				if granted.May(r) {
					t.Errorf("may %s", r)
				}
			}
		})
	}
	same(t, AllRights, constants[Right](t, "rights.go", "Right"))
}

func TestNoReplyNeededWantsTheRightToWrite(t *testing.T) {
	u := Update{Rights: Rights{ReadChats}, Fact: NoReplyNeeded{Chat: "chat_1", ThroughSeq: 3}}
	if got := Decide(State{Now: now, Chat: chatWith()}, u).Refusal; got != ErrForbidden {
		t.Errorf("refused with %v", got)
	}
}

// States, "Subscriptions": a date counts to its end in the company's zone.
func TestRule3WhatASubscriptionPaysFor(t *testing.T) {
	utc := func(text string) time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	tests := []struct {
		name string
		zone string
		sub  *Subscription
		now  time.Time
		want SubscriptionState
	}{
		{"its last day", "UTC", &Subscription{PaidUntil: "2026-01-02"}, utc("2026-01-02T23:59:59Z"), SubscriptionPaid},
		{"the day after", "UTC", &Subscription{PaidUntil: "2026-01-02"}, utc("2026-01-03T00:00:00Z"), SubscriptionOverdue},
		{"it is still yesterday in Mexico", "America/Mexico_City", &Subscription{PaidUntil: "2026-01-02"}, utc("2026-01-03T05:59:59Z"), SubscriptionPaid},
		{"and then it is not", "America/Mexico_City", &Subscription{PaidUntil: "2026-01-02"}, utc("2026-01-03T06:00:00Z"), SubscriptionOverdue},
		{"a day of 23 hours", "Europe/Madrid", &Subscription{PaidUntil: "2026-03-29"}, utc("2026-03-29T21:59:59Z"), SubscriptionPaid},
		{"the end of a day of 23 hours", "Europe/Madrid", &Subscription{PaidUntil: "2026-03-29"}, utc("2026-03-29T22:00:00Z"), SubscriptionOverdue},
		{"a day of 25 hours", "Europe/Madrid", &Subscription{PaidUntil: "2026-10-25"}, utc("2026-10-25T22:59:59Z"), SubscriptionPaid},
		{"the end of a day of 25 hours", "Europe/Madrid", &Subscription{PaidUntil: "2026-10-25"}, utc("2026-10-25T23:00:00Z"), SubscriptionOverdue},
		{"on trial", "UTC", &Subscription{TrialUntil: "2026-01-02"}, utc("2026-01-02T12:00:00Z"), SubscriptionTrial},
		{"paid during the trial", "UTC", &Subscription{PaidUntil: "2026-02-01", TrialUntil: "2026-01-02"}, utc("2026-01-02T12:00:00Z"), SubscriptionPaid},
		{"a lapsed payment during the trial", "UTC", &Subscription{PaidUntil: "2026-01-01", TrialUntil: "2026-01-02"}, utc("2026-01-02T12:00:00Z"), SubscriptionTrial},
		{"never paid", "UTC", &Subscription{}, utc("2026-01-02T12:00:00Z"), SubscriptionOverdue},
		{"no subscription", "UTC", nil, utc("2026-01-02T12:00:00Z"), SubscriptionOverdue},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			zone, err := time.LoadLocation(tt.zone)
			if err != nil {
				t.Fatal(err)
			}
			if got := tt.sub.State(tt.now, zone); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestRules29And37WhatATariffIncludes(t *testing.T) {
	if len(tariffs) != len(Tariffs) {
		t.Errorf("terms of %d tariffs, want %d", len(tariffs), len(Tariffs))
	}
	tests := []struct {
		name  string
		sub   *Subscription
		limit int64
		voice bool
	}{
		{"inicial has 50 dialogs and no voice", &Subscription{Tariff: Inicial, DialogLimit: -1}, 50, false},
		{"estandar has no limit", &Subscription{Tariff: Estandar, DialogLimit: -1}, Unlimited, true},
		{"avanzada has no limit", &Subscription{Tariff: Avanzada, DialogLimit: -1}, Unlimited, true},
		{"a limit of its own", &Subscription{Tariff: Estandar, DialogLimit: 7}, 7, true},
		{"nothing included", &Subscription{Tariff: Inicial, DialogLimit: 0}, 0, false},
		{"no subscription", nil, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.sub.Limit(); got != tt.limit {
				t.Errorf("limit %d, want %d", got, tt.limit)
			}
			if got := tt.sub.includes(); got.voice != tt.voice || got.blacklist != tt.voice {
				t.Errorf("%+v, want voice and blacklist: %t", got, tt.voice)
			}
		})
	}
}
