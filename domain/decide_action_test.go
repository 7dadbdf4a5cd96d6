package domain

import (
	"encoding/json"
	"testing"
)

func TestDecideAction(t *testing.T) {
	act := func(typ MessageType, text string) ActionRequested {
		return ActionRequested{ID: "msg_2", Target: "msg_1", By: "ana", Origin: OriginEmployee, Type: typ, Text: text}
	}
	react, edit, del := act(TypeReaction, "👍"), act(TypeEdit, "we are closed"), act(TypeDelete, "")
	ofBot := func(m *Message) State { return State{Chat: chatWith(bot), Message: m, Unanswered: waitingThree} }
	in := func(c *Chat, m *Message) State { return State{Chat: c, Message: m} }
	deleted := func(m *Message) { m.DeletedAt = second(9) }
	location := func(m *Message) { m.Type = TypeLocation }
	overLimit := ofBot(ourMessage(Sent))
	overLimit.Subscription = &Subscription{ID: "acme-bots", Company: "acme", Kind: TelegramBot, Tariff: Inicial, PaidUntil: "2026-01-31", DialogLimit: 0}
	unpaid := ofBot(ourMessage(Sent))
	unpaid.Subscription = &Subscription{ID: "acme-bots", Company: "acme", Kind: TelegramBot, Tariff: Estandar, DialogLimit: -1}

	testRules(t, []rule{
		{"rule 59: a reaction to what the peer wrote", ofBot(ourMessage("", byPeer)), react, "applied; queued; emits message.status"},
		{"rule 59: a reaction to what the company wrote", ofBot(ourMessage(Sent)), react, "applied; queued; emits message.status"},
		{"rule 59: an edit", ofBot(ourMessage(Read)), edit, "applied; queued; emits message.status"},
		{"rule 59: a deletion", ofBot(ourMessage(Sent)), del, "applied; queued; emits message.status"},
		{"rule 28: an action opens no dialog", overLimit, react, "applied; queued; emits message.status"},
		{"rule 26: an action of whom has not paid", unpaid, react, "applied; failed unpaid; emits message.failed"},

		{"rule 51: an edit of what the peer wrote", ofBot(ourMessage("", byPeer)), edit, "refused: not_editable"},
		{"rule 51: a deletion of what the peer wrote", ofBot(ourMessage("", byPeer)), del, "refused: not_editable"},
		{"an edit of what has no text", ofBot(ourMessage(Sent, location)), edit, "refused: not_editable"},
		{"a deletion of what has no text", ofBot(ourMessage(Sent, location)), del, "applied; queued; emits message.status"},
		{"an action on what is deleted", ofBot(ourMessage(Sent, deleted)), react, "refused: not_editable"},
		{"an action on what failed", ofBot(ourMessage(Failed)), edit, "refused: not_editable"},
		{"an action on what has not left", ofBot(ourMessage(Queued)), edit, "refused: message_not_sent"},
		{"an action on an action", ofBot(ourMessage(Sent, func(m *Message) { m.Target = "msg_0" })), del, "refused: not_found"},
		{"an action on what does not exist", ofBot(nil), del, "refused: not_found"},
		{"rule 59: WABA edits nothing", among(ourMessage(Sent)), edit, "refused: unsupported_type"},
		{"rule 12: an action in a blocked chat", in(chatWith(bot, blocked), ourMessage(Sent)), react, "refused: chat_blocked"},
	})

	if c := Decide(State{Chat: chatWith(bot), Message: ourMessage(Sent)}, Update{Fact: react, Received: now}); c.Refusal != ErrForbidden {
		t.Errorf("rule 38: without a right it gives %s", brief(c))
	}
}

// onTarget is the state of an action on our message msg_1.
func onTarget(action *Message, target *Message) State {
	return State{Chat: chatWith(bot), Message: action, Target: target, Unanswered: waitingThree}
}

func action(typ MessageType, text string, changes ...func(*Message)) *Message {
	m := ourMessage(Queued, attempted, bare)
	m.ID, m.Target, m.Type, m.Text = "msg_2", "msg_1", typ, text
	for _, change := range changes {
		change(m)
	}
	return m
}

func TestWhatBecomesOfAnAction(t *testing.T) {
	ended := func(r SendResult) SendEnded { return SendEnded{"msg_2", r} }
	done := ended(SendResult{Fate: FateAccepted})
	final := ended(SendResult{Fate: FateRefused, Failure: ownFailure(ReasonInvalid, "because")})
	unknown := ended(SendResult{Fate: FateUnknown, Failure: ownFailure(ReasonOutcomeUnknown, "because")})
	sent := func(m *Message) { m.Status, m.SentAt = Sent, second(95); m.closeAttempt() }
	edited := func(m *Message) { m.Text, m.EditedAt = "newer", now.Add(1) }
	tries := func(m *Message) { m.Attempts = 8 }

	testRules(t, []rule{
		{"a reaction", onTarget(action(TypeReaction, "👍"), ourMessage(Sent)), done, "applied; sent; the target: sent; emits message.reaction"},
		{"an edit", onTarget(action(TypeEdit, "bye"), ourMessage(Read)), done, "applied; sent; the target: read; emits message.edited"},
		{"a deletion", onTarget(action(TypeDelete, ""), ourMessage(Sent)), done, "applied; sent; the target: sent; emits message.deleted"},
		{"an edit older than another", onTarget(action(TypeEdit, "bye"), ourMessage(Read, edited)), done, "applied; sent"},
		{"an action on what is gone", onTarget(action(TypeDelete, ""), nil), done, "applied; sent"},
		{"refused for good", onTarget(action(TypeEdit, "bye"), ourMessage(Sent)), final, "applied; failed invalid; emits message.failed"},
		{"without an answer it is done again", onTarget(action(TypeEdit, "bye"), ourMessage(Sent)), unknown, "applied; queued again"},
		{"without an answer for the last time", onTarget(action(TypeEdit, "bye", tries), ourMessage(Sent)), unknown, "applied; failed unavailable; emits message.failed"},
		{"a worker died over it", onTarget(action(TypeEdit, "bye"), ourMessage(Sent)), ended(SendResult{Fate: FateUnknown}), "applied; queued again"},
		{"a status of the action itself", onTarget(action(TypeReaction, "👍", sent), ourMessage(Sent)), StatusReported{ProviderID: "wamid.2", Status: Read}, "applied; read"},
	})

	change := decide(t, onTarget(action(TypeReaction, "👍"), ourMessage("", byPeer)), done)
	if got := change.Target.Reactions["company"]; got != (Reaction{"👍", now}) {
		t.Errorf("the reaction of the company is %v", got)
	}
}

// The events name the action and the message on which it acts.
func TestEventsOfActions(t *testing.T) {
	by := func(m *Message) { m.By = "ana" }
	tests := []struct {
		name string
		r    SendResult
		want string
	}{
		{
			"done",
			SendResult{Fate: FateAccepted},
			`{"message_id":"msg_1","provider_id":"wamid.1","action_id":"msg_2","by_employee_id":"ana","text":"bye","media":null,"at":"2026-01-02T10:00:00.000Z"}`,
		},
		{
			"failed",
			SendResult{Fate: FateRefused, Failure: ownFailure(ReasonInvalid, "because")},
			`{"message_id":"msg_2","action":"edit","target_id":"msg_1","failure":{"code":"unknown_error",` +
				`"text":"Error desconocido. Póngase en contacto con el soporte técnico.","cause":{"source":"recado","code":"invalid","title":"because"}},"at":"2026-01-02T10:00:00.000Z"}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			change := decide(t, onTarget(action(TypeEdit, "bye", by), ourMessage(Sent)), SendEnded{"msg_2", test.r})
			got, err := json.Marshal(change.notices[0].data)
			if err != nil || string(got) != test.want {
				t.Errorf("the event is\n%s, %v; want\n%s", got, err, test.want)
			}
		})
	}
}
