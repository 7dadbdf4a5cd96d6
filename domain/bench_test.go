package domain_test

import (
	"fmt"
	"testing"

	"recado/domain"
	"recado/domain/domaintest"
)

var bench = domain.Route{Connection: "wa-1", Company: "acme", Kind: domain.WhatsAppBusiness, Account: domain.AccountKey{Hook: "acme-meta", Account: "1"}}

func benchUpdate(i, peers int, f domain.Fact) domain.Update {
	u := domain.Update{Hook: "acme-meta", Account: "1", Fact: f, At: domaintest.Begin, Received: domaintest.Begin}
	if m, ok := f.(domain.MessageArrived); ok {
		m.Peer = domain.PeerID(fmt.Sprintf("7999000%04d", i%peers))
		m.ProviderID, m.Text, m.Type = domain.ProviderID(fmt.Sprintf("wamid.%d", i)), "hello", domain.TypeText
		u.Fact = m
	}
	return u
}

func BenchmarkDecide(b *testing.B) {
	chat := &domain.Chat{ID: "chat_1", Company: "acme", Connection: "wa-1", Kind: domain.WhatsAppBusiness, Peer: "79990000000"}
	message := &domain.Message{ID: "msg_1", Chat: "chat_1", Direction: domain.Outbound, Status: domain.Sent}
	b.Run("inbound", func(b *testing.B) {
		u := benchUpdate(0, 1, domain.MessageArrived{Direction: domain.Inbound})
		s := domain.State{Chat: chat, NewID: "00000000000000000000000001"}
		b.ReportAllocs()
		for b.Loop() {
			domain.Decide(s, u)
		}
	})
	b.Run("status", func(b *testing.B) {
		u := benchUpdate(0, 1, domain.StatusReported{ProviderID: "wamid.1", Status: domain.Delivered})
		s := domain.State{Chat: chat, Message: message}
		b.ReportAllocs()
		for b.Loop() {
			domain.Decide(s, u)
		}
	})
}

// A full batch of an inbox lane: 500 updates of about 100 chats.
func BenchmarkBook(b *testing.B) {
	mixes := []struct {
		name string
		fact func(i int) domain.Fact
	}{
		{"inbound", func(int) domain.Fact { return domain.MessageArrived{Direction: domain.Inbound} }},
		{"echoes", func(int) domain.Fact { return domain.MessageArrived{Direction: domain.Outbound} }},
		{"mixed", func(i int) domain.Fact {
			switch i % 5 {
			case 0:
				return domain.MessageArrived{Direction: domain.Outbound}
			case 1:
				return domain.StatusReported{ProviderID: domain.ProviderID(fmt.Sprintf("wamid.%d", i-1)), Status: domain.Read}
			}
			return domain.MessageArrived{Direction: domain.Inbound}
		}},
	}
	for _, mix := range mixes {
		b.Run(mix.name, func(b *testing.B) {
			updates := make([]domain.Update, 500)
			for i := range updates {
				updates[i] = benchUpdate(i, 100, mix.fact(i))
			}
			serial := 0
			fresh := func() string { serial++; return fmt.Sprintf("%026d", serial) }
			b.ReportAllocs()
			for b.Loop() {
				book := domain.NewBook(updates, fresh)
				book.NeedRoutes()
				book.SetRoutes(domaintest.Begin, []domain.Route{bench})
				book.NeedNames()
				book.SetNames(nil, nil)
				if err := book.SetChats(domain.Loaded{Chats: book.NeedChats().New}); err != nil {
					b.Fatal(err)
				}
				book.NeedCounts()
				book.SetCounts(nil)
				if _, err := book.Decide(); err != nil {
					b.Fatal(err)
				}
				if w := book.Writes(); len(w.Created) == 0 {
					b.Fatal("nothing to write")
				}
			}
		})
	}
}
