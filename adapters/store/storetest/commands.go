package storetest

import (
	"context"
	"errors"

	"recado/domain"
)

var commandRows = []row{
	{"a send to a new peer makes a chat and a queued message", func(t lab) {
		f := send(1, peer, "ours")
		f.ClientRef = "ref-1"
		t.checkStored(t.gives(domain.Applied, asks(f)))
		m := t.message(msg(1))
		if m.Status != domain.Queued || m.By != "ana" || m.Origin != domain.OriginEmployee || m.ClientRef != "ref-1" || m.At.IsZero() || m.NextAt.IsZero() {
			t.Errorf("message %+v", m)
		}
	}},
	{"a send by the id of its chat needs no peer", func(t lab) {
		chat := t.applyEach(toPhone(1, says(peer, "in.1", "one"))).Chat.ID
		f := send(1, "", "ours")
		f.Chat = chat
		t.checkStored(t.gives(domain.Applied, domain.Update{Company: acme, Rights: domain.AllRights, Fact: f, Received: received}))
	}},
	{"a refused command leaves nothing, and no empty chat", func(t lab) {
		f := send(1, peer, "a reply to nothing")
		f.ReplyTo = "msg_nowhere"
		f.ClientRef = "ref-1"
		t.refuses(domain.ErrNotFound, asks(f))
		t.refuses(domain.ErrNotFound, asks(domain.BlockRequested{Chat: "chat_nowhere", By: "ana", Block: true}))
		t.refuses(domain.ErrNotFound, asks(domain.NoReplyNeeded{Chat: "chat_nowhere", ThroughSeq: 1}))
		if got := t.chats(); len(got) != 0 {
			t.Errorf("chats %+v", got)
		}
		if got := t.types(crm); len(got) != 0 {
			t.Errorf("events %v", got)
		}
		f.ReplyTo = ""
		t.gives(domain.Applied, asks(f)) // its client_ref was not used up
	}},
	{"a refused command leaves no empty chat beside one that is carried out", func(t lab) {
		f := send(1, peer, "a reply to nothing")
		f.ReplyTo = "msg_nowhere"
		results := t.apply(asks(f), asks(send(2, "78880000000", "to another")))
		if results[0].Err == nil || results[1].Outcome != domain.Applied {
			t.Fatalf("results %+v", results)
		}
		if got := t.chats(); len(got) != 1 || got[0].Peer != "78880000000" {
			t.Errorf("chats %+v, want one", got)
		}
		t.applyEach(toPhone(1, says(peer, "in.1", "one")))
		if got := t.chat(peer); got.Seq != 1 {
			t.Errorf("chat %+v", got)
		}
	}},
	{"a blocked chat refuses to send", func(t lab) {
		chat := t.applyEach(toPhone(1, says(peer, "in.1", "one"))).Chat.ID
		t.applyEach(asks(domain.BlockRequested{Chat: chat, By: "ana", Block: true}))
		t.refuses(domain.ErrChatBlocked, asks(send(1, peer, "hello")))
		t.applyEach(asks(domain.BlockRequested{Chat: chat, By: "leo", Block: false}))
		t.gives(domain.Applied, asks(send(2, peer, "hello")))
	}},
	{"a message that waits when its chat is blocked fails", func(t lab) {
		chat := t.applyEach(asks(send(1, peer, "one"))).Chat.ID
		t.applyEach(asks(domain.BlockRequested{Chat: chat, By: "ana", Block: true}))
		t.checkStored(t.gives(domain.Applied, ends(domain.SendBegun{Message: msg(1)})))
		if m := t.message(msg(1)); m.Status != domain.Failed || m.Failure.Reason != domain.ReasonChatBlocked {
			t.Errorf("message %+v", m)
		}
	}},
	{"blocking twice is one event", func(t lab) {
		block := domain.BlockRequested{Chat: t.applyEach(toPhone(1, says(peer, "in.1", "one"))).Chat.ID, By: "ana", Block: true}
		t.checkStored(t.gives(domain.Applied, asks(block)))
		before := t.chat(peer)
		block.By = "leo"
		t.checkStored(t.gives(domain.Repeated, asks(block)))
		t.same("chat", t.chat(peer), before)
		block.Block = false
		t.checkStored(t.gives(domain.Applied, asks(block)))
		t.same("events", t.types(crm), []domain.EventType{domain.EventMessageCreated, domain.EventChatBlocked, domain.EventChatUnblocked})
	}},
	{"the same client_ref again gives the same message", func(t lab) {
		f := send(1, peer, "ours")
		f.ClientRef = "ref-1"
		t.applyEach(asks(f))
		f.ID = msg(2)
		if r := t.gives(domain.Repeated, asks(f)); r.Message.ID != msg(1) || r.Message.Text != "ours" || r.Chat.Peer != peer {
			t.Errorf("got %+v", r)
		}
		f.Text = "another text"
		t.refuses(domain.ErrClientRefConflict, asks(f))
		f.Text, f.Peer = "ours", "78880000000"
		t.refuses(domain.ErrClientRefConflict, asks(f))
		if got := t.chats(); len(got) != 1 {
			t.Errorf("chats %+v, want one", got)
		}
	}},
	{"the same client_ref twice in a batch is one message", func(t lab) {
		one, two := send(1, peer, "ours"), send(2, peer, "ours")
		one.ClientRef, two.ClientRef = "ref-1", "ref-1"
		if r := t.apply(asks(one), asks(two)); r[1].Outcome != domain.Repeated || r[1].Message.ID != msg(1) {
			t.Errorf("got %+v", r[1])
		}
	}},
	{"a client_ref is a company's own", func(t lab) {
		ours, other := send(1, peer, "ours"), send(2, peer, "theirs")
		ours.ClientRef, other.ClientRef = "ref-1", "ref-1"
		t.gives(domain.Applied, asks(ours))
		t.gives(domain.Applied, domain.Update{Connection: theirs, Company: globex, Rights: domain.AllRights, Fact: other, Received: received})
	}},
	{"a company finds nothing of another's", func(t lab) {
		here := t.applyEach(toPhone(1, says(peer, "in.1", "ours")))
		there := func(f domain.Fact) domain.Update {
			return domain.Update{Connection: phone, Company: globex, Rights: domain.AllRights, Fact: f, Received: received}
		}
		byID := send(1, "", "hello")
		byID.Chat = here.Chat.ID
		reply := send(1, peer, "hello")
		reply.ReplyTo = here.Message.ID
		for _, u := range []domain.Update{
			there(byID),
			there(send(1, peer, "hello")),
			there(send(1, "a new peer", "hello")),
			{Connection: theirs, Company: globex, Rights: domain.AllRights, Fact: reply, Received: received},
			there(domain.BlockRequested{Chat: here.Chat.ID, By: "eve", Block: true}),
			there(domain.NoReplyNeeded{Chat: here.Chat.ID, ThroughSeq: 1}),
		} {
			t.refuses(domain.ErrNotFound, u)
		}
		t.same("chat", t.chats(), []domain.Chat{here.Chat})
		others, err := t.store.Chats(t.Context(), globex, domain.ChatQuery{Limit: 10})
		t.must(err)
		if len(others) != 0 || t.types(rival) != nil {
			t.Errorf("chats %+v, events %v", others, t.types(rival))
		}
	}},
	{"a send over a connection that is not there is not found", func(t lab) {
		u := asks(send(1, peer, "hello"))
		u.Connection = "nowhere"
		t.refuses(domain.ErrNotFound, u)
	}},
	{"a reply names the message by the messenger's name", func(t lab) {
		f := send(1, peer, "reply")
		f.ReplyTo = t.applyEach(toPhone(1, says(peer, "in.1", "one"))).Message.ID
		t.gives(domain.Applied, asks(f))
		if got := t.message(msg(1)).ReplyTo; got != "in.1" {
			t.Errorf("replies to %q", got)
		}
	}},
	{"a retry by a person names the failed message, and replies to what that one did", func(t lab) {
		first := send(1, peer, "hello")
		first.ReplyTo = t.applyEach(toPhone(1, says(peer, "in.1", "one"))).Message.ID
		t.applyEach(asks(first), ends(domain.SendBegun{Message: msg(1)}), ends(refused(1)))
		retry := send(2, peer, "hello")
		retry.RetryOf = msg(1)
		t.gives(domain.Applied, asks(retry))
		if m := t.message(msg(2)); m.Content.RetryOf != msg(1) || m.ReplyTo != "in.1" {
			t.Errorf("retries %q, replies to %q", m.Content.RetryOf, m.ReplyTo)
		}
		third := send(3, peer, "hello")
		third.RetryOf = msg(2) // which is queued
		t.refuses(domain.ErrNotFailed, asks(third))
	}},
	{"a message is found by the messenger's name, with who wrote it", func(t lab) {
		member := &domain.Author{ID: "79990000007", Name: "Ana"}
		f := says(peer, "in.1", "one")
		f.IsGroup, f.Author = true, member
		t.applyEach(toPhone(1, f), asks(send(1, peer, "two")), ends(domain.SendBegun{Message: msg(1)}), ends(accepted(1, "out.1")))
		for _, test := range []struct {
			over      domain.ConnectionID
			id        domain.ProviderID
			direction domain.Direction // empty: there is no such message
			author    *domain.Author
		}{
			{phone, "in.1", domain.Inbound, member},
			{phone, "out.1", domain.Outbound, nil},
			{phone, "in.2", "", nil},
			{phone, "", "", nil},
			{cloud, "in.1", "", nil},
		} {
			known, err := t.store.MessagesKnownAs(t.Context(), acme, test.over, []domain.ProviderID{test.id})
			m, found := known[test.id]
			if err != nil || found != (test.direction != "") {
				t.Errorf("%q over %s: found %t, %v", test.id, test.over, found, err)
			}
			t.same("the message "+string(test.id), m.Direction, test.direction)
			t.same("its author", m.Author, test.author)
		}
	}},
	{"an outcome of a message that is not there is ignored", func(t lab) {
		for _, f := range []domain.Fact{domain.SendBegun{Message: msg(9)}, accepted(9, "out.9"), domain.EvidenceOverdue{Message: msg(9)}} {
			t.gives(domain.Ignored, ends(f))
		}
	}},
	{"a cancelled call says that the store is away, not that the data is bad", func(t lab) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := t.store.Apply(ctx, domain.Batch{Updates: []domain.Update{toPhone(1, says(peer, "in.1", "one"))}})
		if !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
	}},
}
