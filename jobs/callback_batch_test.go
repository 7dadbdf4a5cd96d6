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

// newBatchCRM makes an endpoint that takes batches; each call takes a second.
func newBatchCRM(events ...domain.EventID) *crm {
	c := newCRM(events...)
	c.batches, c.endpoint.Batch = true, true
	c.takesBatch = func(list []domain.Delivery) []domain.Try {
		time.Sleep(time.Second)
		return c.answer(list)
	}
	return c
}

// answer is a batch that the endpoint took, but for the events that it names.
func (c *crm) answer(list []domain.Delivery, failed ...domain.EventID) []domain.Try {
	tries, _ := domain.BatchTries(list, failed)
	return c.tries(list, tries)
}

// refuse is a call that came out the same for all of its events.
func (c *crm) refuse(list []domain.Delivery, t domain.Try) []domain.Try {
	return c.tries(list, slices.Repeat([]domain.Try{t}, len(list)))
}

func (c *crm) tries(list []domain.Delivery, tries []domain.Try) []domain.Try {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.batch = append(c.batch, len(list))
	for i := range tries {
		tries[i].Delivery, tries[i].Batch = list[i], domain.BatchID(list)
	}
	return tries
}

// names is an endpoint that takes batches but for the events, which it names.
func (c *crm) names(failed ...domain.EventID) {
	c.takesBatch = func(list []domain.Delivery) []domain.Try { return c.answer(list, failed...) }
}

func has(list []domain.Delivery, e domain.EventID) bool {
	return slices.ContainsFunc(list, func(d domain.Delivery) bool { return d.Event == e })
}

func TestBatchesCarryWhatIsDue(t *testing.T) {
	for _, tt := range []struct {
		name  string
		chats int
		each  int
		want  []int // events of each call
	}{
		{"one event", 1, 1, []int{1}},
		{"several of one chat, in one call", 1, 40, []int{40}},
		{"of several chats, in one call", 30, 3, []int{90}},
		{"more of a chat than one call carries, one after another", 1, 250, []int{100, 100, 50}},
		{"of many chats, in four calls at once", 1000, 1, slices.Repeat([]int{100}, 10)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newBatchCRM()
				for n := range tt.each {
					for chat := range tt.chats {
						c.add(domain.EventID(fmt.Sprintf("chat%d/%03d", chat, n)))
					}
				}
				s := c.open(t)
				s.drain(t.Context(), crmLane)
				for chat := range tt.chats {
					name := fmt.Sprintf("chat%d", chat)
					if diff := cmp.Diff(events(name, tt.each), of(name, c.called)); diff != "" {
						t.Errorf("%s: %s", name, diff)
					}
				}
				total := 0
				for _, n := range c.batch {
					total += n
				}
				if len(c.batch) > len(tt.want)+2 || total != tt.chats*tt.each || slices.Max(c.batch) > domain.BatchEvents {
					t.Errorf("calls of %d events, want about %d", c.batch, tt.want)
				}
				if c.most > domain.BatchesAtOnce || len(tt.want) > 4 && tt.chats > 400 && c.most < domain.BatchesAtOnce {
					t.Errorf("%d calls at once", c.most)
				}
				if n := s.counted(t, "recado_callbacks_total", "delivered"); n != float64(total) {
					t.Errorf("counted %v delivered", n)
				}
			})
		})
	}
}

// While a call is in flight, what becomes due gathers for the next one.
func TestABatchCarriesWhatCameDuringTheCallBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newBatchCRM(events("a", 1)...)
		s := c.open(t)
		var turn sync.WaitGroup
		turn.Go(func() { s.drain(t.Context(), crmLane) })
		time.Sleep(100 * time.Millisecond)
		for n := range 5 { // while the first call is in flight
			c.add(events("a", n+2)[n+1])
			s.drainers.wakeUp(crmLane)
			time.Sleep(50 * time.Millisecond)
		}
		turn.Wait()
		if diff := cmp.Diff([]int{1, 5}, c.batch); diff != "" {
			t.Errorf("events of each call: %s", diff)
		}
	})
}

func TestAnEventThatABatchNamesHoldsUpItsChatOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newBatchCRM("a/1", "b/1", "a/2", "a/3", "c/1")
		c.names("a/1", "a/3")
		s := c.open(t)
		s.drain(t.Context(), crmLane)
		if c.waiting[0].Attempts != 1 || c.waiting[3].Attempts != 0 {
			t.Errorf("a/1 failed %d times, a/3, which waits behind it, %d times", c.waiting[0].Attempts, c.waiting[3].Attempts)
		}
		c.names()
		c.add("c/2", "a/4")
		time.Sleep(time.Minute)
		s.drain(t.Context(), crmLane)
		if diff := cmp.Diff([]domain.EventID{"a/1", "a/2", "a/3", "a/1", "a/3", "a/4"}, of("a", c.called)); diff != "" {
			t.Errorf("called: %s", diff)
		}
		if s.counted(t, "recado_callbacks_total", "retried") != 1 || s.counted(t, "recado_callbacks_total", "delivered") != 7 {
			t.Error("miscounted")
		}
		if c.endpoint.Status != domain.EndpointOK || !c.endpoint.FailingSince.IsZero() {
			t.Errorf("an endpoint that takes the others fails: %+v", c.endpoint.EndpointHealth)
		}
	})
}

// An endpoint that answers 500 to the batch of a poisoned event takes all the
// others a moment later.
func TestABadEventTakesItsNeighboursNotAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newBatchCRM()
		for chat := range 50 {
			c.add(events(fmt.Sprintf("chat%d", chat), 2)...)
		}
		poison := domain.EventID("chat7/000")
		c.takesBatch = func(list []domain.Delivery) []domain.Try {
			if has(list, poison) {
				return c.refuse(list, domain.Try{Error: "HTTP 500"})
			}
			return c.answer(list)
		}
		begun := time.Now()
		s := c.open(t)
		s.sweepUntil(t, func() bool {
			return len(c.due([]domain.ChatID{"chat7"})) == 0 && s.counted(t, "recado_callbacks_total", "delivered") == 98
		})
		if took := time.Since(begun); took > 20*time.Second {
			t.Errorf("its neighbours are delivered after %s", took)
		}
	})
}

func TestAnEndpointThatWantsLessAtOnceGetsLess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newBatchCRM()
		for chat := range 200 {
			c.add(events(fmt.Sprintf("chat%d", chat), 1)...)
		}
		c.takesBatch = func(list []domain.Delivery) []domain.Try {
			if len(list) > 30 || has(list, "chat9/000") {
				return c.refuse(list, domain.Try{TooLarge: true, Error: "HTTP 413"})
			}
			return c.answer(list)
		}
		s := c.open(t)
		s.drain(t.Context(), crmLane)
		if n := s.counted(t, "recado_callbacks_total", "delivered"); n != 199 {
			t.Errorf("%v delivered", n)
		}
		for i, d := range c.waiting {
			if large := d.Event == "chat9/000"; d.Attempts > 0 != large {
				t.Errorf("%s failed %d times", c.waiting[i].Event, d.Attempts)
			}
		}
	})
}

// The health of the endpoint counts calls, not their events.
func TestBatchesAreProbedPacedAndPausedAsSingleEventsAre(t *testing.T) {
	t.Run("a probe is a batch of one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := newBatchCRM(slices.Concat(events("a", 3), events("b", 3))...)
			now := time.Now()
			c.endpoint.Status = domain.EndpointPaused
			c.endpoint.FailingSince, c.endpoint.LastFailure = now.Add(-time.Hour), now.Add(-time.Minute)
			c.open(t).drain(t.Context(), crmLane)
			if len(c.batch) < 2 || c.batch[0] != 1 || c.endpoint.Status != domain.EndpointOK || c.waits() {
				t.Errorf("calls of %d events, the endpoint is %s", c.batch, c.endpoint.Status)
			}
		})
	})
	t.Run("a batch that is throttled waits as the endpoint asked", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := newBatchCRM(slices.Concat(events("a", 3), events("b", 3))...)
			begun := time.Now()
			c.takesBatch = func(list []domain.Delivery) []domain.Try {
				if time.Since(begun) < 20*time.Second {
					return c.refuse(list, domain.Try{Throttled: true, RetryAfter: 20 * time.Second, Error: "HTTP 429"})
				}
				return c.answer(list)
			}
			s := c.open(t)
			s.sweepUntil(t, func() bool { return !c.waits() })
			if len(c.batch) != 2 || c.waiting[0].Attempts != 0 {
				t.Errorf("calls of %d events, %d failures", c.batch, c.waiting[0].Attempts)
			}
		})
	})
	t.Run("one that fails for a minute is paused", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := newBatchCRM()
			for chat := range 2000 {
				c.add(events(fmt.Sprintf("chat%d", chat), 1)...)
			}
			c.takesBatch = func(list []domain.Delivery) []domain.Try {
				time.Sleep(time.Second)
				return c.refuse(list, domain.Try{Error: "HTTP 502"})
			}
			s := c.open(t)
			s.sweepUntil(t, func() bool { return c.endpoint.Status == domain.EndpointPaused })
			if len(c.batch) > 80 {
				t.Errorf("%d calls before the pause", len(c.batch))
			}
			if n := strings.Count(s.log.String(), "status=paused"); n != 1 {
				t.Errorf("logged %d times", n)
			}
		})
	})
	t.Run("one that is gone is disabled", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := newBatchCRM(events("a", 3)...)
			c.takesBatch = func(list []domain.Delivery) []domain.Try {
				return c.refuse(list, domain.Try{Gone: true, Error: "HTTP 410"})
			}
			c.open(t).drain(t.Context(), crmLane)
			if c.endpoint.Status != domain.EndpointDisabled || len(c.batch) != 1 {
				t.Errorf("calls of %d events, the endpoint is %s", c.batch, c.endpoint.Status)
			}
		})
	})
}

func TestAPanicInABatchFailsItsEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newBatchCRM("a/1", "guilty/1", "b/1")
		c.takesBatch = func(list []domain.Delivery) []domain.Try {
			if has(list, "guilty/1") {
				panic("out of luck")
			}
			return c.answer(list)
		}
		s := c.open(t)
		s.sweepUntil(t, func() bool { return s.counted(t, "recado_callbacks_total", "delivered") == 2 })
		if !strings.Contains(s.log.String(), "panic: out of luck") {
			t.Errorf("the panic is not logged: %s", s.log)
		}
	})
}

// The tries of a call are recorded together, whether the store is there or not:
// the same events are not called twice.
func TestABatchWaitsForItsRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newBatchCRM(slices.Concat(events("a", 250), events("b", 3))...)
		store := c.store()
		record, records := store.record, 0
		store.record = func(tries []domain.Try) (domain.Endpoint, []domain.Delivery, error) {
			if records++; records%3 != 0 {
				return domain.Endpoint{}, nil, errors.New("the store is away")
			}
			return record(tries)
		}
		s := newShop(t, store, fakeConnector{})
		s.cfg.Deliver = c.deliver(t)
		s.keepAlive(t)
		s.drain(t.Context(), crmLane)
		if diff := cmp.Diff(events("a", 250), of("a", c.called)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnEndpointThatNoLongerTakesBatchesGetsSingleEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newBatchCRM(events("a", 300)...)
		s := c.open(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var turn sync.WaitGroup
		turn.Go(func() { s.drain(ctx, crmLane) })
		time.Sleep(500 * time.Millisecond)
		c.mu.Lock()
		c.endpoint.Batch = false // a person changes it
		c.mu.Unlock()
		turn.Wait()
		if len(c.batch) != 1 {
			t.Errorf("calls of %d events", c.batch)
		}
		c.batches = false
		s.drain(t.Context(), crmLane)
		if diff := cmp.Diff(events("a", 300), c.called); diff != "" {
			t.Error(diff)
		}
	})
}
