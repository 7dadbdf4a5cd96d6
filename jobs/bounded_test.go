package jobs

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

// A deaf store does not answer the call of one name until its context ends.
type deaf struct {
	*fakeStore
	call string
}

func (s deaf) hear(ctx context.Context, call string) error {
	if call != s.call {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func TestAStoreThatDoesNotAnswerHoldsNoLane(t *testing.T) {
	for call, lane := range map[string]domain.Lane{
		"Take": "send:shop", "Release": "send:shop", "HasWork": "send:shop", "Next": "inbox:3",
		"Connection": "send:shop", "Abandoned": "send:shop", "TakePresses": "send:shop", "Due": "send:shop",
		"Endpoint": "callback:crm", "DueMedia": "media:shop",
		"Probe": "callback:crm", "DueDeliveries": "callback:crm",
		"ReplayEndpoint": "replay:crm", "DueReplayed": "replay:crm",
	} {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newStore()
				store.endpoint = func() (domain.Endpoint, error) {
					e := domain.Endpoint{ID: "crm", EndpointHealth: domain.EndpointHealth{Status: domain.EndpointOK}}
					if call == "Probe" {
						e.Status, e.RetryAt = domain.EndpointPaused, time.Now().Add(-time.Second)
					}
					return e, nil
				}
				store.hasWork = func(domain.Lane) (bool, error) { return true, nil }
				store.claim = func([]domain.ChatID, int) ([]domain.Delivery, error) { return nil, nil }
				s := newShop(t, store, fakeConnector{})
				s.cfg.Connectors[domain.WABA] = acknowledger{}
				s.cfg.Store = bounded{deaf{store, call}}
				s.keepAlive(t)
				began := time.Now()
				s.drain(t.Context(), lane)
				if took := time.Since(began); took < storeTimeout || took > storeTimeout+time.Second {
					t.Errorf("the lane was held for %v", took)
				}
			})
		})
	}
}

func (s deaf) DueMedia(ctx context.Context, c domain.ConnectionID, busy []domain.MediaID, limit int) ([]domain.DueMedia, error) {
	if err := s.hear(ctx, "DueMedia"); err != nil {
		return nil, err
	}
	return s.fakeStore.DueMedia(ctx, c, busy, limit)
}

func (s deaf) Take(ctx context.Context, l domain.Lane, p domain.ProcessID) (bool, error) {
	if err := s.hear(ctx, "Take"); err != nil {
		return false, err
	}
	return s.fakeStore.Take(ctx, l, p)
}

func (s deaf) Release(ctx context.Context, l domain.Lane, p domain.ProcessID) error {
	if err := s.hear(ctx, "Release"); err != nil {
		return err
	}
	return s.fakeStore.Release(ctx, l, p)
}

func (s deaf) HasWork(ctx context.Context, l domain.Lane) (bool, error) {
	if err := s.hear(ctx, "HasWork"); err != nil {
		return false, err
	}
	return s.fakeStore.HasWork(ctx, l)
}

func (s deaf) Next(ctx context.Context, lane int) ([]domain.Webhook, error) {
	return nil, s.hear(ctx, "Next")
}

func (s deaf) Connection(ctx context.Context, c domain.ConnectionID) (domain.Connection, error) {
	if err := s.hear(ctx, "Connection"); err != nil {
		return domain.Connection{}, err
	}
	return s.fakeStore.Connection(ctx, c)
}

func (s deaf) Abandoned(ctx context.Context, _ domain.ConnectionID) ([]domain.MessageID, error) {
	return nil, s.hear(ctx, "Abandoned")
}

func (s deaf) TakePresses(ctx context.Context, _ domain.ConnectionID, _ int) ([]domain.Acknowledgement, error) {
	return nil, s.hear(ctx, "TakePresses")
}

func (s deaf) Due(ctx context.Context, _ domain.ConnectionID, _ int) ([]domain.Waiting, error) {
	return nil, s.hear(ctx, "Due")
}

func (s deaf) Endpoint(ctx context.Context, e domain.EndpointID) (domain.Endpoint, error) {
	if err := s.hear(ctx, "Endpoint"); err != nil {
		return domain.Endpoint{}, err
	}
	return s.fakeStore.Endpoint(ctx, e)
}

func (s deaf) Probe(ctx context.Context, _ domain.EndpointID) ([]domain.Delivery, error) {
	return nil, s.hear(ctx, "Probe")
}

func (s deaf) DueDeliveries(ctx context.Context, _ domain.EndpointID, _ []domain.ChatID, _ int) ([]domain.Delivery, error) {
	return nil, s.hear(ctx, "DueDeliveries")
}

func (s deaf) ReplayEndpoint(ctx context.Context, _ domain.EndpointID) (domain.Endpoint, error) {
	return domain.Endpoint{ID: "crm"}, s.hear(ctx, "ReplayEndpoint")
}

func (s deaf) DueReplayed(ctx context.Context, _ domain.EndpointID, _ []domain.ChatID, _ int) ([]domain.Delivery, error) {
	return nil, s.hear(ctx, "DueReplayed")
}
