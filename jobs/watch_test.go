package jobs

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

// A lookingBack finds a message of which no webhook came.
type lookingBack struct {
	watched
	asked *[]time.Time
	more  bool
	err   error
}

func (l lookingBack) Lookback(_ context.Context, _ domain.Connection, since time.Time) (domain.LookedBack, error) {
	*l.asked = append(*l.asked, since)
	return domain.LookedBack{Bodies: [][]byte{[]byte("missed")}, Until: since.Add(time.Hour), More: l.more}, l.err
}

// What a look found goes the way of webhooks, and is counted apart from them.
func TestWhatALookFoundIsCounted(t *testing.T) {
	store := newStore()
	outcomes := []domain.Outcome{domain.Applied, domain.Applied, domain.Repeated, domain.Late}
	store.apply = func(domain.Batch) (receipt domain.Receipt, _ error) {
		for _, o := range outcomes {
			receipt.Results = append(receipt.Results, domain.Result{Outcome: o})
		}
		return receipt, nil
	}
	s := newShop(t, store, words)
	var updates []domain.Update
	for i := range outcomes {
		updates = append(updates, domain.Update{Kind: domain.WABA, Fact: domain.MessageArrived{}, Found: i > 0})
	}
	if err := s.applyWhole(t.Context(), 0, []portion{{updates: updates}}); err != nil {
		t.Fatal(err)
	}
	for outcome, want := range map[string]float64{"new": 1, "known": 2, "failed": 0} {
		if got := s.counted(t, "recado_lookback_total", "waba", outcome); got != want {
			t.Errorf("%s: %v, want %v", outcome, got, want)
		}
	}
}

// What no webhook told goes the way of webhooks. The first look only begins to count,
// and one that fails is made again from where the last one ended. One that could not read
// everything is followed at once by another, which goes on where it ended: to look again at
// the minutes before could bring the same for ever.
func TestMessagesWithoutAWebhookAreFound(t *testing.T) {
	last := time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)
	down := &domain.Link{Down: &domain.Failure{Reason: domain.ReasonDisconnected}}
	tests := []struct {
		name   string
		last   time.Time
		link   *domain.Link
		err    error
		found  int
		more   bool
		lookTo time.Time // zero: it stays; the first look is checked apart
	}{
		{name: "the first look"},
		{name: "a look", last: last, found: 1, lookTo: last.Add(time.Hour - lookbackOverlap)},
		{name: "a look that leaves a rest", last: last, found: 1, more: true, lookTo: last.Add(time.Hour)},
		{name: "a look that fails", last: last, err: errors.New("no")},
		{name: "an account that is not linked", last: last, link: down},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := newStore()
			store.watches = func() ([]domain.ConnectionID, error) { return []domain.ConnectionID{"shop"}, nil }
			store.connection = func() (domain.Connection, error) {
				return domain.Connection{ID: "shop", Kind: domain.WABA, Hook: "meta", Watched: domain.Watched{LookedTo: test.last}}, nil
			}
			var seen domain.Watched
			var again time.Time
			store.apply = func(b domain.Batch) (domain.Receipt, error) {
				f, _ := b.Updates[0].Fact.(domain.ConnectionWatched)
				seen, again = f.Seen, f.Again
				return domain.Receipt{Results: make([]domain.Result, 1)}, nil
			}
			s := newShop(t, store, fakeConnector{})
			s.cfg.HookURL = func(domain.Connection) string { return "" }
			var asked []time.Time
			s.cfg.Connectors[domain.WABA] = lookingBack{watched{seen: domain.Watched{Link: test.link}}, &asked, test.more, test.err}
			if _, err := s.watch(t.Context()); err != nil {
				t.Fatal(err)
			}
			if len(store.appended) != test.found || test.found > 0 && (store.appended[0].Hook != "meta" || string(store.appended[0].Body) != "missed") {
				t.Errorf("appended %+v", store.appended)
			}
			if got := s.counted(t, "recado_lookback_total", "waba", "failed"); (got == 1) != (test.err != nil) {
				t.Errorf("counted %v failures", got)
			}
			if test.found > 0 && !asked[0].Equal(test.last) {
				t.Errorf("looked since %s, want %s", asked[0], test.last)
			}
			if atOnce := !again.IsZero() && time.Since(again) >= 0; atOnce != test.more {
				t.Errorf("looks again at %s", again)
			}
			switch first := test.last.IsZero(); {
			case first && (len(asked) > 0 || time.Since(seen.LookedTo) > lookbackOverlap+time.Minute):
				t.Errorf("asked since %v, looked to %s", asked, seen.LookedTo)
			case !first && !seen.LookedTo.Equal(test.lookTo):
				t.Errorf("looked to %s, want %s", seen.LookedTo, test.lookTo)
			}
		})
	}
}

// A slow is a messenger that takes all its time to answer.
type slow struct{ lookingBack }

func (s slow) Watch(ctx context.Context, c domain.Connection, hookURL string) (domain.Watched, error) {
	time.Sleep(watchTimeout - time.Millisecond)
	return s.lookingBack.Watch(ctx, c, hookURL)
}

func (s slow) Lookback(ctx context.Context, c domain.Connection, since time.Time) (domain.LookedBack, error) {
	time.Sleep(lookbackTimeout - time.Millisecond)
	if err := ctx.Err(); err != nil {
		return domain.LookedBack{}, err
	}
	return s.lookingBack.Lookback(ctx, c, since)
}

// A messenger has its time to answer, and the store has time left to record it.
func TestASlowLookIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		store.watches = func() ([]domain.ConnectionID, error) { return []domain.ConnectionID{"shop"}, nil }
		store.connection = func() (domain.Connection, error) {
			return domain.Connection{ID: "shop", Kind: domain.WABA, Watched: domain.Watched{LookedTo: time.Now().Add(-time.Minute)}}, nil
		}
		recorded := false
		s := newShop(t, store, fakeConnector{})
		s.cfg.Store = late{store, func(left time.Duration) { recorded = left >= storeTimeout }}
		s.cfg.HookURL = func(domain.Connection) string { return "" }
		s.cfg.Connectors[domain.WABA] = slow{lookingBack{asked: new([]time.Time)}}
		for _, d := range s.duties() {
			if d.name == "watch" {
				s.step(t.Context(), d)
			}
		}
		if !recorded {
			t.Error("the look was not recorded within its time")
		}
	})
}

// A late store tells how much time a call of Apply has.
type late struct {
	*fakeStore
	applies func(left time.Duration)
}

func (s late) Apply(ctx context.Context, b domain.Batch) (domain.Receipt, error) {
	deadline, _ := ctx.Deadline()
	s.applies(time.Until(deadline))
	return s.fakeStore.Apply(ctx, b)
}
