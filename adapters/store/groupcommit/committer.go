package groupcommit

import (
	"context"
	"slices"
	"time"

	"recado/domain"
)

// A Committer implements domain.Applier, and Append of domain.Inbox: concurrent
// calls share a commit.
type Committer struct {
	arrivals *Batcher[[]domain.Webhook, struct{}]
	webhooks *Batcher[domain.Batch, domain.Receipt]
	commands *Batcher[domain.Batch, domain.Receipt]
}

// New returns a Committer. A call of insert or of apply is one transaction.
func New(
	insert func(context.Context, []domain.Webhook) error,
	apply func(context.Context, []domain.Batch) ([]domain.Receipt, error),
) Committer {
	const maxBytes, rowBytes = 8 << 20, 8 << 10 // a thousand webhooks, fewer if they are large
	return Committer{
		// One commit at a time: with two in parallel each batch was half as large and
		// the total cost doubled (measured).
		arrivals: &Batcher[[]domain.Webhook, struct{}]{
			Do: func(ctx context.Context, calls [][]domain.Webhook) ([]struct{}, error) {
				return make([]struct{}, len(calls)), insert(ctx, slices.Concat(calls...))
			},
			Size: func(hooks []domain.Webhook) (bytes int) {
				for _, h := range hooks {
					bytes += rowBytes + len(h.Body)
				}
				return bytes
			},
			MaxSize: maxBytes, FlushAt: 64 * rowBytes, MinInterval: 5 * time.Millisecond, Concurrency: 1, Timeout: 5 * time.Second,
		},
		webhooks: &Batcher[domain.Batch, domain.Receipt]{Do: apply, Size: rowsOf, MaxSize: 500, FlushAt: 64, Concurrency: 2, Timeout: 10 * time.Second},
		commands: &Batcher[domain.Batch, domain.Receipt]{Do: apply, Size: rowsOf, MaxSize: 64, FlushAt: 32, Concurrency: 2, Timeout: 10 * time.Second},
	}
}

func rowsOf(b domain.Batch) int { return max(len(b.Updates), len(b.Inbox), 1) }

// Append implements domain.Inbox.
func (c Committer) Append(ctx context.Context, hooks []domain.Webhook) error {
	_, err := c.arrivals.Submit(ctx, hooks)
	return err
}

// Apply implements domain.Applier. Commands and outcomes do not queue behind
// webhooks, since a caller waits for them.
func (c Committer) Apply(ctx context.Context, b domain.Batch) (domain.Receipt, error) {
	if len(b.Inbox)+len(b.Parked) > 0 || len(b.Updates) > 0 && b.Updates[0].Hook != "" {
		return c.webhooks.Submit(ctx, b)
	}
	return c.commands.Submit(ctx, b)
}
