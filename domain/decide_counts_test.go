package domain

import (
	"slices"
	"testing"
)

// Rule 48: what a person on the other side wrote, pressed, sent or called counts.
// All of these are stored; what does not count changes nothing else of the chat.
func TestRule48WhatCounts(t *testing.T) {
	says := func(change func(*MessageArrived)) MessageArrived {
		f := hello
		change(&f)
		return f
	}
	of := func(typ MessageType) MessageArrived { return says(func(f *MessageArrived) { f.Type = typ }) }
	by := func(role AuthorRole) MessageArrived {
		return says(func(f *MessageArrived) { f.IsGroup, f.Author = true, &Author{ID: "7", Role: role} })
	}
	tests := []struct {
		name   string
		fact   MessageArrived
		counts bool
		told   bool
	}{
		{"a text", hello, true, true},
		{"a press", of(TypeButton), true, true},
		{"a call", of(TypeCall), true, true},
		{"an order", of(TypeOrder), true, true},
		{"what the messenger cannot pass on", of(TypeUnsupported), true, true},
		{"what a member of a group writes", by(""), true, true},
		{"a notice of the messenger", of(TypeSystem), false, true},
		{"what the group's own admins write", by(RoleCompany), false, true},
		{"what another bot writes", by(RoleBot), false, true},
		{"what an agent of the messenger is asked", says(func(f *MessageArrived) { f.Origin = OriginStandby }), false, true},
		{"what an agent of the messenger answers", says(func(f *MessageArrived) { f.Origin, f.Direction = OriginStandby, Outbound }), false, true},
		{"a message of the past", says(func(f *MessageArrived) { f.Origin = OriginHistory }), false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := State{Chat: chatWith(), Unanswered: waitingThree, KeepHistory: true}
			c := decide(t, s, atSecond(20, tt.fact))
			chat := c.chat(s)
			counted := chat.Unanswered == 4 && chat.InboundSeq == 4 && chat.LastInboundAt.Equal(second(20))
			same := chat.Unanswered == 3 && chat.InboundSeq == 3 && chat.LastInboundAt.Equal(second(3)) && chat.AnsweredSeq == 0
			if tt.counts && !counted || !tt.counts && !same {
				t.Errorf("the chat is %+v, want it to count: %t", chat, tt.counts)
			}
			if c.Message == nil || (len(c.notices) > 0) != tt.told {
				t.Errorf("the change is %s, want it stored, and told: %t", brief(c), tt.told)
			}
		})
	}
}

// Rule 52: history is stored where the connection keeps it, with how far it came.
func TestRule52ThePast(t *testing.T) {
	theirs, ours := hello, echo
	theirs.Origin, ours.Origin = OriginHistory, OriginHistory
	read, failed := ours, ours
	read.Status, failed.Status = Read, Failed
	keeps := func(changes ...func(*Chat)) State { return State{Chat: chatWith(changes...), KeepHistory: true} }
	stored := State{Chat: chatWith(), KeepHistory: true, Message: &Message{ID: "msg_9", Chat: "chat_1", Direction: Inbound}}
	testRules(t, []rule{
		{"of the client", keeps(), theirs, "applied; inbound; 3 unanswered"},
		{"of the company", keeps(), ours, "applied; sent; 3 unanswered"},
		{"that was read", keeps(), read, "applied; read; 3 unanswered"},
		{"that failed, for no known reason", keeps(), failed, "applied; failed unrecognized; 3 unanswered"},
		{"the same again", stored, theirs, "repeated"},
		{"of a blocked client", keeps(blocked), theirs, "dropped"},
		{"of the company to a blocked client", keeps(blocked), ours, "applied; sent; 3 unanswered"},
		{"where the connection does not keep it", State{Chat: chatWith()}, theirs, "ignored"},
	})
}

// Rule 52: a call is one message, whichever of its beginning and its end comes, and
// in whatever order. Its last sign is when the window opens.
func TestRule52Calls(t *testing.T) {
	rings, ends := hello, hello
	rings.Type, rings.Text, rings.Content = TypeCall, "call", &Content{Call: &Call{}}
	ends.Type, ends.Text, ends.Content = TypeCall, "call: 35 s", &Content{Call: &Call{Seconds: 35}}
	missed := ends
	missed.Text, missed.Content = "call: missed", &Content{Call: &Call{Missed: true}}
	out := ends
	out.Direction = Outbound
	stored := func(f MessageArrived, changes ...func(*Chat)) State {
		m := Message{
			ID: "msg_9", Chat: "chat_1", Direction: f.Direction, Type: f.Type, Text: f.Text, Content: f.Content, ProviderID: f.ProviderID, At: second(5),
		}
		if f.Direction == Outbound {
			m.Status = Sent
		}
		return State{Chat: chatWith(changes...), Message: &m}
	}
	ringsOut := rings
	ringsOut.Direction = Outbound
	testRules(t, []rule{
		{"it rings", State{Chat: chatWith()}, rings, "applied; inbound; 4 unanswered; emits message.created"},
		{"it ends", stored(rings), ends, "applied; inbound; 3 unanswered; emits message.edited"},
		{"it is missed", stored(rings), missed, "applied; inbound; 3 unanswered; emits message.edited"},
		{"only its end comes", State{Chat: chatWith()}, ends, "applied; inbound; 4 unanswered; emits message.created"},
		{"its beginning comes after its end", stored(ends), rings, "repeated"},
		{"its end comes again", stored(ends), ends, "repeated"},
		{"a blocked client's ends", stored(rings, blocked), ends, "dropped"},
		{"the company's ends", stored(ringsOut), out, "applied; sent; emits message.edited"},
	})
	s := stored(rings)
	if c := decide(t, s, atSecond(40, ends)).Chat; c == nil || !c.LastInboundAt.Equal(second(40)) {
		t.Errorf("after the end the chat is %+v", c)
	}
}

// Rule 52: what the company's address book calls a peer, where the connection keeps its
// past; rule 44: by which names the messenger knows the peer, everywhere.
func TestRule52TheAddressBook(t *testing.T) {
	listed := PeerListed{Peer: "79990000000", Contact: Contact{Name: "Bea"}}
	named := PeerListed{Peer: "79990000000", AlsoKnown: []PeerID{"US.1"}, Contact: Contact{Name: "Bea"}}
	met := func(c *Chat) { c.Title, c.ContactAt = "Bea Ruiz", second(30) }
	tests := []struct {
		name  string
		state State
		fact  PeerListed
		want  string
		title string
		names []PeerID
	}{
		{"a name", State{Chat: chatWith(), KeepHistory: true}, listed, "applied; 3 unanswered", "Bea", nil},
		{"an older one than is known", State{Chat: chatWith(met), KeepHistory: true}, listed, "repeated", "Bea Ruiz", nil},
		{"of a peer without a chat", State{KeepHistory: true}, listed, "ignored", "", nil},
		{"where the connection does not keep it", State{Chat: chatWith()}, listed, "ignored", "", nil},
		{"with another name of the peer", State{Chat: chatWith(), KeepHistory: true}, named, "applied; 3 unanswered", "Bea", []PeerID{"79990000000", "US.1"}},
		{"likewise, where the connection does not keep it", State{Chat: chatWith()}, named, "repeated", "", []PeerID{"79990000000", "US.1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := decide(t, tt.state, tt.fact)
			if !slices.Equal(c.Aliases, tt.names) {
				t.Errorf("it learns %v, want %v", c.Aliases, tt.names)
			}
			if got := brief(c); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if tt.state.Chat != nil && c.chat(tt.state).Title != tt.title {
				t.Errorf("the chat is called %q, want %q", c.chat(tt.state).Title, tt.title)
			}
		})
	}
}

// Rule 53: a send goes to the topic of the last incoming message that counts.
func TestRule53TheTopicOfTheLastMessage(t *testing.T) {
	in := func(topic string) MessageArrived {
		f := hello
		f.Content = &Content{Topic: &Topic{ID: topic}}
		return f
	}
	notice := in("9")
	notice.Type = TypeSystem
	known := func(c *Chat) { c.Topic, c.LastInboundAt = "5", second(20) }
	tests := []struct {
		name string
		fact MessageArrived
		at   int
		want string
	}{
		{"a newer message", in("7"), 21, "7"},
		{"a newer message of no topic", hello, 21, ""},
		{"an older message that comes late", in("7"), 19, "5"},
		{"the greater of two of one moment", in("7"), 20, "7"},
		{"not the smaller of two of one moment", in("3"), 20, "5"},
		{"a notice", notice, 21, "5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := State{Chat: chatWith(known)}
			change := decide(t, s, atSecond(tt.at, tt.fact))
			if got := change.chat(s).Topic; got != tt.want {
				t.Errorf("the topic is %q, want %q", got, tt.want)
			}
		})
	}
}

// Rule 50: in a group the best status of a member is the message's. It fails when it
// failed for all members that are known, unless one of whom nothing was known gets it.
func TestRule50StatusesOfAGroup(t *testing.T) {
	group := func(m *Message, members ...PeerID) State {
		s := among(m)
		s.Chat.IsGroup = true
		s.Chat.Kind, s.Chat.Members = WABA, append([]PeerID{"1", "2", "3"}, members...)
		return s
	}
	failedFor := func(who ...PeerID) func(*Message) { return func(m *Message) { m.FailedFor = who } }
	stranger := func(m *Message) State {
		s := group(m)
		s.Chat.Members = nil
		return s
	}
	of := func(who PeerID, status DeliveryStatus) StatusReported {
		return StatusReported{ProviderID: "wamid.1", Status: status, Participant: who}
	}
	testRules(t, []rule{
		{"one got it", group(ourMessage(Sent)), of("1", Delivered), "applied; delivered; emits message.status"},
		{"another read it", group(ourMessage(Delivered)), of("2", Read), "applied; read; emits message.status"},
		{"a third got it, too", group(ourMessage(Read)), of("3", Delivered), "late; read"},
		{"it failed for one", group(ourMessage(Sent)), of("1", Failed), "late; sent"},
		{"it failed for one before anything was known", group(ourMessage(Queued, attempted, named1)), of("1", Failed), "late; queued, attempt 1"},
		{"it failed for one again", group(ourMessage(Sent, failedFor("1"))), of("1", Failed), "repeated"},
		{"it failed for one after the other", group(ourMessage(Sent, failedFor("1", "2"))), of("3", Failed), "applied; failed unrecognized; emits message.failed"},
		{"it failed for one who is not known, too", group(ourMessage(Sent, failedFor("1", "2"))), of("4", Failed), "late; sent"},
		{"it failed for all but one who is known", group(ourMessage(Sent, failedFor("1", "2")), "4"), of("3", Failed), "late; sent"},
		{"it failed for one of a group of which nobody is known", stranger(ourMessage(Sent)), of("1", Failed), "late; sent"},
		{"one got it for whom nobody knew", group(ourMessage(Failed, failedFor("1", "2", "3"))), of("4", Delivered), "applied; delivered; 0 unanswered; emits message.status, chat.unanswered"},
		{"it failed for the last after one got it", group(ourMessage(Delivered, failedFor("1", "2"))), of("3", Failed), "late"},
		{"it failed for all", group(ourMessage(Sent)), of("", Failed), "applied; failed unrecognized; emits message.failed"},
		{"it failed for all whom it did not reach", group(ourMessage(Delivered)), of("", Failed), "late"},
	})
}
