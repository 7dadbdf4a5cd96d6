package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing"

	"recado/adapters/store/storetest"
	"recado/adapters/vault"
	"recado/domain"
)

// office is a store of the storetest.Office.
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
	_, err = s.Declare(b.Context(), storetest.Office(), false)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// updatesOfBatch is as many as a full batch of an inbox lane has.
const updatesOfBatch = domain.InboxBatchRows

func arrivals(n int) []domain.Update { return storetest.Arrivals(n, updatesOfBatch) }

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
	return storetest.Batch(updatesOfBatch, fact)
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
