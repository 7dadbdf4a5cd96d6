package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"recado/adapters/store/storetest"
	"recado/domain"
)

// office is a store of the storetest.Office.
func office(tb testing.TB, dir string) *Store {
	tb.Helper()
	s := opened(tb, dir)
	_, err := s.Declare(tb.Context(), storetest.Office(), false)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func hooks(n int) []domain.Webhook {
	list := make([]domain.Webhook, n)
	for i := range list {
		list[i] = domain.Webhook{Hook: "meta", Kind: domain.WABA, Body: bytes.Repeat([]byte("b"), 800), Received: time.Now()}
	}
	return list
}

func arrivals(n int) []domain.Update { return storetest.Arrivals(n, 500) }

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 10, 100} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s := office(b, b.TempDir())
			batch := hooks(size)
			for b.Loop() {
				if err := s.Append(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "webhooks/s")
		})
	}
}

func BenchmarkApply(b *testing.B) {
	s := office(b, b.TempDir())
	n := 0
	for b.Loop() {
		n++
		if _, err := s.Apply(b.Context(), domain.Batch{Updates: arrivals(n)}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(500*b.N)/b.Elapsed().Seconds(), "updates/s")
}

// BenchmarkAppendBesideAppliers is how long a webhook waits for its 2xx while
// four lanes apply one full batch after another. It comes at any moment.
func BenchmarkAppendBesideAppliers(b *testing.B) {
	s := office(b, b.TempDir())
	ctx, stop := context.WithCancel(b.Context())
	var batches atomic.Int64
	ended := make(chan error, 4)
	for range cap(ended) {
		go func() {
			for ctx.Err() == nil {
				if _, err := s.Apply(b.Context(), domain.Batch{Updates: arrivals(int(batches.Add(1)))}); err != nil {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
	}
	calls := time.NewTicker(7 * time.Millisecond) // whether or not those before were answered
	defer calls.Stop()
	var mu sync.Mutex
	var took []time.Duration
	var open sync.WaitGroup
	for b.Loop() {
		<-calls.C
		open.Go(func() {
			begun := time.Now()
			err := s.Append(b.Context(), hooks(1))
			mu.Lock()
			defer mu.Unlock()
			if took = append(took, time.Since(begun)); err != nil {
				b.Error(err)
			}
		})
	}
	open.Wait()
	stop()
	for range cap(ended) {
		if err := <-ended; err != nil {
			b.Fatal(err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "median-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(500*batches.Load())/b.Elapsed().Seconds(), "updates/s")
}
