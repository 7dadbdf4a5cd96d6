package storetest

import (
	"slices"
	"time"

	"recado/domain"
)

var orphanRows = []row{
	{"whatever names a message not known yet waits for it", func(t lab) {
		for _, u := range []domain.Update{
			toPhone(4, domain.MessageEdited{ProviderID: "in.1", ByPeer: true, Text: "edited \u0001 ñ"}),
			toPhone(5, domain.MessageReacted{ProviderID: "in.1", Peer: peer, ByPeer: true, By: "7", Emoji: "👍"}),
			toPhone(6, domain.MessageDeleted{ProviderID: "in.1", Peer: peer, ByPeer: true}),
			toPhone(7, status("out.1", domain.Delivered)),
			toPhone(8, domain.StatusReported{ProviderID: "out.2", Status: domain.Failed, Failure: failure(domain.ReasonTemplate)}),
		} {
			t.gives(domain.Orphan, u)
		}
		if got := t.chats(); len(got) != 0 {
			t.Fatalf("orphans made the chats %v", got)
		}
		t.applyEach(toPhone(1, says(peer, "in.1", "one")), toPhone(2, wrote(peer, "out.1", "two")), toPhone(3, wrote(peer, "out.2", "three")))
		got := t.messages(t.chat(peer).ID)
		if len(got) != 3 {
			t.Fatalf("messages %+v, want three", got)
		}
		failed, delivered, amended := got[0], got[1], got[2]
		if amended.Text != "edited \u0001 ñ" || !amended.EditedAt.Equal(second(4)) || amended.Reactions["7"].Emoji != "👍" || !amended.DeletedAt.Equal(second(6)) {
			t.Errorf("%+v is not edited, reacted to and deleted", amended)
		}
		if delivered.Status != domain.Delivered || !delivered.DeliveredAt.Equal(second(7)) {
			t.Errorf("%+v is not delivered", delivered)
		}
		t.same("failure", failed.Failure, failure(domain.ReasonTemplate))
		heard := t.types(crm)[:4] // the first message, then what waited for it in any order
		slices.Sort(heard[1:])
		t.same("events", heard, []domain.EventType{domain.EventMessageCreated, domain.EventMessageDeleted, domain.EventMessageEdited, domain.EventMessageReaction})
	}},
	{"a status waits for the answer of its send", func(t lab) {
		t.applyEach(asks(send(1, peer, "ours")), ends(domain.SendBegun{Message: msg(1)}))
		t.gives(domain.Orphan, toPhone(2, status("out.1", domain.Read)))
		t.checkStored(t.gives(domain.Applied, ends(accepted(1, "out.1"))))
		if got := t.message(msg(1)); got.Status != domain.Read || !got.ReadAt.Equal(second(2)) {
			t.Errorf("%+v is not read", got)
		}
	}},
	{"orphans of one batch, and their message in it, are joined", func(t lab) {
		t.apply(toPhone(2, status("out.1", domain.Delivered)), toPhone(1, wrote(peer, "out.1", "one")), toPhone(3, status("out.1", domain.Read)))
		if got := t.messages(t.chat(peer).ID)[0]; got.Status != domain.Read || !got.DeliveredAt.Equal(second(2)) {
			t.Errorf("%+v is not read", got)
		}
	}},
	{"a repeated orphan waits once", func(t lab) {
		u := toPhone(2, domain.MessageEdited{ProviderID: "in.1", ByPeer: true, Text: "waits for its message"})
		t.gives(domain.Orphan, u)
		t.gives(domain.Repeated, u)
		u.Received = u.Received.Add(time.Minute)
		t.gives(domain.Repeated, u)
		if got := t.stored("waits for its message"); got != 1 {
			t.Errorf("stored %d times", got)
		}
	}},
	{"an orphan that was joined is gone", func(t lab) {
		u := toPhone(2, domain.MessageReacted{ProviderID: "in.1", ByPeer: true, By: "who reacted", Emoji: "👍"})
		t.applyEach(u, toPhone(1, says(peer, "in.1", "one")), toPhone(3, domain.MessageReacted{ProviderID: "in.1", ByPeer: true, By: "who reacted", Emoji: ""}))
		t.gives(domain.Late, u)
		if due := t.deadlines(); len(due) != 0 {
			t.Errorf("still due: %+v", due)
		}
	}},
	{"orphans of another connection are not joined", func(t lab) {
		u := toPhone(2, status("out.1", domain.Read))
		u.Account = "2077"
		t.gives(domain.Orphan, u)
		t.applyEach(toPhone(1, wrote(peer, "out.1", "one")))
		if got := t.messages(t.chat(peer).ID)[0]; got.Status != domain.Sent {
			t.Errorf("%+v took another's status", got)
		}
	}},
	{"the text of a blocked peer exists nowhere", func(t lab) {
		t.gives(domain.Orphan, toPhone(1, domain.MessageEdited{ProviderID: "in.2", Text: "hushed: before the block"}))
		chat := t.applyEach(toPhone(1, says(peer, "in.1", "one"))).Chat.ID
		t.applyEach(asks(domain.BlockRequested{Chat: chat, By: "ana", Block: true}))
		for _, f := range []domain.Fact{
			says(peer, "in.2", "hushed"),
			domain.MessageEdited{ProviderID: "in.1", ByPeer: true, Text: "hushed"},
			domain.MessageEdited{ProviderID: "in.3", Peer: peer, ByPeer: true, Text: "hushed"},
			domain.MessageReacted{ProviderID: "in.1", ByPeer: true, By: "hushed", Emoji: "👍"},
			domain.MessageReacted{ProviderID: "in.3", Peer: peer, ByPeer: true, By: "hushed", Emoji: "👍"},
		} {
			t.gives(domain.Dropped, toPhone(5, f))
		}
		t.same("messages", t.texts(chat), []string{"one"})
		t.same("events", t.types(crm), []domain.EventType{domain.EventMessageCreated, domain.EventChatBlocked})
		if got := t.stored("hushed"); got != 0 {
			t.Errorf("a blocked peer's text is stored %d times", got)
		}
	}},
	{"a blocked chat takes statuses and the company's own echoes", func(t lab) {
		chat := t.applyEach(toPhone(1, wrote(peer, "out.1", "one"))).Chat.ID
		t.applyEach(asks(domain.BlockRequested{Chat: chat, By: "ana", Block: true}))
		t.gives(domain.Applied, toPhone(2, status("out.1", domain.Read)))
		t.gives(domain.Applied, toPhone(3, wrote(peer, "out.2", "two")))
	}},
}
