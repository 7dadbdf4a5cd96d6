package domain_test

import (
	"fmt"
	"time"

	"recado/domain"
)

// A peer writes on WhatsApp, and the messenger calls the webhook twice. The first
// time a message is stored and the chat has one message to answer; the second
// time nothing changes.
func ExampleDecide() {
	now := time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)
	state := domain.State{
		Now:   now,
		Chat:  &domain.Chat{ID: "chat_1", Company: "acme", Connection: "waba-1", Kind: domain.WABA, Peer: "34600111222"},
		NewID: "01KDZ4K7M00000000000000000",
	}
	update := domain.Update{
		Connection: "waba-1",
		Fact: domain.MessageArrived{
			Peer: "34600111222", Direction: domain.Inbound, ProviderID: "wamid.7", Type: domain.TypeText, Text: "Are you open?",
		},
		At: now.Add(-time.Second), Received: now,
	}

	change := domain.Decide(state, update)
	fmt.Println(change.Outcome)
	fmt.Printf("%s from the %s: %q\n", change.Message.ID, change.Message.Origin, change.Message.Text)
	fmt.Println("unanswered:", change.Chat.Unanswered)
	fmt.Println("unanswered in the state, which Decide leaves as it is:", state.Chat.Unanswered)

	state.Chat, state.Message = change.Chat, change.Message
	fmt.Println(domain.Decide(state, update).Outcome)

	// Output:
	// applied
	// msg_01KDZ4K7M00000000000000000 from the client: "Are you open?"
	// unanswered: 1
	// unanswered in the state, which Decide leaves as it is: 0
	// repeated
}

// A command that is not allowed changes nothing: the Change holds the Refusal.
func ExampleDecide_refusal() {
	now := time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)
	state := domain.State{
		Now:  now,
		Chat: &domain.Chat{ID: "chat_1", Kind: domain.WABA, BlockedBy: "ana", BlockedAt: now.Add(-time.Hour)},
	}
	change := domain.Decide(state, domain.Update{
		Fact:   domain.SendRequested{ID: "msg_1", Chat: "chat_1", Type: domain.TypeText, Text: "We are open."},
		Rights: domain.Rights{domain.WriteChats},
	})
	fmt.Println(change.Refusal)

	// Output:
	// chat_blocked
}
