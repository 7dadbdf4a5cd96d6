package rows

import (
	"context"
	"fmt"
	"slices"
	"time"

	"recado/domain"
)

// Together implements domain.Chats, and Append of domain.Inbox: what comes
// together is committed together.
type Together struct {
	arrivals *Gatherer[[]domain.Webhook, struct{}]
	webhooks *Gatherer[domain.Batch, domain.Receipt]
	commands *Gatherer[domain.Batch, domain.Receipt]
}

// NewTogether makes a Together. Insert and apply are a transaction each.
func NewTogether(
	insert func(context.Context, []domain.Webhook) error,
	apply func(context.Context, []domain.Batch) ([]domain.Receipt, error),
) Together {
	const most, row = 8 << 20, 8 << 10 // bytes: a thousand webhooks, fewer if they are large
	return Together{
		// One commit at a time: with two, each had half as many, at twice the price.
		arrivals: &Gatherer[[]domain.Webhook, struct{}]{
			Do: func(ctx context.Context, came [][]domain.Webhook) ([]struct{}, error) {
				return make([]struct{}, len(came)), insert(ctx, slices.Concat(came...))
			},
			Size: func(hooks []domain.Webhook) (bytes int) {
				for _, h := range hooks {
					bytes += row + len(h.Body)
				}
				return bytes
			},
			Most: most, Full: 64 * row, Pace: 5 * time.Millisecond, Wide: 1, Within: 5 * time.Second,
		},
		webhooks: &Gatherer[domain.Batch, domain.Receipt]{Do: apply, Size: sizeOf, Most: 500, Full: 64, Wide: 2, Within: 30 * time.Second},
		commands: &Gatherer[domain.Batch, domain.Receipt]{Do: apply, Size: sizeOf, Most: 64, Full: 32, Wide: 2, Within: 10 * time.Second},
	}
}

func sizeOf(b domain.Batch) int { return max(len(b.Updates), len(b.Inbox), 1) }

// Append implements domain.Inbox.
func (t Together) Append(ctx context.Context, hooks []domain.Webhook) error {
	_, err := t.arrivals.Ask(ctx, hooks)
	return err
}

// Apply implements domain.Chats. Commands and outcomes, for which somebody
// waits, do not queue behind webhooks.
func (t Together) Apply(ctx context.Context, b domain.Batch) (domain.Receipt, error) {
	if len(b.Inbox) > 0 {
		return t.webhooks.Ask(ctx, b)
	}
	return t.commands.Ask(ctx, b)
}

// Updates lists those of batches that are applied together.
func Updates(batches []domain.Batch) (updates []domain.Update) {
	if len(batches) == 1 {
		return batches[0].Updates
	}
	for _, b := range batches {
		updates = append(updates, b.Updates...)
	}
	return updates
}

// Settle decides the updates of batches, whose book it is, and has what came of
// them written. Receipts come also with ErrRollback, when there is nothing to write.
func Settle(
	batches []domain.Batch, updates []domain.Update, book *domain.Book,
	write func(domain.Writes, []domain.ParkedItem) ([]domain.EndpointID, error),
) ([]domain.Receipt, error) {
	results, err := book.Decide()
	if err != nil {
		return nil, err
	}
	stray := unrouted(updates, results)
	receipts := make([]domain.Receipt, len(batches))
	var parked []domain.ParkedItem
	taken := 0
	for i, b := range batches {
		receipts[i].Results, results = results[:len(b.Updates):len(b.Updates)], results[len(b.Updates):]
		parked = append(parked, b.Parked...)
		taken += len(b.Inbox)
	}
	parked = append(parked, stray...)
	writes := book.Writes()
	if writes.Empty() && taken+len(parked) == 0 {
		return receipts, ErrRollback
	}
	endpoints, err := write(writes, parked)
	for i := range receipts {
		receipts[i].Endpoints = endpoints
	}
	return receipts, err
}

// unrouted puts aside the updates for accounts that no connection has. They are
// tried again when such a connection is declared.
func unrouted(updates []domain.Update, results []domain.Result) (parked []domain.ParkedItem) {
	for i, r := range results {
		if u := updates[i]; r.Outcome == domain.Parked && u.Item != nil {
			parked = append(parked, domain.ParkedItem{
				Hook: u.Hook, Kind: u.Kind, Account: u.Account, Body: u.Item(),
				Error: fmt.Sprintf("no connection of hook %s has the account %q", u.Hook, u.Account),
			})
		}
	}
	return parked
}
