package jobs

import (
	"testing"

	"recado/domain"
)

// WhatsApp through WAHA wants to know who wrote the message that a reply quotes. Other
// messengers do not, and the store is not asked for it.
func TestAReplyTellsWhoWroteWhatItQuotes(t *testing.T) {
	client := domain.Chat{Peer: "34600000131"}
	moved := domain.Chat{Peer: "34600000131", MovedTo: "34600000132"}
	group := domain.Chat{Peer: "1203@g.us", IsGroup: true}
	theirs := domain.Message{Direction: domain.Inbound}
	ours := domain.Message{Direction: domain.Outbound}
	members := domain.Message{Direction: domain.Inbound, Author: &domain.Author{ID: "34600000777"}}
	tests := []struct {
		name   string
		kind   domain.Kind
		chat   domain.Chat
		quoted domain.Message
		err    error
		reply  domain.ProviderID
		by     domain.PeerID
	}{
		{"the client's message", domain.WhatsAppBusiness, client, theirs, nil, "3EB0A1", "34600000131"},
		{"the message of a client with another number now", domain.WhatsAppBusiness, moved, theirs, nil, "3EB0A1", "34600000132"},
		{"our own message", domain.WhatsAppBusiness, client, ours, nil, "3EB0A1", ""},
		{"the message of a member of a group", domain.WhatsAppBusiness, group, members, nil, "3EB0A1", "34600000777"},
		{"our own message in a group", domain.WhatsAppBusiness, group, ours, nil, "3EB0A1", ""},
		{"a message that is gone", domain.WhatsAppBusiness, client, domain.Message{}, domain.ErrNotFound, "", ""},
		{"another messenger's message", domain.WABA, client, domain.Message{}, domain.ErrUnavailable, "3EB0A1", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := newStore()
			store.named = func(c domain.ConnectionID, id domain.ProviderID) (domain.Message, error) {
				if c != "shop" || id != "3EB0A1" {
					t.Errorf("looked for %s of %s", id, c)
				}
				return test.quoted, test.err
			}
			m := domain.Message{Connection: "shop", Type: domain.TypeText, ReplyTo: "3EB0A1"}
			o, err := newShop(t, store, words).outgoing(t.Context(), test.kind, domain.Result{Message: m, Chat: test.chat})
			if err != nil || o.ReplyTo != test.reply || o.ReplyBy != test.by {
				t.Errorf("replies to %q of %q, %v", o.ReplyTo, o.ReplyBy, err)
			}
		})
	}
}

// A reply waits while the store cannot say whom it quotes.
func TestAReplyWaitsForTheStore(t *testing.T) {
	store := newStore()
	store.named = func(domain.ConnectionID, domain.ProviderID) (domain.Message, error) {
		return domain.Message{}, domain.ErrUnavailable
	}
	s := newShop(t, store, words)
	begun := domain.Result{Message: domain.Message{Type: domain.TypeText, ReplyTo: "3EB0A1"}}
	answer := (&turn{Worker: s.Worker}).call(t.Context(), fakeConnector{}, domain.Connection{Kind: domain.WhatsAppBusiness}, begun)
	if answer.Fate != domain.FateNeverLeft || answer.Reason() != domain.ReasonUnavailable {
		t.Errorf("the answer is %+v", answer)
	}
}
