package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

// sweepFor sweeps for a while by the clock of a bubble.
func (s shop) sweepFor(t *testing.T, d time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	defer cancel()
	s.sweep(ctx)
}

// A rota notes when, since it was made, a duty was done.
type rota struct {
	begun time.Time
	mu    sync.Mutex
	at    map[string][]time.Duration
}

func (r *rota) note(duty string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at[duty] = append(r.at[duty], time.Since(r.begun))
}

func TestSweepTimes(t *testing.T) {
	for name, failure := range map[string]error{"when all is well": nil, "when every duty fails": errAway} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rota{begun: time.Now(), at: map[string][]time.Duration{}}
				store := newStore()
				store.needs = func() (domain.SweepNeeds, error) { return allNeeds, failure }
				store.dueLanes = func() ([]domain.Lane, error) { r.note("lanes"); return nil, failure }
				store.deadlines = func(kind string) ([]domain.Update, error) { r.note(kind); return nil, failure }
				store.gauges = func() (domain.Gauges, error) { r.note("gauges"); return domain.Gauges{}, failure }
				store.unpaid = func() error { r.note("unpaid"); return failure }
				store.trim = func() (bool, error) { r.note("trim"); return false, failure }
				s := newShop(t, store, words)
				s.sweepFor(t, 10*time.Minute)
				lanes := r.at["lanes"]
				for i := range 12 {
					if want := time.Duration(i) * startupSweepEvery; lanes[i] != want {
						t.Errorf("sweep %d at %v, want %v", i, lanes[i], want)
					}
				}
				for i := range lanes[1:] {
					if gap := lanes[i+1] - lanes[i]; gap > sweepEvery {
						t.Errorf("nothing is swept for %v", gap)
					}
				}
				sweeps := len(lanes)
				if sweeps < 600 || sweeps > 615 {
					t.Errorf("%d sweeps in ten minutes", sweeps)
				}
				for duty, every := range map[string]time.Duration{
					"evidence": sweepEvery, "prices": sweepEvery, "orphans": sweepEvery, "gauges": gaugeEvery, "unpaid": unpaidEvery, "trim": trimEvery,
				} {
					want := int(10 * time.Minute / every)
					if n := len(r.at[duty]); n < want || n > want+15 {
						t.Errorf("%s %d times in ten minutes", duty, n)
					}
				}
				if failed := s.log.String() != ""; failed != (failure != nil) {
					t.Errorf("logged %q", s.log)
				}
			})
		})
	}
}

func TestAStoreThatHangsIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(t, newStore(), words)
		s.step(t.Context(), duty{name: "lanes", do: func(ctx context.Context) (bool, error) { <-ctx.Done(); return false, ctx.Err() }})
		if !strings.Contains(s.log.String(), "deadline exceeded") {
			t.Errorf("logged %q", s.log)
		}
	})
}

// What one look finds to be due is done, and nothing else.
func TestTheSweepDoesWhatIsDue(t *testing.T) {
	for name, needs := range map[string]domain.SweepNeeds{
		"nothing": {}, "lanes": {Lanes: true}, "evidence": {Evidence: true}, "prices": {Prices: true}, "orphans": {Orphans: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rota{begun: time.Now(), at: map[string][]time.Duration{}}
				store := newStore()
				store.needs = func() (domain.SweepNeeds, error) { return needs, nil }
				store.dueLanes = func() ([]domain.Lane, error) { r.note("lanes"); return nil, nil }
				store.deadlines = func(kind string) ([]domain.Update, error) { r.note(kind); return nil, nil }
				newShop(t, store, words).sweepFor(t, time.Minute)
				for _, duty := range []string{"lanes", "evidence", "prices", "orphans"} {
					if n := len(r.at[duty]); n > 0 != (duty == name) {
						t.Errorf("%s is done %d times", duty, n)
					}
				}
			})
		})
	}
}

// A look that hangs keeps no duty from its work for longer than needsTimeout.
func TestALookThatHangsHidesNoDuty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rota{begun: time.Now(), at: map[string][]time.Duration{}}
		store := newStore()
		store.needs = func() (domain.SweepNeeds, error) { time.Sleep(needsTimeout); return domain.SweepNeeds{}, errAway }
		store.dueLanes = func() ([]domain.Lane, error) { r.note("lanes"); return nil, nil }
		newShop(t, store, words).sweepFor(t, time.Minute)
		if n := len(r.at["lanes"]); n < int(time.Minute/needsTimeout)-1 {
			t.Errorf("lanes are looked for %d times in a minute", n)
		}
	})
}

// A duty that hangs or fails leaves the others their time.
func TestNoDutyHidesAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rota{begun: time.Now(), at: map[string][]time.Duration{}}
		store := newStore()
		store.gauges = func() (domain.Gauges, error) { time.Sleep(storeTimeout); return domain.Gauges{}, errAway }
		store.trim = func() (bool, error) { time.Sleep(storeTimeout); return true, nil }
		store.deadlines = func(kind string) ([]domain.Update, error) {
			if kind == "orphans" {
				time.Sleep(storeTimeout)
				return nil, errAway
			}
			r.note(kind)
			return nil, nil
		}
		store.dueLanes = func() ([]domain.Lane, error) { r.note("lanes"); return nil, nil }
		newShop(t, store, words).sweepFor(t, time.Minute)
		for _, duty := range []string{"lanes", "evidence", "prices"} {
			for i := range r.at[duty][1:] {
				if gap := r.at[duty][i+1] - r.at[duty][i]; gap > sweepEvery {
					t.Errorf("%s: nothing for %v", duty, gap)
				}
			}
			if len(r.at[duty]) < 60 {
				t.Errorf("%s: %d times in a minute", duty, len(r.at[duty]))
			}
		}
	})
}

// A minute of trimming does half of what the store can do in it.
func TestTrimmingTakesHalfOfTheTimeUntilNothingIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		steps := 0
		store := newStore()
		store.trim = func() (bool, error) { steps++; time.Sleep(20 * time.Millisecond); return true, nil }
		newShop(t, store, words).sweepFor(t, time.Minute)
		if want := int(time.Minute / (40 * time.Millisecond)); steps < want-1 || steps > want+1 {
			t.Errorf("%d steps in a minute, want %d", steps, want)
		}
	})
}

// The names of a million chats of an earlier version are no hurry.
func TestIndexingNamesTakesATwentiethOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		steps := 0
		store := newStore()
		store.indexNames = func() (bool, error) { steps++; time.Sleep(50 * time.Millisecond); return true, nil }
		newShop(t, store, words).sweepFor(t, time.Minute)
		if want := int(time.Minute / (21 * 50 * time.Millisecond)); steps < want-1 || steps > want+1 {
			t.Errorf("%d steps in a minute, want %d", steps, want)
		}
	})
}

func TestSweepHintsDueLanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		due := []domain.Lane{"callback:crm", "inbox:3", "send:shop"}
		store := newStore()
		store.dueLanes = func() ([]domain.Lane, error) { return due, nil }
		s := newShop(t, store, words)
		before := s.cfg.Hints.client
		s.sweepFor(t, time.Millisecond)
		if diff := cmp.Diff(due, s.hinted()); diff != "" {
			t.Error(diff)
		}
		if s.cfg.Hints.client == before {
			t.Error("the client is not fresh: a wiped Redis would not hear of the queues")
		}
	})
}

func TestSweepMeetsDeadlines(t *testing.T) {
	overdue := func(m string) domain.Update {
		return domain.Update{Fact: domain.EvidenceOverdue{Message: domain.MessageID(m)}}
	}
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		store.deadlines = func(kind string) ([]domain.Update, error) {
			if kind == "prices" {
				return nil, nil
			}
			if kind == "orphans" {
				return []domain.Update{{Fact: domain.OrphansDue{ProviderID: "wamid.1"}}}, nil
			}
			return []domain.Update{overdue("m1"), overdue("guilty"), overdue("m2")}, nil
		}
		var mu sync.Mutex // guards stored
		var stored []string
		store.apply = func(b domain.Batch) (domain.Receipt, error) {
			if slices.ContainsFunc(b.Updates, func(u domain.Update) bool { return u.Fact == domain.EvidenceOverdue{Message: "guilty"} }) {
				return domain.Receipt{}, &domain.DataError{Err: errors.New("panic in the rules")}
			}
			r, err := applied(b)
			mu.Lock()
			defer mu.Unlock()
			for i, u := range b.Updates {
				stored = append(stored, fmt.Sprint(u.Fact))
				if _, ok := u.Fact.(domain.EvidenceOverdue); ok {
					r.Results[i].Message = domain.Message{Status: domain.Failed, Failure: &domain.Failure{Reason: domain.ReasonOutcomeUnknown}}
				} else {
					r.Results[i].Outcome = domain.Ignored
				}
			}
			r.Endpoints = []domain.EndpointID{"crm"}
			return r, err
		}
		s := newShop(t, store, words)
		s.sweepFor(t, time.Millisecond)
		slices.Sort(stored)
		if diff := cmp.Diff([]string{"{m1}", "{m2}", "{wamid.1}"}, stored); diff != "" {
			t.Errorf("stored: %s", diff)
		}
		if n := s.counted(t, "recado_failures_total", "unknown_error", "waba", "outcome_unknown"); n != 2 {
			t.Errorf("counted %v", n)
		}
		if !slices.Equal(s.hinted(), []domain.Lane{"callback:crm"}) {
			t.Errorf("hinted %v", s.hinted())
		}
	})
}

func TestSweepTrimsUntilNothingIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := 7
		store := newStore()
		store.trim = func() (bool, error) { left--; return left > 0, nil }
		newShop(t, store, words).sweepFor(t, time.Millisecond)
		if left != 0 {
			t.Errorf("%d left", left)
		}
	})
}

func TestSweepSetsTheGauges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		store.gauges = func() (domain.Gauges, error) {
			return domain.Gauges{Backlog: map[domain.LaneKind]int64{domain.LaneInbox: 12}}, nil
		}
		s := newShop(t, store, words)
		s.sweepFor(t, time.Millisecond)
		if n := s.counted(t, "recado_clock_skew_seconds"); n != 3 {
			t.Errorf("our clock is %v s ahead", n)
		}
		if n := s.counted(t, "recado_waiting", string(domain.LaneInbox)); n != 12 {
			t.Errorf("shows %v", n)
		}
	})
}

// Sweeps run in every process, so that each may meet the work of another.
func TestTwoSweepsDoNoHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		store.dueLanes = func() ([]domain.Lane, error) { return []domain.Lane{"inbox:3"}, nil }
		s := newShop(t, store, words)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { s.sweepFor(t, time.Minute) })
		}
		wg.Wait()
		if diff := cmp.Diff([]domain.Lane{"inbox:3"}, s.hinted()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAPanicInADutyIsItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		store.dueLanes = func() ([]domain.Lane, error) { panic("out of luck") }
		gauged := 0
		store.gauges = func() (domain.Gauges, error) { gauged++; return domain.Gauges{}, nil }
		s := newShop(t, store, words)
		s.sweepFor(t, time.Minute)
		if gauged < int(time.Minute/gaugeEvery) || !strings.Contains(s.log.String(), "out of luck") {
			t.Errorf("the next duty was done %d times in a minute; logged %.200s", gauged, s.log)
		}
	})
}

func TestAStepOfTheClockIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, steps := newStore(), []time.Duration{time.Hour}
		store.clock = func() (step time.Duration, _ error) {
			if len(steps) > 0 {
				step, steps = steps[0], nil
			}
			return step, nil
		}
		s := newShop(t, store, words)
		s.sweepFor(t, time.Minute)
		if n := strings.Count(s.log.String(), "the database's clock was set back"); n != 1 || !strings.Contains(s.log.String(), "by=1h0m0s") {
			t.Errorf("logged %s", s.log)
		}
	})
}
