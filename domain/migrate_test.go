package domain_test

import (
	"fmt"
	"strings"
	"testing"

	"recado/domain"
)

func moves(peer, to domain.PeerID) domain.Update {
	return from(domain.PeerMigrated{Peer: peer, To: to})
}

// A group that moved is one chat under both ids, however its messages and the
// news of the move are put into batches. A row is a batch for each word: o and n
// are messages of the old and of the new id, m is the move.
func TestAGroupThatMovedIsOneChat(t *testing.T) {
	tests := []struct {
		story string
		chats string // as the chats are called
	}{
		{"o m n", "1 at 2"},
		{"omn", "1 at 2"},
		{"o mm n m o", "1 at 2"},
		{"om o n", "1 at 2"},
		{"o mn", "1 at 2"},
		{"n m o", "2 at 2"}, // the chat is met under its new id
		{"nmo", "2 at 2"},
		{"m n o", "1 at 1, 2 at 2"},   // nobody knew the group when it moved
		{"o n m", "1 at 2, 2 merged"}, // the new id made a chat of its own
		{"o n m o n m", "1 at 2, 2 merged"},
		{"onm", "1 at 2, 2 merged"},
	}
	for _, test := range tests {
		t.Run(test.story, func(t *testing.T) {
			s := acme()
			for i, batch := range strings.Fields(test.story) {
				var updates []domain.Update
				for j, word := range batch {
					updates = append(updates, map[rune]domain.Update{
						'o': writes("1", domain.ProviderID(fmt.Sprintf("1/%d%d", i, j))),
						'n': writes("2", domain.ProviderID(fmt.Sprintf("2/%d%d", i, j))),
						'm': moves("1", "2"),
					}[word])
				}
				s.did(t, updates...)
			}
			messages := map[domain.ChatID]int{}
			for _, m := range s.messages {
				messages[m.Chat]++
			}
			var chats []string
			for _, peer := range []domain.PeerID{"1", "2"} {
				for id, c := range s.chats {
					if c.Peer == peer && messages[id] > 0 {
						name := fmt.Sprintf("%s at %s", c.Peer, c.Address())
						if c.MergedInto != "" {
							name = string(c.Peer) + " merged"
						}
						chats = append(chats, name)
					}
				}
			}
			if got := strings.Join(chats, ", "); got != test.chats || len(s.chats) != len(chats) {
				t.Errorf("the chats are %s, want %s", got, test.chats)
			}
		})
	}
}

// The blacklist stays with the chat, whatever its peer is called.
func TestABlockedPeerThatMovedIsStillBlocked(t *testing.T) {
	s := acme()
	chat := s.did(t, writes("1", "1/1"))[0].Chat.ID
	s.did(t, from(domain.BlockRequested{Chat: chat, By: "ana", Block: true}))
	s.did(t, moves("1", "2"))
	if r := s.did(t, writes("2", "2/1"))[0]; r.Outcome != domain.Dropped {
		t.Errorf("a message under the new id was %s, want %s", r.Outcome, domain.Dropped)
	}
}

func TestASendGoesWhereTheGroupMoved(t *testing.T) {
	s := acme()
	s.did(t, writes("1", "1/1"), asks("msg_1", "1", "hi"), asks("msg_2", "1", "again"))
	if r := s.did(t, from(domain.SendBegun{Message: "msg_1"}))[0]; r.Chat.Address() != "1" {
		t.Errorf("the first send goes to %s, want 1", r.Chat.Address())
	}
	moved := domain.SendResult{Fate: domain.FateAccepted, ProviderID: "2/1", MovedTo: "2"}
	s.did(t, from(domain.SendEnded{Message: "msg_1", Result: moved}))
	if r := s.did(t, from(domain.SendBegun{Message: "msg_2"}))[0]; r.Chat.Address() != "2" {
		t.Errorf("the second send goes to %s, want 2", r.Chat.Address())
	}
	if r := s.did(t, writes("2", "2/2"))[0]; r.Chat.Peer != "1" {
		t.Errorf("a message under the new id came to the chat of %s, want 1", r.Chat.Peer)
	}
}
