package jobs

import (
	"context"
	"time"

	"recado/domain"
)

// bounded is a store whose calls of a turn end after storeTimeout: a database that
// answers nothing must not hold a lane. The calls that are not here have a bound:
// Apply and Record of their transaction, those of the sweep of their duty, and the
// heartbeat's of its own.
type bounded struct{ Store }

func bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, storeTimeout)
}

// Take implements domain.Leases.
func (s bounded) Take(ctx context.Context, l domain.Lane, p domain.ProcessID) (bool, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.Take(ctx, l, p)
}

// Release implements domain.Leases.
func (s bounded) Release(ctx context.Context, l domain.Lane, p domain.ProcessID) error {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.Release(ctx, l, p)
}

// HasWork implements domain.Leases.
func (s bounded) HasWork(ctx context.Context, l domain.Lane) (bool, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.HasWork(ctx, l)
}

// Next implements domain.Inbox.
func (s bounded) Next(ctx context.Context, lane int) ([]domain.Webhook, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.Next(ctx, lane)
}

// Connection implements domain.Lookup.
func (s bounded) Connection(ctx context.Context, c domain.ConnectionID) (domain.Connection, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.Connection(ctx, c)
}

// Abandoned implements domain.Outbox.
func (s bounded) Abandoned(ctx context.Context, c domain.ConnectionID) ([]domain.MessageID, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.Abandoned(ctx, c)
}

// Defer implements domain.Outbox.
func (s bounded) Defer(ctx context.Context, wait map[domain.MessageID]time.Duration) error {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.Defer(ctx, wait)
}

// Due implements domain.Outbox.
func (s bounded) Due(ctx context.Context, c domain.ConnectionID, limit int) ([]domain.Waiting, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.Due(ctx, c, limit)
}

// TakePresses implements domain.Outbox.
func (s bounded) TakePresses(ctx context.Context, c domain.ConnectionID, limit int) ([]domain.Acknowledgement, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.TakePresses(ctx, c, limit)
}

// DueMedia implements domain.MediaQueue.
func (s bounded) DueMedia(ctx context.Context, c domain.ConnectionID, busy []domain.MediaID, limit int) ([]domain.DueMedia, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.DueMedia(ctx, c, busy, limit)
}

// Endpoint implements domain.Callbacks.
func (s bounded) Endpoint(ctx context.Context, e domain.EndpointID) (domain.Endpoint, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.Endpoint(ctx, e)
}

// DueDeliveries implements domain.Callbacks.
func (s bounded) DueDeliveries(ctx context.Context, e domain.EndpointID, busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.DueDeliveries(ctx, e, busy, limit)
}

// Probe implements domain.Callbacks.
func (s bounded) Probe(ctx context.Context, e domain.EndpointID) ([]domain.Delivery, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	return s.Store.Probe(ctx, e)
}
