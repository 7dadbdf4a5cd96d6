package jobs

import (
	"context"
	"sync"
	"time"

	"recado/domain"
)

const (
	watchesAtOnce = 4 // looks at one messenger in flight
	watchTimeout  = 8 * time.Second
)

// watchOnce looks at the messengers of up to watchesAtOnce connections of each kind
// that can be watched. The store gives each connection to one process every
// domain.WatchEvery.
func (w *Worker) watchOnce(ctx context.Context) error {
	var looks sync.WaitGroup
	defer looks.Wait()
	for kind, connector := range w.cfg.Connectors {
		watcher, ok := connector.(domain.Watcher)
		if !ok {
			continue
		}
		taken, err := w.cfg.Store.TakeWatches(ctx, kind, watchesAtOnce)
		if err != nil {
			return err
		}
		for _, id := range taken {
			looks.Go(func() { w.look(ctx, watcher, id) })
		}
	}
	return nil
}

// look looks at the messenger of a connection and records what it found. If the
// messenger does not answer, nothing is known: the next look will tell.
func (w *Worker) look(ctx context.Context, watcher domain.Watcher, id domain.ConnectionID) {
	conn, err := w.cfg.Store.Connection(ctx, id)
	if err != nil {
		w.cfg.Log.Error("a connection was not looked at", "connection", id, "err", err)
		return
	}
	asked, cancel := context.WithTimeout(ctx, watchTimeout)
	seen, err := watcher.Watch(asked, conn, w.cfg.HookURL(conn))
	cancel()
	if err != nil {
		w.cfg.Log.Warn("a look at the messenger failed", "connection", id, "err", err)
		return
	}
	results, err := w.store(ctx, []domain.Update{{Connection: id, Fact: domain.ConnectionWatched{Seen: seen}, Received: time.Now()}})
	if err != nil {
		w.cfg.Log.Error("a look at the messenger was not stored", "connection", id, "err", err)
	}
	for _, r := range results {
		w.observe(r)
	}
}
