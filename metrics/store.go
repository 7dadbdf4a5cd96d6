package metrics

import (
	"context"
	"errors"
	"time"

	"recado/domain"
)

// An Operation is what the store was asked to do.
type Operation string

// The operations that are measured: those that every message, every call of the API
// and every second needs.
const (
	AppendInbox      Operation = "append_inbox"
	NextInbox        Operation = "next_inbox"
	Apply            Operation = "apply"
	DueSends         Operation = "due_sends"
	DueDeliveries    Operation = "due_deliveries"
	RecordDeliveries Operation = "record_deliveries"
	TakeLane         Operation = "take_lane"
	Beat             Operation = "beat"
	SweepNeeds       Operation = "sweep_needs"
	Gauges           Operation = "gauges"
	FindHook         Operation = "find_hook"
	FindConnection   Operation = "find_connection"
	FindEmployee     Operation = "find_employee"
	ReadChats        Operation = "read_chats"
	ReadMessages     Operation = "read_messages"
)

// Operations lists every Operation.
var Operations = []Operation{
	AppendInbox, NextInbox, Apply, DueSends, DueDeliveries, RecordDeliveries, TakeLane, Beat, SweepNeeds, Gauges,
	FindHook, FindConnection, FindEmployee, ReadChats, ReadMessages,
}

// Store returns the store with its operations measured.
func (m *Metrics) Store(s domain.Store) domain.Store { return measured{s, m} }

// measured is a store that measures the Operations. The rest it passes on.
type measured struct {
	domain.Store
	m *Metrics
}

// measure does an operation, and notes how long it took and whether the store failed.
func measure[T any](m *Metrics, op Operation, do func() (T, error)) (T, error) {
	began := time.Now()
	v, err := do()
	m.observe(storeSeconds, time.Since(began).Seconds(), string(op))
	if storeFailed(err) {
		m.count(storeErrors, string(op))
	}
	return v, err
}

// storeFailed reports whether the store is to blame for the error: neither the
// content of the call nor its caller, who gave it up.
func storeFailed(err error) bool {
	var data *domain.DataError
	var refusal domain.Refusal
	return err != nil && !errors.As(err, &data) && !errors.As(err, &refusal) &&
		!errors.Is(err, domain.ErrTaken) && !errors.Is(err, context.Canceled)
}

// Append implements domain.Inbox.
func (s measured) Append(ctx context.Context, hooks []domain.Webhook) error {
	_, err := measure(s.m, AppendInbox, func() (struct{}, error) { return struct{}{}, s.Store.Append(ctx, hooks) })
	return err
}

// Next implements domain.Inbox.
func (s measured) Next(ctx context.Context, lane int) ([]domain.Webhook, error) {
	return measure(s.m, NextInbox, func() ([]domain.Webhook, error) { return s.Store.Next(ctx, lane) })
}

// Apply implements domain.Applier.
func (s measured) Apply(ctx context.Context, b domain.Batch) (domain.Receipt, error) {
	began := time.Now()
	receipt, err := measure(s.m, Apply, func() (domain.Receipt, error) { return s.Store.Apply(ctx, b) })
	if err == nil {
		s.m.trace.Applied(b, receipt, began)
	}
	return receipt, err
}

// Due implements domain.Outbox.
func (s measured) Due(ctx context.Context, c domain.ConnectionID, limit int) ([]domain.Waiting, error) {
	return measure(s.m, DueSends, func() ([]domain.Waiting, error) { return s.Store.Due(ctx, c, limit) })
}

// DueDeliveries implements domain.Callbacks.
func (s measured) DueDeliveries(ctx context.Context, e domain.EndpointID, busy []domain.ChatID, limit int) ([]domain.Delivery, error) {
	return measure(s.m, DueDeliveries, func() ([]domain.Delivery, error) { return s.Store.DueDeliveries(ctx, e, busy, limit) })
}

// Record implements domain.Callbacks.
func (s measured) Record(ctx context.Context, e domain.EndpointID, tries []domain.Try) (endpoint domain.Endpoint, after []domain.Delivery, err error) {
	s.m.trace.Called(e, tries)
	after, err = measure(s.m, RecordDeliveries, func() (deliveries []domain.Delivery, err error) {
		endpoint, deliveries, err = s.Store.Record(ctx, e, tries)
		return deliveries, err
	})
	return endpoint, after, err
}

// Take implements domain.Leases.
func (s measured) Take(ctx context.Context, l domain.Lane, p domain.ProcessID) (bool, error) {
	return measure(s.m, TakeLane, func() (bool, error) { return s.Store.Take(ctx, l, p) })
}

// Beat implements domain.Leases.
func (s measured) Beat(ctx context.Context, p domain.ProcessID) (bool, error) {
	return measure(s.m, Beat, func() (bool, error) { return s.Store.Beat(ctx, p) })
}

// SweepNeeds implements domain.Maintenance.
func (s measured) SweepNeeds(ctx context.Context, from domain.OrphanPlace) (domain.SweepNeeds, error) {
	return measure(s.m, SweepNeeds, func() (domain.SweepNeeds, error) { return s.Store.SweepNeeds(ctx, from) })
}

// Gauges implements domain.Maintenance.
func (s measured) Gauges(ctx context.Context) (domain.Gauges, error) {
	return measure(s.m, Gauges, func() (domain.Gauges, error) { return s.Store.Gauges(ctx) })
}

// Hook implements domain.Lookup.
func (s measured) Hook(ctx context.Context, id domain.HookID) (domain.Hook, error) {
	return measure(s.m, FindHook, func() (domain.Hook, error) { return s.Store.Hook(ctx, id) })
}

// Connection implements domain.Lookup.
func (s measured) Connection(ctx context.Context, id domain.ConnectionID) (domain.Connection, error) {
	return measure(s.m, FindConnection, func() (domain.Connection, error) { return s.Store.Connection(ctx, id) })
}

// Employee implements domain.Lookup.
func (s measured) Employee(ctx context.Context, key domain.Secret) (domain.Employee, error) {
	return measure(s.m, FindEmployee, func() (domain.Employee, error) { return s.Store.Employee(ctx, key) })
}

// Chats implements domain.ChatReader.
func (s measured) Chats(ctx context.Context, company domain.CompanyID, q domain.ChatQuery) ([]domain.Chat, error) {
	return measure(s.m, ReadChats, func() ([]domain.Chat, error) { return s.Store.Chats(ctx, company, q) })
}

// Messages implements domain.ChatReader.
func (s measured) Messages(ctx context.Context, company domain.CompanyID, q domain.MessageQuery) ([]domain.Message, error) {
	return measure(s.m, ReadMessages, func() ([]domain.Message, error) { return s.Store.Messages(ctx, company, q) })
}
