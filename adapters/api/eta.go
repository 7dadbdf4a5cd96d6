package api

import (
	"context"
	"time"

	"recado/domain"
)

// A queue is how much of campaigns waits over a connection, and how fast it leaves.
type queue struct {
	waits int
	rate  domain.Rate
}

// queueOf looks at the queue of a connection.
func (a *API) queueOf(ctx context.Context, id domain.ConnectionID) (queue, error) {
	c, err := a.connections.get(ctx, id)
	if err != nil {
		return queue{}, err
	}
	waits, err := a.Store.CountBulk(ctx, id)
	return queue{waits, c.Settings.Paced(a.Pace[c.Kind]).Connection}, err
}

// eta estimates when a message of a campaign leaves: after all that waits before it, at
// the pace of its connection. Nil: it is none, or the store does not say. What other
// messages take of the pace is not counted.
func (a *API) eta(ctx context.Context, m domain.Message) *instant {
	if m.Class != domain.ClassBulk || m.Status != domain.Queued {
		return nil
	}
	q, err := a.queues.get(ctx, m.Connection)
	if err != nil {
		return nil
	}
	at := instantOf(a.Now().Add(q.rate.Takes(q.waits)).Truncate(time.Second))
	return &at
}
