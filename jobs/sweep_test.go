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
	at    map[string][]time.Duration
}

func (r *rota) note(duty string) { r.at[duty] = append(r.at[duty], time.Since(r.begun)) }

func TestSweepTimes(t *testing.T) {
	for name, failure := range map[string]error{"when all is well": nil, "when every duty fails": errAway} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rota{time.Now(), map[string][]time.Duration{}}
				store := newStore()
				store.dueLanes = func() ([]domain.Lane, error) { r.note("lanes"); return nil, failure }
				store.deadlines = func(recent time.Duration) ([]domain.Update, error) {
					r.note(fmt.Sprintf("deadlines of %v", recent))
					return nil, failure
				}
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
				for duty, every := range map[string]int{"gauges": gaugeEvery, "unpaid": gaugeEvery, "trim": trimEvery, "deadlines of 24h0m0s": trimEvery} {
					if n := len(r.at[duty]); n < sweeps/every || n > sweeps/every+1 {
						t.Errorf("%s %d times in %d sweeps", duty, n, sweeps)
					}
				}
				if n := len(r.at["deadlines of 24h0m0s"]) + len(r.at["deadlines of 1m0s"]); n != sweeps {
					t.Errorf("deadlines %d times in %d sweeps", n, sweeps)
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
		s.duty(t.Context(), "lanes", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		if !strings.Contains(s.log.String(), "deadline exceeded") {
			t.Errorf("logged %q", s.log)
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
		store.deadlines = func(time.Duration) ([]domain.Update, error) {
			return []domain.Update{overdue("m1"), overdue("guilty"), overdue("m2"), {Fact: domain.OrphansDue{ProviderID: "wamid.1"}}}, nil
		}
		var stored []string
		store.apply = func(b domain.Batch) (domain.Receipt, error) {
			if slices.ContainsFunc(b.Updates, func(u domain.Update) bool { return u.Fact == domain.EvidenceOverdue{Message: "guilty"} }) {
				return domain.Receipt{}, &domain.DataError{Err: errors.New("panic in the rules")}
			}
			r, err := applied(b)
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
		if gauged < 12 || !strings.Contains(s.log.String(), "out of luck") {
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
