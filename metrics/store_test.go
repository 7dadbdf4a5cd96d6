package metrics

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"recado/domain"
)

// A failingStore is a store whose Append and Hook end with an error.
type failingStore struct {
	domain.Store
	err error
}

func (s failingStore) Append(context.Context, []domain.Webhook) error { return s.err }

func (s failingStore) Hook(context.Context, domain.HookID) (domain.Hook, error) {
	return domain.Hook{}, s.err
}

func TestAStoreIsBlamedOnlyForItsOwnFailures(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		failed int
	}{
		{"it works", nil, 0},
		{"it is away", fmt.Errorf("%w: no connection", domain.ErrUnavailable), 1},
		{"its schema is another", errors.New("undefined table"), 1},
		{"its caller gave up", fmt.Errorf("%w: %w", domain.ErrUnavailable, context.Canceled), 0},
		{"the data can never be stored", &domain.DataError{Err: errors.New("a byte 0")}, 0},
		{"there is no such thing", domain.ErrNotFound, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reg := prometheus.NewPedanticRegistry()
			store := New(reg).Store(failingStore{err: tt.err})
			if err := store.Append(t.Context(), nil); !errors.Is(err, tt.err) {
				t.Errorf("Append returns %v, want %v", err, tt.err)
			}
			if _, err := store.Hook(t.Context(), "meta"); !errors.Is(err, tt.err) {
				t.Errorf("Hook returns %v, want %v", err, tt.err)
			}
			scraped := scrape(reg)
			for _, op := range []Operation{AppendInbox, FindHook} {
				for _, want := range []string{
					fmt.Sprintf("recado_store_seconds_count{operation=%q} 1\n", op),
					fmt.Sprintf("recado_store_errors_total{operation=%q} %d\n", op, tt.failed),
				} {
					if !strings.Contains(scraped, want) {
						t.Errorf("scrape lacks %s", want)
					}
				}
			}
		})
	}
}
