package storetest

import (
	"fmt"
	"time"

	"recado/domain"
)

// Office is what benchmarks declare: one connection, whose events one endpoint
// hears.
func Office() domain.Registry {
	return domain.Registry{
		Hooks:       []domain.Hook{{ID: "meta", Kind: domain.WABA}},
		Companies:   []domain.Company{{ID: "acme", Name: "ACME", TimeZone: "UTC"}},
		Connections: []domain.Connection{{ID: "waba-1", Company: "acme", Kind: domain.WABA, Hook: "meta", Account: "1"}},
		Endpoints:   []domain.Endpoint{{ID: "crm", Company: "acme", URL: "https://crm.example/", Secret: "whsec_x", Events: []string{"*"}}},
	}
}

// Arrivals is the batch number n of an Office: messages of 100 chats, each chat
// known from the batch before.
func Arrivals(n, size int) []domain.Update {
	return Batch(size, func(i int) domain.Fact {
		return domain.MessageArrived{
			Peer: domain.PeerID(fmt.Sprintf("7999000%04d", i%100)), ProviderID: domain.ProviderID(fmt.Sprintf("wamid.%d.%d", n, i)),
			Direction: domain.Inbound, Type: domain.TypeText, Text: "What does it cost to have it delivered?",
		}
	})
}

// Batch is updates of an Office, of now.
func Batch(size int, fact func(i int) domain.Fact) []domain.Update {
	list := make([]domain.Update, size)
	for i := range list {
		list[i] = domain.Update{Hook: "meta", Kind: domain.WABA, Account: "1", At: time.Now(), Received: time.Now(), Fact: fact(i)}
	}
	return list
}
