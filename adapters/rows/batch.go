package rows

import (
	"context"
	"fmt"
	"time"

	"recado/domain"
)

// Arrivals gathers webhooks of a moment into one commit at a time: with two,
// each had half as many, at twice the price.
func Arrivals(do func(context.Context, [][]domain.Webhook) ([]struct{}, error)) *Gatherer[[]domain.Webhook, struct{}] {
	const most, row = 8 << 20, 8 << 10 // bytes: a thousand webhooks, fewer if they are large
	size := func(hooks []domain.Webhook) (bytes int) {
		for _, h := range hooks {
			bytes += row + len(h.Body)
		}
		return bytes
	}
	return &Gatherer[[]domain.Webhook, struct{}]{Do: do, Size: size, Most: most, Full: 64 * row, Pace: 5 * time.Millisecond, Wide: 1, Within: 5 * time.Second}
}

// Webhooks gathers the batches of inbox lanes.
func Webhooks(do func(context.Context, []domain.Batch) ([]domain.Receipt, error)) *Gatherer[domain.Batch, domain.Receipt] {
	return &Gatherer[domain.Batch, domain.Receipt]{Do: do, Size: sizeOf, Most: 500, Full: 64, Wide: 2, Within: 30 * time.Second}
}

// Commands gathers batches for which somebody waits.
func Commands(do func(context.Context, []domain.Batch) ([]domain.Receipt, error)) *Gatherer[domain.Batch, domain.Receipt] {
	return &Gatherer[domain.Batch, domain.Receipt]{Do: do, Size: sizeOf, Most: 64, Full: 32, Wide: 2, Within: 10 * time.Second}
}

func sizeOf(b domain.Batch) int { return max(len(b.Updates), len(b.Inbox), 1) }

// Updates lists those of batches that are applied together.
func Updates(batches []domain.Batch) []domain.Update {
	if len(batches) == 1 {
		return batches[0].Updates
	}
	var updates []domain.Update
	for _, b := range batches {
		updates = append(updates, b.Updates...)
	}
	return updates
}

// Receipts parts what came of the updates by batches.
func Receipts(batches []domain.Batch, results []domain.Result) []domain.Receipt {
	receipts := make([]domain.Receipt, len(batches))
	for i, b := range batches {
		receipts[i].Results, results = results[:len(b.Updates):len(b.Updates)], results[len(b.Updates):]
	}
	return receipts
}

// UseUp reports whether any of the batches takes webhooks.
func UseUp(batches []domain.Batch) bool {
	for _, b := range batches {
		if len(b.Inbox) > 0 {
			return true
		}
	}
	return false
}

// ToPark lists what batches put aside, and the updates for accounts that no
// connection has: these are tried again when such a connection is declared.
func ToPark(batches []domain.Batch, updates []domain.Update, results []domain.Result) (parked []domain.ParkedItem) {
	for _, b := range batches {
		parked = append(parked, b.Parked...)
	}
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
