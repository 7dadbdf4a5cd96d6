package jobs

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"recado/domain"
)

// A replayFake has a replay of events beside what is new, which must not be touched.
type replayFake struct {
	*fakeStore
	queue    []domain.Delivery
	recorded []domain.EventID
}

func (s *replayFake) ReplayEndpoint(context.Context, domain.EndpointID) (domain.Endpoint, error) {
	return domain.Endpoint{ID: "crm", EndpointHealth: domain.EndpointHealth{AtOnce: domain.ReplaysAtOnce, InFlight: 16}}, nil
}

func (s *replayFake) DueReplayed(_ context.Context, _ domain.EndpointID, busy []domain.ChatID, limit int) (due []domain.Delivery, _ error) {
	for _, d := range s.queue {
		if !slices.Contains(busy, d.Chat) && len(due) < limit {
			due = append(due, d)
		}
	}
	return due, nil
}

func (s *replayFake) RecordReplayed(_ context.Context, _ domain.EndpointID, tries []domain.Try) (domain.Endpoint, []domain.Delivery, error) {
	var after []domain.Delivery
	for _, t := range tries {
		s.recorded = append(s.recorded, t.Delivery.Event)
		s.queue = slices.DeleteFunc(s.queue, func(d domain.Delivery) bool { return d.ID == t.Delivery.ID })
		t.Delivery.State = domain.DeliveryDelivered
		after = append(after, t.Delivery)
	}
	e, err := s.ReplayEndpoint(context.Background(), "crm")
	return e, after, err
}

// The lane of a replay delivers from its own queue: the functions of the fake for
// new events are not set, and would panic.
func TestAReplayIsDeliveredFromItsOwnQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &replayFake{fakeStore: newStore()}
		for i, event := range []domain.EventID{"evt_1", "evt_2", "evt_3"} {
			f.queue = append(f.queue, domain.Delivery{ID: int64(i), Event: event, Chat: domain.ChatID("chat_" + string('a'+rune(i%2)))})
		}
		s := newShop(t, f.fakeStore, words)
		s.cfg.Store = f
		s.cfg.Deliver = func(_ context.Context, _ domain.Endpoint, list []domain.Delivery) (tries []domain.Try) {
			for _, d := range list {
				tries = append(tries, domain.Try{Delivery: d, OK: true})
			}
			return tries
		}
		s.drain(t.Context(), domain.ReplayLane("crm"))
		slices.Sort(f.recorded)
		if !slices.Equal(f.recorded, []domain.EventID{"evt_1", "evt_2", "evt_3"}) || s.log.String() != "" {
			t.Errorf("recorded %v, logged %q", f.recorded, s.log)
		}
	})
}
