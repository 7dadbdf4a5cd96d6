package jobs

import (
	"context"

	"recado/domain"
)

// replay delivers the events of an endpoint's replay as callback delivers new ones,
// from a queue and with a health of their own.
func (t *turn) replay(ctx context.Context, id domain.EndpointID) error {
	return t.deliver(ctx, id, bounded{replayStore{t.cfg.Store}}, t.cfg.Log.With("replay", true))
}

// A replayStore has the queue of replays in the place of that of new events.
type replayStore struct{ Store }

// Endpoint implements domain.Callbacks.
func (s replayStore) Endpoint(ctx context.Context, e domain.EndpointID) (domain.Endpoint, error) {
	return s.ReplayEndpoint(ctx, e)
}

// DueDeliveries implements domain.Callbacks.
func (s replayStore) DueDeliveries(ctx context.Context, e domain.EndpointID, busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
	return s.DueReplayed(ctx, e, busy, limit)
}

// Probe implements domain.Callbacks.
func (s replayStore) Probe(ctx context.Context, e domain.EndpointID) ([]domain.Delivery, error) {
	return s.DueReplayed(ctx, e, nil, 1)
}

// Record implements domain.Callbacks.
func (s replayStore) Record(ctx context.Context, e domain.EndpointID, tries []domain.Try) (domain.Endpoint, []domain.Delivery, error) {
	return s.RecordReplayed(ctx, e, tries)
}
