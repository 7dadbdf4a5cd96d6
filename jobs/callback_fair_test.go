package jobs

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

// An endpoint that hangs occupies its own call slots until it is paused, and the
// lanes of others go on.
func TestAnEndpointThatHangsOccupiesItsOwnSlotsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const chats = 200
		hangs, works := newCRM(), newCRM()
		for chat := range chats {
			hangs.add(events(fmt.Sprintf("chat%d", chat), 1)...)
			works.add(events(fmt.Sprintf("chat%d", chat), 1)...)
		}
		hangs.takes = func(domain.Delivery) domain.Try {
			time.Sleep(15 * time.Second)
			return domain.Try{Error: "no answer in 15s"}
		}
		works.takes = func(domain.Delivery) domain.Try { time.Sleep(10 * time.Millisecond); return domain.Try{OK: true} }
		s := newShop(t, newStore(), fakeConnector{})
		s.cfg.Store = storesOf{newStore(), map[domain.EndpointID]*fakeStore{"hangs": hangs.store(), "works": works.store()}}
		deliver := map[domain.EndpointID]func(context.Context, domain.Endpoint, []domain.Delivery) []domain.Try{
			"hangs": hangs.deliver(t), "works": works.deliver(t),
		}
		hangs.endpoint.ID, works.endpoint.ID = "hangs", "works"
		s.cfg.Deliver = func(ctx context.Context, e domain.Endpoint, list []domain.Delivery) []domain.Try {
			return deliver[e.ID](ctx, e, list)
		}
		s.keepAlive(t)
		begun := time.Now()
		var turns sync.WaitGroup
		turns.Go(func() { s.drain(t.Context(), domain.CallbackLane("hangs")) })
		time.Sleep(time.Second)
		s.drain(t.Context(), domain.CallbackLane("works"))
		if took := time.Since(begun); works.waits() || took > 3*time.Second {
			t.Errorf("the endpoint that works has everything after %s", took)
		}
		turns.Wait()
		if hangs.most > callbacksAtOnce || hangs.endpoint.Status != domain.EndpointPaused || time.Since(begun) > 90*time.Second {
			t.Errorf("the one that hangs had %d calls in flight, and is %s after %s", hangs.most, hangs.endpoint.Status, time.Since(begun))
		}
	})
}

// storesOf is a store of several endpoints.
type storesOf struct {
	*fakeStore
	of map[domain.EndpointID]*fakeStore
}

func (s storesOf) Endpoint(ctx context.Context, e domain.EndpointID) (domain.Endpoint, error) {
	return s.of[e].Endpoint(ctx, e)
}

func (s storesOf) DueDeliveries(ctx context.Context, e domain.EndpointID, busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
	return s.of[e].DueDeliveries(ctx, e, busy, limit)
}

func (s storesOf) Record(ctx context.Context, e domain.EndpointID, tries []domain.Try) (domain.Endpoint, []domain.Delivery, error) {
	return s.of[e].Record(ctx, e, tries)
}

func (s storesOf) HasWork(ctx context.Context, l domain.Lane) (bool, error) {
	return s.of[domain.EndpointID(l.Owner())].HasWork(ctx, l)
}
