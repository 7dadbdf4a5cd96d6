package gateway

import (
	"context"
	"errors"
	"time"
)

const (
	retention   = 90 * 24 * time.Hour // as long as Recado keeps files
	deleteEvery = time.Hour
)

// deleteOld deletes every hour which messages of the account passed too long ago, and whose
// phone numbers were looked up too long ago, until the context ends.
func (g *Gateway) deleteOld(ctx context.Context, connection string) {
	for {
		err := errors.Join(g.store.DeleteSeen(ctx, connection, time.Now().Add(-retention)), g.store.DeleteLookedUp(ctx, connection))
		if err != nil && ctx.Err() == nil {
			g.log.Error("deleting what is old failed", "connection", connection, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(deleteEvery):
		}
	}
}
