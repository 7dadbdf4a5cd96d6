package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

func TestWhatIsShortWaitsForOneLongTransactionAtMost(t *testing.T) {
	tests := []struct {
		name  string
		first bool // what has the turn is long
		want  []string
	}{
		{"beside a long one", true, []string{"short", "long 1", "long 2", "long 3"}},
		{"behind a long one that asked first", false, []string{"long 1", "short", "long 2", "long 3"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &writer{turn: make(chan struct{}, 1), long: make(chan struct{}, 1), conn: &sql.Conn{}}
				var order []string
				ask := func(name string, long bool) {
					go func() {
						done, err := w.wait(t.Context(), long)
						if err != nil {
							t.Error(err)
							return
						}
						order = append(order, name)
						done()
					}()
					synctest.Wait()
				}
				done, err := w.wait(t.Context(), test.first)
				if err != nil {
					t.Fatal(err)
				}
				ask("long 1", true)
				ask("long 2", true)
				ask("long 3", true)
				ask("short", false)
				done()
				synctest.Wait()
				if diff := cmp.Diff(test.want, order); diff != "" {
					t.Errorf("want (-), got (+)\n%s", diff)
				}
			})
		})
	}
}

func TestWhoGivesUpWaitingLosesHisTurnOnly(t *testing.T) {
	s := office(t, t.TempDir())
	done, err := s.write.wait(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error, 2)
	go func() { gaveUp <- s.Append(ctx, hooks(1)) }()
	go func() {
		_, err := s.Apply(ctx, domain.Batch{Updates: arrivals(1)})
		gaveUp <- err
	}()
	cancel()
	for range 2 {
		if err := <-gaveUp; !errors.Is(err, domain.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
	}
	done()
	if _, err := s.Apply(t.Context(), domain.Batch{Updates: arrivals(1)}); err != nil {
		t.Error(err)
	}
}
