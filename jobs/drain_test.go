package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

// A diary notes what a worker asks its store for.
type diary struct {
	*fakeStore
	notes []string
}

func newDiary() *diary {
	d := &diary{fakeStore: newStore()}
	d.take = func(domain.Lane) (bool, error) { d.notes = append(d.notes, "take"); return true, nil }
	d.next = func(int) ([]domain.Webhook, error) { d.notes = append(d.notes, "work"); return nil, nil }
	d.release = func(domain.Lane) error { d.notes = append(d.notes, "release"); return nil }
	d.hasWork = func(domain.Lane) (bool, error) { d.notes = append(d.notes, "look"); return false, nil }
	return d
}

func TestDrain(t *testing.T) {
	tests := []struct {
		name   string
		given  func(*diary, shop)
		notes  string
		hinted bool
		logged string // a part of it; empty: nothing
	}{
		{"looks again after the release", func(*diary, shop) {}, "take work release look", false, ""},
		{"hints work that came in the meantime", func(d *diary, _ shop) {
			d.hasWork = func(domain.Lane) (bool, error) { return true, nil }
		}, "take work release", true, ""},
		{"leaves the lane of another process", func(d *diary, _ shop) {
			d.take = func(domain.Lane) (bool, error) { return false, nil }
		}, "", false, ""},
		{"looks for work that came while another process had the lane", func(d *diary, s shop) {
			d.take = func(domain.Lane) (bool, error) { s.cfg.Hints.Hint("inbox:3"); return false, nil }
			d.hasWork = func(domain.Lane) (bool, error) { d.notes = append(d.notes, "look"); return true, nil }
		}, "look", true, ""},
		{"cannot take", func(d *diary, _ shop) {
			d.take = func(domain.Lane) (bool, error) { return false, errAway }
		}, "", false, "the store is away"},
		{"cannot work", func(d *diary, _ shop) {
			d.next = func(int) ([]domain.Webhook, error) { return nil, errAway }
		}, "take release", false, "the store is away"},
		{"cannot release", func(d *diary, _ shop) {
			d.release = func(domain.Lane) error { return errAway }
		}, "take work look", false, "the store is away"},
		{"cannot look", func(d *diary, _ shop) {
			d.hasWork = func(domain.Lane) (bool, error) { return false, errAway }
		}, "take work release", false, "the store is away"},
		{"takes nothing while the process may be dead", func(_ *diary, s shop) {
			s.process.lastBeat = time.Now().Add(-domain.DeadAfter)
		}, "", false, ""},
		{"takes nothing before the process joined", func(_ *diary, s shop) { s.process.joinedAs = "" }, "", false, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDiary()
			s := newShop(t, d.fakeStore, words)
			tt.given(d, s)
			s.drain(t.Context(), "inbox:3")
			if got := strings.Join(d.notes, " "); got != tt.notes {
				t.Errorf("did %q, want %q", got, tt.notes)
			}
			if hinted := len(s.hinted()) == 1; hinted != tt.hinted {
				t.Errorf("hinted %v", s.hinted())
			}
			if got := s.log.String(); !strings.Contains(got, tt.logged) || tt.logged == "" && got != "" {
				t.Errorf("logged %q", got)
			}
			if len(s.drainers.wake) != 0 {
				t.Errorf("keeps %v", s.drainers.wake)
			}
		})
	}
}

func TestALaneHasOneDrainerOfAProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDiary()
		d.next = func(int) ([]domain.Webhook, error) { time.Sleep(time.Second); return nil, nil }
		s := newShop(t, d.fakeStore, words)
		var first sync.WaitGroup
		first.Go(func() { s.drain(t.Context(), "inbox:3") })
		synctest.Wait()
		s.drain(t.Context(), "inbox:3")
		s.drain(t.Context(), "inbox:3")
		s.drainers.mu.Lock()
		wake := s.drainers.wake["inbox:3"]
		s.drainers.mu.Unlock()
		select {
		case <-wake:
		default:
			t.Error("it is not woken")
		}
		first.Wait()
		if !slices.Equal(d.notes, []string{"take", "release", "look"}) {
			t.Errorf("did %v", d.notes)
		}
	})
}

func TestTheLaneIsReleasedWhenTheProgramStops(t *testing.T) {
	d := newDiary()
	ctx, cancel := context.WithCancel(t.Context())
	d.next = func(int) ([]domain.Webhook, error) { cancel(); return nil, errors.New("canceled") }
	s := newShop(t, d.fakeStore, words)
	s.drain(ctx, "inbox:3")
	if !slices.Equal(d.notes, []string{"take", "release"}) || s.log.String() != "" {
		t.Errorf("did %v, logged %q", d.notes, s.log)
	}
}

func TestEveryKindOfLanesHasAHandler(t *testing.T) {
	for _, row := range domain.Lanes {
		if handlers[row.Kind] == nil {
			t.Errorf("%s has none", row.Kind)
		}
	}
	if len(handlers) != len(domain.Lanes) {
		t.Errorf("%d handlers for %d kinds", len(handlers), len(domain.Lanes))
	}
}
