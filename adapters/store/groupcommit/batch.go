package groupcommit

import (
	"context"
	"slices"
	"time"

	"recado/domain"
)

// Together implements domain.Chats, and Append of domain.Inbox: what comes
// together is committed together.
type Committer struct {
	arrivals *Batcher[[]domain.Webhook, struct{}]
	webhooks *Batcher[domain.Batch, domain.Receipt]
	commands *Batcher[domain.Batch, domain.Receipt]
}

// NewTogether makes a Together. Insert and apply are a transaction each.
func New(
	insert func(context.Context, []domain.Webhook) error,
	apply func(context.Context, []domain.Batch) ([]domain.Receipt, error),
) Committer {
	const most, row = 8 << 20, 8 << 10 // bytes: a thousand webhooks, fewer if they are large
	return Committer{
		// One commit at a time: with two, each had half as many, at twice the price.
		arrivals: &Batcher[[]domain.Webhook, struct{}]{
			Do: func(ctx context.Context, came [][]domain.Webhook) ([]struct{}, error) {
				return make([]struct{}, len(came)), insert(ctx, slices.Concat(came...))
			},
			Size: func(hooks []domain.Webhook) (bytes int) {
				for _, h := range hooks {
					bytes += row + len(h.Body)
				}
				return bytes
			},
			MaxSize: most, FlushAt: 64 * row, MinInterval: 5 * time.Millisecond, Concurrency: 1, Timeout: 5 * time.Second,
		},
		webhooks: &Batcher[domain.Batch, domain.Receipt]{Do: apply, Size: sizeOf, MaxSize: 500, FlushAt: 64, Concurrency: 2, Timeout: 30 * time.Second},
		commands: &Batcher[domain.Batch, domain.Receipt]{Do: apply, Size: sizeOf, MaxSize: 64, FlushAt: 32, Concurrency: 2, Timeout: 10 * time.Second},
	}
}

func sizeOf(b domain.Batch) int { return max(len(b.Updates), len(b.Inbox), 1) }

// Append implements domain.Inbox.
func (t Committer) Append(ctx context.Context, hooks []domain.Webhook) error {
	_, err := t.arrivals.Submit(ctx, hooks)
	return err
}

// Apply implements domain.Chats. Commands and outcomes, for which somebody
// waits, do not queue behind webhooks.
func (t Committer) Apply(ctx context.Context, b domain.Batch) (domain.Receipt, error) {
	if len(b.Inbox) > 0 {
		return t.webhooks.Submit(ctx, b)
	}
	return t.commands.Submit(ctx, b)
}
