package storetest

import (
	"time"

	"recado/domain"
)

var actionRows = []row{
	{"an action changes its target when the messenger did it, and is none of the chat's messages", func(t lab) {
		first := t.applyEach(toCloud(says(peer, "in.1", "hola")))
		t.gives(domain.Applied, overCloud(reacts(1, first.Message.ID, "👍")))
		t.checkStored(t.gives(domain.Applied, overCloud(domain.SendBegun{Message: msg(1)})))
		r := t.gives(domain.Applied, overCloud(accepted(1, "out.1")))
		t.checkStored(r)
		target := t.message(first.Message.ID)
		if got := target.Reactions[domain.ReactedByCompany]; got.Emoji != "👍" || r.Target == nil || r.Target.ID != target.ID {
			t.Errorf("the reactions are %v, and the result names the target %v", target.Reactions, r.Target)
		}
		c := r.Chat
		list := t.messages(c.ID)
		last, err := t.store.LastMessages(t.Context(), acme, []domain.Chat{c})
		t.must(err)
		if len(list) != 1 || list[0].ID != target.ID || last[c.ID].ID != target.ID || c.Unanswered != 1 {
			t.Errorf("the chat lists %v, its last message is %v, %d are unanswered", list, last, c.Unanswered)
		}
		all, err := t.store.Messages(t.Context(), acme, domain.MessageQuery{Chat: c.ID, Limit: 10, Actions: true})
		t.must(err)
		if len(all) != 2 || all[0].ID != msg(1) || all[1].ID != target.ID {
			t.Errorf("with its actions the chat lists %v", all)
		}
		if m := t.message(msg(1)); m.Target != target.ID || m.Status != domain.Sent || m.ProviderID != "out.1" {
			t.Errorf("the action is %+v", m)
		}
	}},
	{"the actions of a chat are due one after another, behind its messages", func(t lab) {
		first := t.applyEach(toCloud(says(peer, "in.1", "hola")))
		t.applyEach(overCloud(text(1, peer)), overCloud(reacts(2, first.Message.ID, "👍")), overCloud(reacts(3, first.Message.ID, "")))
		for i := range 3 {
			t.same("due", t.dueOver(cloud, 100), []domain.MessageID{msg(i + 1)})
			t.applyEach(overCloud(domain.SendBegun{Message: msg(i + 1)}), overCloud(accepted(i+1, "")))
		}
		if m := t.message(first.Message.ID); m.Reactions[domain.ReactedByCompany].Emoji != "" {
			t.Errorf("the reactions are %v, want the later one to stay", m.Reactions)
		}
	}},
	{"an action without an answer is done again", func(t lab) {
		first := t.applyEach(toCloud(says(peer, "in.1", "hola")))
		t.applyEach(overCloud(reacts(1, first.Message.ID, "👍")), overCloud(domain.SendBegun{Message: msg(1)}), overCloud(unknown(1)))
		t.pass(time.Minute)
		t.same("due", t.dueOver(cloud, 100), []domain.MessageID{msg(1)})
	}},
}

// reacts asks for a reaction of the company.
func reacts(n int, target domain.MessageID, emoji string) domain.ActionRequested {
	return domain.ActionRequested{ID: msg(n), Target: target, By: "ana", Origin: domain.OriginEmployee, Type: domain.TypeReaction, Text: emoji}
}
