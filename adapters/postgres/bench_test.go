package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"recado/adapters/vault"
	"recado/domain"
)

// office is what the benchmarks declare: one connection, whose events one
// endpoint hears.
func office(b *testing.B) *Store {
	b.Helper()
	if os.Getenv("TEST_DATABASE_URL") == "" {
		b.Skip(`TEST_DATABASE_URL is not set; eval "$(deploy/services env)" sets it`)
	}
	v, err := vault.New(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		b.Fatal(err)
	}
	s, err := Open(b.Context(), newDatabases(b).create(b), v)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	_, err = s.Declare(b.Context(), domain.Registry{
		Hooks:       []domain.Hook{{ID: "meta", Kind: domain.WABA}},
		Companies:   []domain.Company{{ID: "acme", Name: "ACME", TimeZone: "UTC"}},
		Connections: []domain.Connection{{ID: "waba-1", Company: "acme", Kind: domain.WABA, Hook: "meta", Account: "1"}},
		Endpoints:   []domain.Endpoint{{ID: "crm", Company: "acme", URL: "https://crm.example/", Secret: "whsec_x", Events: []string{"*"}}},
	}, false)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// updatesOfBatch is as many as a full batch of an inbox lane has.
const updatesOfBatch = batchRows

// arrivals is the batch number n: messages of 100 chats, each chat known from
// the batch before.
func arrivals(n int) []domain.Update {
	return batchOf(func(i int) domain.Fact {
		return domain.MessageArrived{
			Peer: domain.PeerID(fmt.Sprintf("7999000%04d", i%100)), ProviderID: domain.ProviderID(fmt.Sprintf("wamid.%d.%d", n, i)),
			Direction: domain.Inbound, Type: domain.TypeText, Text: "What does it cost to have it delivered?",
		}
	})
}

// echoes is the batch number n: messages that the company wrote on its phone.
func echoes(n int) []domain.Update {
	return batchOf(func(i int) domain.Fact {
		return domain.MessageArrived{
			Peer: domain.PeerID(fmt.Sprintf("7999000%04d", i%100)), ProviderID: domain.ProviderID(fmt.Sprintf("wamid.echo.%d.%d", n, i)),
			Direction: domain.Outbound, Type: domain.TypeText, Text: "It costs nothing.",
		}
	})
}

// statuses is a status for each of the echoes number n.
func statuses(n int, status domain.DeliveryStatus) []domain.Update {
	return batchOf(func(i int) domain.Fact {
		return domain.StatusReported{ProviderID: domain.ProviderID(fmt.Sprintf("wamid.echo.%d.%d", n, i)), Status: status}
	})
}

func batchOf(fact func(i int) domain.Fact) []domain.Update {
	list := make([]domain.Update, updatesOfBatch)
	for i := range list {
		list[i] = domain.Update{Hook: "meta", Kind: domain.WABA, Account: "1", At: time.Now(), Received: time.Now(), Fact: fact(i)}
	}
	return list
}

// BenchmarkApply applies full batches; its figures are of one update.
func BenchmarkApply(b *testing.B) {
	s := office(b)
	apply := func(b *testing.B, updates []domain.Update) {
		receipt, err := s.Apply(context.Background(), domain.Batch{Updates: updates})
		if err != nil {
			b.Fatal(err)
		}
		for _, r := range receipt.Results {
			if r.Outcome != domain.Applied {
				b.Fatal(r.Outcome)
			}
		}
	}
	serial := 0
	for _, batch := range []struct {
		name   string
		before func(n int) []domain.Update // nil: nothing
		make   func(n int) []domain.Update
	}{
		{"messages", nil, arrivals},
		{"statuses", echoes, func(n int) []domain.Update { return statuses(n, domain.Read) }},
	} {
		b.Run(batch.name, func(b *testing.B) {
			b.ReportAllocs()
			for done := 0; done < b.N; done += updatesOfBatch {
				serial++
				if batch.before != nil {
					b.StopTimer()
					apply(b, batch.before(serial))
					b.StartTimer()
				}
				apply(b, batch.make(serial))
			}
		})
	}
}
