package domain

import (
	"slices"
	"testing"
)

func TestDecideMigrated(t *testing.T) {
	moved := PeerMigrated{Peer: "79990000000", To: "-1002"}
	movedTo := func(p PeerID) func(*Chat) { return func(c *Chat) { c.MovedTo = p } }
	testRules(t, []rule{
		{"a peer gets another id", among(nil), moved, "applied; 3 unanswered"},
		{"the same move again", State{Chat: chatWith(movedTo("-1002"))}, moved, "repeated"},
		{"a peer that moved moves on", State{Chat: chatWith(movedTo("-1002"))}, PeerMigrated{"-1002", "-1003"}, "applied; 3 unanswered"},
		{"the move before is reported again", State{Chat: chatWith(movedTo("-1003"))}, moved, "repeated"},
		{"a peer that nobody knows moves", State{}, moved, "ignored"},
		{"rule 4: a blocked peer moves", State{Chat: chatWith(blocked)}, moved, "applied; 3 unanswered"},
	})
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
			change := decide(t, among(ourMessage(Queued, attempted)), tt.fact)
			if c := change.Chat; c == nil || c.Address() != "-1002" || c.Peer != "79990000000" || !slices.Equal(change.Aliases, []PeerID{"-1002"}) {
				t.Errorf("the chat is %+v with the aliases %v", c, change.Aliases)
			}
		})
	}
}
