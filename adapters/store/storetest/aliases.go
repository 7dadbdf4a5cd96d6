package storetest

import (
	"slices"

	"recado/domain"
)

var aliasRows = []row{
	{"a peer is found by every name that was told with a message", func(t lab) {
		f := says(peer, "in.1", "one")
		f.AlsoKnown = []domain.PeerID{"US.1", "7@lid"}
		chat := t.applyEach(toPhone(1, f)).Chat.ID
		t.gives(domain.Applied, toPhone(2, says("US.1", "in.2", "two")))
		t.gives(domain.Applied, toPhone(3, wrote("7@lid", "out.3", "three")))
		t.applyEach(asks(send(1, "US.1", "four")))
		t.same("messages", t.texts(chat), []string{"four", "three", "two", "one"})
		if got := t.chats(); len(got) != 1 {
			t.Errorf("chats %+v, want one", got)
		}
	}},
	{"a new name of a known peer finds his chat", func(t lab) {
		chat := t.applyEach(toPhone(1, says(peer, "in.1", "one"))).Chat.ID
		f := says("US.1", "in.2", "two")
		f.AlsoKnown = []domain.PeerID{peer}
		t.gives(domain.Applied, toPhone(2, f))
		t.gives(domain.Applied, toPhone(3, says("US.1", "in.3", "three")))
		t.same("messages", t.texts(chat), []string{"three", "two", "one"})
	}},
	{"a peer is found by the name that the answer to a send gave", func(t lab) {
		t.applyEach(asks(send(1, "5215550000000", "one")), ends(domain.SendBegun{Message: msg(1)}), ends(accepted(1, "out.1", "525550000000")))
		t.gives(domain.Applied, toPhone(2, says("525550000000", "in.2", "two")))
		t.same("messages", t.texts(t.chat("5215550000000").ID), []string{"one", "two"}) // ours is of the store's clock
	}},
	{"a peer is found by the names that the company's address book lists", func(t lab) {
		chat := t.applyEach(toPhone(1, says("US.1", "in.1", "one"))).Chat.ID
		t.apply(toPhone(2, domain.PeerListed{Peer: peer, AlsoKnown: []domain.PeerID{"US.1"}, Contact: domain.Contact{Name: "Bea"}}))
		t.gives(domain.Applied, toPhone(3, says(peer, "in.2", "two")))
		t.same("messages", t.texts(chat), []string{"two", "one"})
		if c := t.chats(); len(c) != 1 || c[0].Title != "" || c[0].Address() != peer {
			t.Errorf("chats %+v, want one without a title, written to by phone", c)
		}
	}},
	{"names told in one batch find one chat", func(t lab) {
		f := says(peer, "in.1", "one")
		f.AlsoKnown = []domain.PeerID{"US.1"}
		t.apply(toPhone(1, f), toPhone(2, says("US.1", "in.2", "two")), toPhone(3, f))
		t.same("messages", t.texts(t.chat(peer).ID), []string{"two", "one"})
	}},
	{"a number is found by another spelling of its country", func(t lab) {
		t.applyEach(toPhone(1, says("5215512345678", "in.1", "one")))
		t.applyEach(asks(send(1, "525512345678", "two")))
		if c := t.chat("5215512345678"); len(t.chats()) != 1 || c.Address() != "5215512345678" {
			t.Errorf("chats %+v, written to as %s", t.chats(), c.Address())
		}
	}},
	{"two spellings that both exist stay two", func(t lab) {
		t.applyEach(toPhone(1, says("5491123456789", "in.1", "one")))
		t.applyEach(toPhone(2, says("541123456789", "in.2", "two"))) // another spelling of the first
		t.applyEach(toPhone(3, says("5511987654321", "in.3", "three")))
		if got := t.chats(); len(got) != 2 {
			t.Errorf("chats %+v, want two", got)
		}
	}},
	{"a peer that the messenger moved is found by both ids", func(t lab) {
		chat := t.applyEach(toPhone(1, says("-5", "in.1", "one"))).Chat.ID
		t.checkStored(t.gives(domain.Applied, toPhone(2, domain.PeerMigrated{Peer: "-5", To: "-1005"})))
		t.gives(domain.Applied, toPhone(3, says("-1005", "in.2", "two")))
		t.gives(domain.Applied, toPhone(4, says("-5", "in.3", "three")))
		t.applyEach(asks(send(1, "-1005", "four")))
		t.same("messages", t.texts(chat), []string{"four", "three", "two", "one"})
		if c := t.chat("-5"); c.Address() != "-1005" {
			t.Errorf("chat %+v", c)
		}
	}},
	{"a move of a peer that nobody knows makes no chat", func(t lab) {
		t.applyEach(toPhone(2, domain.PeerMigrated{Peer: "-5", To: "-1005"}))
		if got := t.chats(); len(got) != 0 {
			t.Errorf("chats %+v", got)
		}
	}},
	{"another connection knows no such name", func(t lab) {
		f := says(peer, "in.1", "one")
		f.AlsoKnown = []domain.PeerID{"US.1"}
		t.applyEach(toPhone(1, f), toBot(2, says("US.1", "in.2", "two")))
		if got := t.chats(); len(got) != 2 {
			t.Errorf("chats %+v, want two", got)
		}
	}},
}

// Rule 47: two chats turn out to be of one peer.
var mergeRows = []row{
	{"the older chat goes on, and keeps all names", func(t lab) {
		older, younger := twoChats(t)
		r := t.gives(domain.Applied, toPhone(3, both("in.3", "three")))
		t.checkStored(r)
		merged := t.chat("US.1")
		if r.Chat.ID != older || merged.ID != younger || merged.MergedInto != older || !r.Chat.LastInboundAt.Equal(second(3)) {
			t.Errorf("%+v goes on, and %+v is merged", r.Chat, merged)
		}
		for i, name := range []domain.PeerID{"US.1", peer, "7@lid"} {
			if r := t.applyEach(toPhone(4+i, says(name, domain.ProviderID("in.4"+string(name)), "later"))); r.Chat.ID != older {
				t.Errorf("%s is in the chat of %s", name, r.Chat.Peer)
			}
		}
		t.same("messages of the younger", t.texts(younger), []string{"two"})
		if heard := t.types(crm); !slices.Contains(heard, domain.EventChatMerged) {
			t.Errorf("events %v", heard)
		}
	}},
	{"a block on either holds for both", func(t lab) {
		older, younger := twoChats(t)
		t.applyEach(asks(domain.BlockRequested{Chat: younger, By: "ana", Block: true}))
		t.gives(domain.Dropped, toPhone(3, both("in.3", "hushed")))
		t.gives(domain.Dropped, toPhone(4, says(peer, "in.4", "hushed")))
		t.refuses(domain.ErrChatBlocked, asks(send(1, peer, "no")))
		blocked := func(want bool) {
			t.Helper()
			for _, c := range t.chats() {
				if c.Blocked() != want {
					t.Errorf("chat %+v", c)
				}
			}
		}
		blocked(true)
		t.applyEach(asks(domain.BlockRequested{Chat: older, By: "ana"}))
		blocked(false)
		t.applyEach(asks(domain.BlockRequested{Chat: younger, By: "ana", Block: true}))
		blocked(true)
		if got := t.stored("hushed"); got != 0 {
			t.Errorf("a blocked peer's text is stored %d times", got)
		}
	}},
	{"what is sent in the merged chat goes to the one that goes on", func(t lab) {
		older, younger := twoChats(t)
		answered := t.messages(younger)[0].ID
		t.applyEach(toPhone(3, both("in.3", "three")))
		f := send(1, "", "four")
		f.Chat, f.ReplyTo = younger, answered
		if r := t.applyEach(asks(f)); r.Chat.ID != older || r.Message.ReplyTo != "in.2" {
			t.Errorf("sent in %s as an answer to %q", r.Chat.Peer, r.Message.ReplyTo)
		}
	}},
	{"three chats become one, one after another", func(t lab) {
		older, younger := twoChats(t)
		third := t.applyEach(toPhone(3, says("8@lid", "in.3", "three"))).Chat.ID
		join := func(id domain.ProviderID, names ...domain.PeerID) {
			f := says(names[0], id, "names")
			f.AlsoKnown = names[1:]
			t.applyEach(toPhone(4, f))
		}
		join("in.5", "US.1", "8@lid", "US.9")
		join("in.6", "8@lid", peer)
		if r := t.applyEach(toPhone(5, says("US.9", "in.7", "seven"))); r.Chat.ID != older {
			t.Errorf("US.9 is in the chat of %s", r.Chat.Peer)
		}
		for _, c := range t.chats() {
			if c.ID != older && c.MergedInto != older {
				t.Errorf("%+v is merged into another than %s; the others are %s and %s", c, older, younger, third)
			}
		}
	}},
	{"a status tells that two chats are one", func(t lab) {
		t.applyEach(asks(send(1, peer, "ours")), ends(domain.SendBegun{Message: msg(1)}), ends(accepted(1, "out.1")))
		t.applyEach(toPhone(1, says("US.1", "in.1", "one")))
		f := status("out.1", domain.Delivered)
		f.Peers = []domain.PeerID{peer, "US.1"}
		t.gives(domain.Applied, toPhone(2, f))
		if r := t.applyEach(toPhone(3, says("US.1", "in.2", "two"))); r.Chat.Peer != peer {
			t.Errorf("US.1 is in the chat of %s", r.Chat.Peer)
		}
	}},
	{"an upgrade of a group that is told late", func(t lab) {
		older := t.applyEach(toPhone(1, says("-5", "in.1", "one"))).Chat.ID
		t.applyEach(toPhone(2, says("-1005", "in.2", "two")))
		t.gives(domain.Applied, toPhone(3, domain.PeerMigrated{Peer: "-5", To: "-1005"}))
		if r := t.applyEach(toPhone(4, says("-1005", "in.3", "three"))); r.Chat.ID != older || r.Chat.Address() != "-1005" {
			t.Errorf("-1005 is in the chat of %s, written to at %s", r.Chat.Peer, r.Chat.Address())
		}
	}},
}

// twoChats are those of one person, who wrote under two names.
func twoChats(t lab) (older, younger domain.ChatID) {
	f := says("US.1", "in.2", "two")
	f.AlsoKnown = []domain.PeerID{"7@lid"}
	older = t.applyEach(toPhone(1, says(peer, "in.1", "one"))).Chat.ID
	younger = t.applyEach(toPhone(2, f)).Chat.ID
	return older, younger
}

// both is a message that names both.
func both(id domain.ProviderID, text string) domain.MessageArrived {
	f := says("US.1", id, text)
	f.AlsoKnown = []domain.PeerID{peer}
	return f
}
