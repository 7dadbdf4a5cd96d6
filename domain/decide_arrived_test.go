package domain

import (
	"testing"
	"time"
)

var (
	hello = MessageArrived{Peer: "79990000000", Direction: Inbound, ProviderID: "wamid.9", Type: TypeText, Text: "hello"}
	echo  = MessageArrived{Peer: "79990000000", Direction: Outbound, ProviderID: "wamid.1", Type: TypeText, Text: "we are open"}
)

func TestDecideArrived(t *testing.T) {
	empty := &Chat{ID: "chat_1"}
	stored := &Message{ID: "msg_9", Chat: "chat_1", Direction: Inbound, ProviderID: "wamid.9"}
	testRules(t, []rule{
		{"rule 16: a first message waits for an answer", State{Chat: empty}, hello, "applied; inbound; 1 unanswered; emits message.created"},
		{"rule 16: another one is counted too", State{Chat: chatWith()}, hello, "applied; inbound; 4 unanswered; emits message.created"},
		{"the same webhook comes again", among(stored), hello, "repeated"},

		{"rule 4: blocked on this connection", State{Chat: chatWith(blocked)}, hello, "dropped"},
		{"rule 4: not blocked on another connection", State{Chat: chatWith()}, hello, "applied; inbound; 4 unanswered; emits message.created"},
		{"rule 9: a blocked peer writes", State{Chat: chatWith(blocked)}, hello, "dropped"},
		{"rule 9: a blocked peer's old message comes again", State{Chat: chatWith(blocked), Message: stored}, hello, "dropped"},
		{"rule 10: an echo from the phone in a blocked chat", State{Chat: chatWith(blocked)}, echo, "applied; sent; 0 unanswered; emits message.created, chat.unanswered"},

		{"rule 17: an echo answers what came before it", among(nil), echo, "applied; sent; 0 unanswered; emits message.created, chat.unanswered"},
		{"rule 17: an echo answers only what came up to its time", among(nil), atSecond(2, echo), "applied; sent; 1 unanswered; emits message.created, chat.unanswered"},
		{"rule 17: an echo older than what waits answers nothing", among(nil), atSecond(0, echo), "applied; sent; 3 unanswered; emits message.created"},
		{"rule 17: an incoming message that an echo answered comes late", State{Chat: chatWith(allAnswered, answeredAt(20))}, atSecond(19, hello), "applied; inbound; 0 unanswered; emits message.created"},
		{"rule 17: an incoming message after the echo waits", State{Chat: chatWith(allAnswered, answeredAt(20))}, atSecond(21, hello), "applied; inbound; 1 unanswered; emits message.created"},

		{"an echo of an unknown id is another message, whatever its text", among(nil), echo, "applied; sent; 0 unanswered; emits message.created, chat.unanswered"},
		{"an echo of a send after its answer changes nothing", among(ourMessage(Sent)), echo, "repeated"},
		{"an echo with an earlier time of a send", among(ourMessage(Sent)), atSecond(4, echo), "repeated; sent"},
		{"an echo after delivered changes nothing", among(ourMessage(Delivered)), echo, "repeated"},
		{"an echo of a failed message changes nothing", among(ourMessage(Failed, sentAt(6))), echo, "repeated"},
		{"rule 19: an echo lifts outcome_unknown", among(ourMessage(Failed, lost)), echo, "applied; sent; 0 unanswered; emits message.status, chat.unanswered"},
		{"an echo of a message that is queued under its name", among(ourMessage(Queued, attempted, named1)), echo, "applied; sent; 0 unanswered; emits message.status, chat.unanswered"},
	})
}

func TestRule15LastInboundAt(t *testing.T) {
	tests := []struct {
		name      string
		fact      Fact
		want      time.Time
		arrivedAt time.Time
	}{
		{"a newer message moves the chat", atSecond(10, hello), second(10), second(10)},
		{"an older message that comes late does not move it back", atSecond(2, hello), second(3), second(2)},
		{"a time in the future counts as now", atSecond(5000, hello), now, now},
		{"no time counts as now", moment{hello, time.Time{}}, now, now},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := decide(t, State{Chat: chatWith()}, tt.fact)
			if !c.Chat.LastInboundAt.Equal(tt.want) || !c.Message.At.Equal(tt.arrivedAt) {
				t.Errorf("last inbound at %s and the message at %s, want %s and %s", c.Chat.LastInboundAt, c.Message.At, tt.want, tt.arrivedAt)
			}
		})
	}
}

// Only an incoming message moves a chat in the list.
func TestRule14WhatMovesNothing(t *testing.T) {
	s := among(ourMessage(Queued, attempted))
	phone := among(nil)
	tests := []struct {
		name  string
		state State
		fact  Fact
	}{
		{"an echo", phone, echo},
		{"a status", s, StatusReported{Message: "msg_1", ProviderID: "wamid.1", Status: Read}},
		{"an answer", s, SendEnded{"msg_1", SendResult{Fate: FateAccepted, ProviderID: "wamid.1"}}},
		{"a request to send", phone, SendRequested{ID: "msg_2", Chat: "chat_1", Type: TypeText, Text: "hi"}},
		{"a block", phone, BlockRequested{Chat: "chat_1", Block: true}},
		{"no reply needed", phone, NoReplyNeeded{Chat: "chat_1", ThroughSeq: 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if c := decide(t, tt.state, tt.fact).Chat; c == nil || !c.LastInboundAt.Equal(second(3)) {
				t.Errorf("the chat is %+v, want it as it was in the list", c)
			}
		})
	}
}

func TestWhatIsKnownOfThePeer(t *testing.T) {
	met := func(c *Chat) { c.Title, c.ContactAt = "Bea", second(5) }
	tests := []struct {
		name    string
		at      int
		contact Contact
		want    string
	}{
		{"a newer name stays", 6, Contact{Name: "Ana"}, "Ana"},
		{"an older name that comes late does not", 4, Contact{Name: "Cleo"}, "Bea"},
		{"of two of the same moment the greater stays", 5, Contact{Name: "Cleo"}, "Cleo"},
		{"of two of the same moment the smaller goes", 5, Contact{Name: "Ana"}, "Bea"},
		{"an empty contact changes nothing", 6, Contact{}, "Bea"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := hello
			f.Contact = tt.contact
			if got := decide(t, State{Chat: chatWith(met)}, atSecond(tt.at, f)).Chat.Title; got != tt.want {
				t.Errorf("the chat is called %q, want %q", got, tt.want)
			}
		})
	}
}

func answeredAt(sec int) func(*Chat) { return func(c *Chat) { c.AnsweredAt = second(sec) } }
func sentAt(sec int) func(*Message)  { return func(m *Message) { m.SentAt = second(sec) } }
func named1(m *Message)              { m.ProviderID = "wamid.1" }
