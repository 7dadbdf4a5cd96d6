package domain

import (
	"slices"
	"testing"
)

func TestDecideMigrated(t *testing.T) {
	moved := PeerMigrated{Peer: "79990000000", To: "-1002"}
	movedTo := func(p PeerID) func(*Chat) { return func(c *Chat) { c.MovedTo = p } }
	group := func(c *Chat) { c.IsGroup = true }
	userID := PeerMigrated{Peer: "US.1", To: "US.2"}
	const changed = "applied; 3 unanswered; emits chat.peer_changed"
	testRules(t, []rule{
		{"a group gets another id", State{Chat: chatWith(group)}, moved, changed},
		{"the same move again", State{Chat: chatWith(group, movedTo("-1002")), Names: []PeerID{"79990000000", "-1002"}}, moved, "repeated"},
		{"a group that moved moves on", State{Chat: chatWith(group, movedTo("-1002"))}, PeerMigrated{"-1002", "-1003"}, changed},
		{"the move before is reported again", State{Chat: chatWith(group, movedTo("-1003")), Names: []PeerID{"-1002"}}, moved, "repeated"},
		{"a peer that nobody knows moves", State{}, moved, "ignored"},
		{"rule 4: a blocked peer moves", State{Chat: chatWith(blocked, group)}, moved, changed},
		{"rule 45: a person gets another number", State{Chat: chatWith()}, PeerMigrated{"79990000000", "79990000001"}, changed},
		{"rule 45: another user id, and the number stays", State{Chat: chatWith()}, userID, "applied; emits chat.peer_changed"},
		{"rule 45: the same again", State{Chat: chatWith(), Names: []PeerID{"US.1", "US.2"}}, userID, "repeated"},
		{"rule 45: a person without a number gets another user id", State{Chat: chatWith(movedTo("US.1"))}, userID, changed},
	})
}

// Rule 46: what is written to is a number that the messenger gave.
func TestWhereMessagesGo(t *testing.T) {
	says := func(names ...PeerID) MessageArrived {
		f := hello
		f.Peer, f.AlsoKnown = names[0], names[1:]
		return f
	}
	known := func(peer, movedTo PeerID) *Chat {
		return chatWith(func(c *Chat) { c.Peer, c.MovedTo = peer, movedTo })
	}
	tests := []struct {
		name  string
		state State
		fact  Fact
		want  PeerID
	}{
		{"a phone that is new wins over a user id", State{Chat: known("US.1", "")}, says("34600000121", "US.1"), "34600000121"},
		{"a user id that is new does not win over a phone", State{Chat: known("34600000121", "")}, says("US.1", "34600000121"), "34600000121"},
		{"the messenger's spelling wins over ours", State{Chat: known("525512345678", "")}, says("5215512345678"), "5215512345678"},
		{"an old number told again does not win", State{Chat: known("1", "2"), Names: []PeerID{"1"}}, says("1"), "2"},
		{
			"the spelling of an answer",
			State{Chat: known("525512345678", ""), Message: ourMessage(Queued, attempted)},
			SendEnded{"msg_1", SendResult{Fate: FateAccepted, ProviderID: "wamid.1", Peers: []PeerID{"5215512345678"}}},
			"5215512345678",
		},
		{"a number learnt of a blocked peer", State{Chat: chatWith(blocked, func(c *Chat) { c.Peer = "US.1" })}, says("34600000121", "US.1"), "34600000121"},
		{
			"a status names the phone",
			State{Chat: known("US.1", ""), Message: ourMessage(Sent)},
			StatusReported{ProviderID: "wamid.1", Status: Read, Peers: []PeerID{"34600000121", "US.1"}},
			"34600000121",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			change := decide(t, tt.state, tt.fact)
			if got := change.chat(tt.state).Address(); got != tt.want {
				t.Errorf("messages go to %s, want %s", got, tt.want)
			}
		})
	}
}

// A move changes where messages go and adds an alias; the chat stays.
func TestWhatAMoveChanges(t *testing.T) {
	tests := []struct {
		name string
		fact Fact
	}{
		{"reported by the messenger", PeerMigrated{Peer: "79990000000", To: "-1002"}},
		{"with an accepted message", SendEnded{"msg_1", SendResult{Fate: FateAccepted, ProviderID: "wamid.1", MovedTo: "-1002"}}},
		{"with a refusal", SendEnded{"msg_1", SendResult{Fate: FateRefused, Failure: ownFailure(ReasonInvalid, "no"), MovedTo: "-1002"}}},
		{"although the outcome is unknown", SendEnded{"msg_1", SendResult{Fate: FateUnknown, MovedTo: "-1002"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := among(ourMessage(Queued, attempted))
			s.Chat.IsGroup = true
			change := decide(t, s, tt.fact)
			if c := change.Chat; c == nil || c.Address() != "-1002" || c.Peer != "79990000000" || !slices.Equal(change.Aliases, []PeerID{"-1002"}) {
				t.Errorf("the chat is %+v with the aliases %v", c, change.Aliases)
			}
		})
	}
}
