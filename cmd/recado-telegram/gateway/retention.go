package gateway

import (
	"context"
	"time"
)

const (
	retention   = 90 * 24 * time.Hour // as long as Recado keeps files
	deleteEvery = time.Hour
)

// deleteOld deletes every hour which messages of the account passed too long ago, until the context ends.
func (g *Gateway) deleteOld(ctx context.Context, connection string) {
	for {
		if err := g.store.DeleteSeen(ctx, connection, time.Now().Add(-retention)); err != nil && ctx.Err() == nil {
			g.log.Error("deleting old messages failed", "connection", connection, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(deleteEvery):
		}
	}
}
