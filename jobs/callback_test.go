package jobs

import (
	"context"
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

const crmLane = domain.Lane("callback:crm")

// A crm is an endpoint with a store that fulfils the contract of
// domain.Callbacks, and the calls that it received.
type crm struct {
	takes      func(domain.Delivery) domain.Try     // the result of a call
	takesBatch func([]domain.Delivery) []domain.Try // likewise, of an endpoint that takes batches
	batches    bool
	batch      []int // events of each batch

	mu       sync.Mutex // guards following
	endpoint domain.Endpoint
	waiting  []domain.Delivery
	called   []domain.EventID
	skipped  []domain.EventID
	inFlight map[domain.ChatID]int
	calls    int // in flight
	most     int // of them at once
}

func newCRM(events ...domain.EventID) *crm {
	c := &crm{endpoint: domain.Endpoint{ID: "crm", EndpointHealth: domain.EndpointHealth{Status: domain.EndpointOK, InFlight: callbacksAtOnce}}, inFlight: map[domain.ChatID]int{}}
	c.takes = func(d domain.Delivery) domain.Try { return domain.Try{OK: true} }
	c.add(events...)
	return c
}

// add makes events due, "chat/number" each.
func (c *crm) add(events ...domain.EventID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range events {
		c.waiting = append(c.waiting, domain.Delivery{
			ID: int64(len(c.waiting) + 1), Endpoint: "crm", Event: e, Chat: chatOf(domain.MessageID(e)), Created: time.Now(), State: domain.DeliveryDue,
		})
	}
}

func (c *crm) due(busy []domain.ChatID) (due []domain.Delivery) {
	held := map[domain.ChatID]bool{}
	for _, d := range c.waiting {
		if d.State != domain.DeliveryDue {
			continue
		}
		held[d.Chat] = held[d.Chat] || d.NextAt.After(time.Now()) || slices.Contains(busy, d.Chat)
		if !held[d.Chat] {
			due = append(due, d)
		}
	}
	return due
}

// probe is the oldest event of a chat, of those that failed least, if the endpoint is paused.
func (c *crm) probe() (found []domain.Delivery) {
	seen := map[domain.ChatID]bool{}
	for _, d := range c.waiting {
		if c.endpoint.Status != domain.EndpointPaused || d.State != domain.DeliveryDue || seen[d.Chat] {
			continue
		}
		seen[d.Chat] = true
		if len(found) == 0 || d.Failures < found[0].Failures {
			found = []domain.Delivery{d}
		}
	}
	return found
}

func (c *crm) store() *fakeStore {
	s := newStore()
	s.endpoint = func() (domain.Endpoint, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.endpoint, nil
	}
	s.claim = func(busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		due := c.due(busy)
		return due[:min(limit, len(due))], nil
	}
	s.record = func(tries []domain.Try) (domain.Endpoint, []domain.Delivery, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		r := domain.RecordTries(c.endpoint, tries, time.Now())
		if r.Recovered {
			for i, d := range c.waiting {
				c.waiting[i].DeliveryRetry = d.Released()
			}
		}
		for i, d := range r.Deliveries {
			c.waiting[d.ID-1] = d
			if tries[i].Skipped {
				c.skipped = append(c.skipped, d.Event)
			}
		}
		c.endpoint = r.Endpoint
		return r.Endpoint, r.Deliveries, nil
	}
	s.hasWork = func(domain.Lane) (bool, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		open := c.endpoint.Status != domain.EndpointDisabled && !c.endpoint.ReadyAt().After(time.Now())
		return open && (len(c.due(nil)) > 0 || len(c.probe()) > 0), nil
	}
	s.probe = func() ([]domain.Delivery, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.probe(), nil
	}
	return s
}

func (c *crm) deliver(t *testing.T) func(context.Context, domain.Endpoint, []domain.Delivery) []domain.Try {
	enter := func(list []domain.Delivery, n int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		chats := map[domain.ChatID]bool{}
		for _, d := range list {
			chats[d.Chat] = true
			if n > 0 {
				c.called = append(c.called, d.Event)
			}
		}
		for chat := range chats {
			if c.inFlight[chat] += n; c.inFlight[chat] > 1 {
				t.Errorf("two calls with events of %s in flight", chat)
			}
		}
		c.calls += n
		c.most = max(c.most, c.calls)
	}
	return func(_ context.Context, e domain.Endpoint, list []domain.Delivery) []domain.Try {
		if e.Batch != c.batches || !e.Batch && len(list) > 1 {
			t.Errorf("a call with %d events, batch %t", len(list), e.Batch)
		}
		enter(list, 1)
		defer enter(list, -1)
		if e.Batch {
			return c.takesBatch(list)
		}
		try := c.takes(list[0])
		try.Delivery = list[0]
		return []domain.Try{try}
	}
}

// open starts a worker for the endpoint.
func (c *crm) open(t *testing.T) shop {
	s := newShop(t, c.store(), fakeConnector{})
	s.cfg.Deliver = c.deliver(t)
	s.keepAlive(t)
	return s
}

// waits reports whether anything is not delivered.
func (c *crm) waits() bool {
	return slices.ContainsFunc(c.waiting, func(d domain.Delivery) bool { return d.State == domain.DeliveryDue })
}

// sweepUntil drains the lane each second, as the sweep does, until done.
func (s shop) sweepUntil(t *testing.T, done func() bool) {
	t.Helper()
	for range 1000 {
		if due, err := s.cfg.Store.HasWork(t.Context(), crmLane); err != nil {
			t.Fatal(err)
		} else if due {
			s.drain(t.Context(), crmLane)
		}
		if done() {
			return
		}
		time.Sleep(sweepEvery)
	}
	t.Fatal("it does not end")
}

// of lists the events of a chat.
func of(chat string, events []domain.EventID) (list []domain.EventID) {
	for _, e := range events {
		if chatOf(domain.MessageID(e)) == domain.ChatID(chat) {
			list = append(list, e)
		}
	}
	return list
}

// events makes so many events of a chat, in the order of their names.
func events(chat string, n int) (list []domain.EventID) {
	for i := range n {
		list = append(list, domain.EventID(fmt.Sprintf("%s/%03d", chat, i)))
	}
	return list
}

// refuses is an endpoint that refuses the events and takes the others.
func refuses(events ...domain.EventID) func(domain.Delivery) domain.Try {
	return func(d domain.Delivery) domain.Try {
		if slices.Contains(events, d.Event) {
			return domain.Try{Error: "500"}
		}
		return domain.Try{OK: true}
	}
}

func TestEventsOfAChatGoInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		for n := range 40 { // of 50 chats, one after another
			for chat := range 50 {
				c.add(domain.EventID(fmt.Sprintf("chat%d/%03d", chat, n)))
			}
		}
		c.takes = func(d domain.Delivery) domain.Try {
			time.Sleep(time.Duration(1+d.ID%13) * time.Millisecond)
			return domain.Try{OK: true}
		}
		s := c.open(t)
		s.drain(t.Context(), crmLane)
		for chat := range 50 {
			name := fmt.Sprintf("chat%d", chat)
			if diff := cmp.Diff(events(name, 40), of(name, c.called)); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		if c.most != callbacksAtOnce {
			t.Errorf("%d chats at once, want %d", c.most, callbacksAtOnce)
		}
		if n := s.counted(t, "recado_callbacks_total", "delivered"); n != 2000 || s.counted(t, "recado_callback_delay_seconds") != n {
			t.Errorf("counted %v delivered", n)
		}
	})
}

func TestAFailingEventHoldsUpItsChatOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM(slices.Concat(events("a", 5), events("b", 5))...)
		c.takes = refuses("a/001")
		s := c.open(t)
		s.drain(t.Context(), crmLane)
		if diff := cmp.Diff(events("a", 2), of("a", c.called)); diff != "" {
			t.Errorf("a: %s", diff)
		}
		if diff := cmp.Diff(events("b", 5), of("b", c.called)); diff != "" {
			t.Errorf("b: %s", diff)
		}
		if diff := cmp.Diff(events("a", 5)[2:], c.skipped); diff != "" {
			t.Errorf("skipped: %s", diff)
		}
		if s.counted(t, "recado_callbacks_total", "delivered") != 6 || s.counted(t, "recado_callbacks_total", "retried") != 1 {
			t.Error("miscounted")
		}
		c.takes = refuses()
		time.Sleep(time.Minute) // its next try is due
		s.drain(t.Context(), crmLane)
		if diff := cmp.Diff(slices.Insert(events("a", 5), 2, "a/001"), of("a", c.called)); diff != "" {
			t.Errorf("a, later: %s", diff)
		}
	})
}

func TestAnEventThatIsParkedIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM("a/1")
		c.takes = refuses("a/1")
		now := time.Now()
		c.endpoint.LastSuccess = now
		c.waiting[0].DeliveryRetry = domain.DeliveryRetry{
			Failures: 5, FailedAt: now.Add(-time.Minute), Refusals: domain.ParkAfterRefusals, RefusedSince: now.Add(-time.Hour),
		}
		s := c.open(t)
		s.drain(t.Context(), crmLane)
		if n := s.counted(t, "recado_callbacks_total", "parked"); n != 1 {
			t.Errorf("counted %v parked", n)
		}
	})
}

// A chat is claimed again only when its run is recorded, however long that
// takes. crm fails the test if a chat has two calls in flight, and the comparison
// below if an event is delivered twice.
func TestAChatWaitsForItsRecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM(slices.Concat(events("a", 100), events("b", 3))...)
		store := c.store()
		record, records := store.record, 0
		store.record = func(tries []domain.Try) (domain.Endpoint, []domain.Delivery, error) {
			if records++; records%3 != 0 {
				return domain.Endpoint{}, nil, errAway
			}
			return record(tries)
		}
		s := newShop(t, store, fakeConnector{})
		s.cfg.Deliver = c.deliver(t)
		s.keepAlive(t)
		s.drain(t.Context(), crmLane)
		if diff := cmp.Diff(events("a", 100), of("a", c.called)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNothingIsClaimedWithoutAHint(t *testing.T) {
	for _, tt := range []struct {
		name   string
		first  []domain.EventID
		later  []domain.EventID // due while the first are in flight
		claims int
	}{
		{"one claim takes all that is due", slices.Concat(events("a", 3), events("b", 3)), nil, 1},
		{"events that become due later are claimed, and once more when a chat that was passed over is free", events("a", 3), events("b", 3), 3},
		{"later events of a busy chat are claimed behind it", events("a", 3), events("a", 6)[3:], 3},
		{"a claim that was full is followed by another", events("a", claimLimit), nil, 1 + claimLimit/maxRun},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCRM(tt.first...)
				store := c.store()
				claim, claims := store.claim, 0
				store.claim = func(busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
					claims++
					return claim(busy, limit)
				}
				s := newShop(t, store, fakeConnector{})
				s.cfg.Deliver = c.deliver(t)
				s.keepAlive(t)
				c.takes = func(d domain.Delivery) domain.Try {
					if d.ID == 1 && tt.later != nil {
						c.add(tt.later...)
						s.drainers.wakeUp(crmLane)
						time.Sleep(time.Second)
					}
					return domain.Try{OK: true}
				}
				s.drain(t.Context(), crmLane)
				if len(c.called) != len(tt.first)+len(tt.later) || claims != tt.claims {
					t.Errorf("called with %d events, claimed %d times, want %d and %d", len(c.called), claims, len(tt.first)+len(tt.later), tt.claims)
				}
			})
		})
	}
}

func TestPausedEndpoint(t *testing.T) {
	tests := []struct {
		name    string
		probeIn time.Duration
		takes   func(domain.Delivery) domain.Try
		called  int
		after   domain.EndpointStatus
	}{
		{"it refuses the probe", 0, refuses("a/1"), 1, domain.EndpointPaused},
		{"it takes the probe, and then all", 0, refuses(), 3, domain.EndpointOK},
		{"a hint before its time probes nothing", time.Minute, refuses(), 0, domain.EndpointPaused},
		{"it takes the probe and says that it is gone", 0, func(d domain.Delivery) domain.Try {
			return domain.Try{OK: d.Event == "a/1", Gone: d.Event != "a/1"}
		}, 2, domain.EndpointDisabled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCRM("a/1", "b/1", "b/2")
				now := time.Now()
				c.endpoint.Status = domain.EndpointPaused
				c.endpoint.FailingSince, c.endpoint.LastFailure = now.Add(-time.Hour), now.Add(-time.Minute)
				c.endpoint.RetryAt = now.Add(tt.probeIn)
				c.takes = tt.takes
				c.open(t).drain(t.Context(), crmLane)
				if len(c.called) != tt.called || c.endpoint.Status != tt.after {
					t.Errorf("called with %v, the endpoint is %s", c.called, c.endpoint.Status)
				}
			})
		})
	}
}

// Case B01: all calls fail for two seconds. That pauses nothing, and what failed is
// told as soon as the endpoint takes events again.
func TestAMomentOfFailuresDelaysNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		for chat := range 40 {
			c.add(events(fmt.Sprintf("chat%d", chat), 2)...)
		}
		begun := time.Now()
		c.takes = func(domain.Delivery) domain.Try {
			time.Sleep(5 * time.Millisecond)
			if time.Since(begun) < 2*time.Second {
				return domain.Try{Error: "HTTP 502"}
			}
			return domain.Try{OK: true}
		}
		s := c.open(t)
		s.sweepUntil(t, func() bool { return len(c.due(nil)) == 0 && !c.waits() })
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("all is told after %s", took)
		}
		if strings.Contains(s.log.String(), "status=paused") {
			t.Error("the endpoint was paused")
		}
	})
}

// Case B02: an endpoint that takes ten calls a second, and says so.
func TestAnEndpointThatThrottlesIsCalledAtItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		for chat := range 200 {
			c.add(events(fmt.Sprintf("chat%d", chat), 1)...)
		}
		begun := time.Now()
		var mu sync.Mutex
		second, taken, refused := time.Duration(-1), 0, 0
		c.takes = func(domain.Delivery) domain.Try {
			mu.Lock()
			defer mu.Unlock()
			if now := time.Since(begun).Truncate(time.Second); now != second {
				second, taken = now, 0
			}
			if taken++; taken > 10 {
				refused++
				return domain.Try{Throttled: true, RetryAfter: time.Second, Error: "HTTP 429"}
			}
			return domain.Try{OK: true}
		}
		s := c.open(t)
		s.sweepUntil(t, func() bool { return !c.waits() })
		if took := time.Since(begun); took > 40*time.Second || refused > 30 {
			t.Errorf("all is told after %s, %d calls were refused", took, refused)
		}
		if s.counted(t, "recado_callbacks_total", "throttled") != float64(refused) || s.counted(t, "recado_callbacks_total", "retried") != 0 {
			t.Error("miscounted")
		}
	})
}

func TestAnEndpointThatFailsIsPausedAndLeftInPeace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		for chat := range 200 {
			c.add(events(fmt.Sprintf("chat%d", chat), 2)...)
		}
		c.takes = func(domain.Delivery) domain.Try {
			time.Sleep(time.Second)
			return domain.Try{Error: "500"}
		}
		s := c.open(t)
		s.sweepUntil(t, func() bool { return c.endpoint.Status == domain.EndpointPaused })
		if len(c.called) > 80 { // those in flight, and then one at a time
			t.Errorf("%d calls before the pause", len(c.called))
		}
		calls := len(c.called)
		s.drain(t.Context(), crmLane)
		if len(c.called) != calls {
			t.Error("it was called again before its probe is due")
		}
		if n := strings.Count(s.log.String(), "status=paused"); n != 1 {
			t.Errorf("logged %d times", n)
		}
		time.Sleep(5 * time.Second)
		s.drain(t.Context(), crmLane)
		if len(c.called) != calls+1 {
			t.Errorf("%d probes", len(c.called)-calls)
		}
	})
}

func TestAnEndpointThatComesBackIsNotFlooded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM()
		for chat := range 100 {
			c.add(events(fmt.Sprintf("chat%d", chat), 1)...)
		}
		now := time.Now()
		c.endpoint.EndpointHealth = domain.EndpointHealth{
			Status: domain.EndpointPaused, FailingSince: now.Add(-time.Hour), LastFailure: now.Add(-time.Minute), InFlight: 1,
		}
		widths := map[time.Duration]int{} // calls begun in each second
		c.takes = func(d domain.Delivery) domain.Try {
			c.mu.Lock()
			widths[time.Since(now).Truncate(time.Second)]++
			c.mu.Unlock()
			time.Sleep(time.Second + time.Duration(d.ID)*time.Microsecond)
			return domain.Try{OK: true}
		}
		c.open(t).drain(t.Context(), crmLane)
		if widths[0] != 1 || widths[time.Second] > 2 || len(c.called) != 100 {
			t.Errorf("%d calls at first, %d in the second second, %d in all", widths[0], widths[time.Second], len(c.called))
		}
		if c.most != callbacksAtOnce {
			t.Errorf("%d at once in the end", c.most)
		}
	})
}

func TestDisabledEndpointIsNotCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM("a/1")
		c.endpoint.Status = domain.EndpointDisabled
		c.open(t).drain(t.Context(), crmLane)
		if len(c.called) != 0 {
			t.Errorf("called with %v", c.called)
		}
	})
}

// The operator may end an endpoint during a call. Its record finds nothing, and is
// not tried again for ever.
func TestAnEndpointThatEndsDuringACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM(events("a", 3)...)
		store := c.store()
		store.record = func([]domain.Try) (domain.Endpoint, []domain.Delivery, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.waiting = nil
			return domain.Endpoint{}, nil, fmt.Errorf("endpoint crm: %w", domain.ErrNotFound)
		}
		s := newShop(t, store, fakeConnector{})
		s.cfg.Deliver = c.deliver(t)
		s.keepAlive(t)
		begun := time.Now()
		s.drain(t.Context(), crmLane)
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("the lane was held for %v", took)
		}
	})
}

func TestASlowChatHoldsUpNoOther(t *testing.T) {
	slow := func(d domain.Delivery) domain.Try {
		if d.Chat == "slow" {
			time.Sleep(15 * time.Second)
		}
		return domain.Try{OK: true}
	}
	t.Run("whose event becomes due in the meantime", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := newCRM("slow/1")
			c.takes = slow
			s := c.open(t)
			var turn sync.WaitGroup
			turn.Go(func() { s.drain(t.Context(), crmLane) })
			time.Sleep(time.Second)
			c.add("quick/1")
			s.drain(t.Context(), crmLane) // the hint of the new event
			time.Sleep(callbackPace)
			synctest.Wait()
			c.mu.Lock()
			if c.waiting[1].State != domain.DeliveryDelivered {
				t.Error("it waits for the slow one")
			}
			c.mu.Unlock()
			turn.Wait()
		})
	})
	t.Run("even if it has very many events", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := newCRM(events("slow", 2*claimLimit)...)
			c.add("quick/1")
			c.takes = slow
			s := c.open(t)
			var turn sync.WaitGroup
			ctx, cancel := context.WithCancel(t.Context())
			turn.Go(func() { s.drain(ctx, crmLane) })
			synctest.Wait()
			c.mu.Lock()
			if !slices.Contains(c.called, "quick/1") {
				t.Errorf("called with %v", c.called)
			}
			c.mu.Unlock()
			cancel()
			turn.Wait()
		})
	})
}

func TestARunEndsWhenTheProgramStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM(slices.Concat(events("a", 5), events("b", 5))...)
		c.takes = func(domain.Delivery) domain.Try { time.Sleep(time.Second); return domain.Try{OK: true} }
		s := c.open(t)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		s.drain(ctx, crmLane)
		for _, chat := range []string{"a", "b"} {
			if diff := cmp.Diff(events(chat, 2), of(chat, c.called)); diff != "" {
				t.Errorf("called: %s", diff)
			}
			if diff := cmp.Diff(events(chat, 5)[2:], of(chat, c.skipped)); diff != "" {
				t.Errorf("given back: %s", diff)
			}
		}
	})
}

func TestAPanicInOneDeliveryIsItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCRM("a/1", "a/2", "guilty/1", "b/1")
		c.takes = func(d domain.Delivery) domain.Try {
			if d.Event == "guilty/1" && d.Attempts == 0 {
				panic("out of luck")
			}
			return domain.Try{OK: true}
		}
		s := c.open(t)
		s.drain(t.Context(), crmLane)
		for _, d := range c.waiting {
			if again := d.Event == "guilty/1"; (d.State == domain.DeliveryDelivered) == again || (d.Attempts == 1) != again {
				t.Errorf("%s is %s after %d failures", d.Event, d.State, d.Attempts)
			}
		}
		if !strings.Contains(s.log.String(), "panic: out of luck") {
			t.Errorf("the panic is not logged: %s", s.log)
		}
	})
}
