package jobs

import (
	"context"
	"slices"
	"sync"
	"time"

	"recado/domain"
	"recado/metrics"
)

const (
	watchesAtOnce = 4 // looks at one messenger in flight
	watchTimeout  = 8 * time.Second
)

// watch looks at the messengers of up to watchesAtOnce connections of each kind that
// can be watched. The store gives each connection to one process every
// domain.WatchEvery.
func (w *Worker) watch(ctx context.Context) (more bool, err error) {
	var kinds []domain.Kind
	for kind, c := range w.cfg.Connectors {
		if _, ok := c.(domain.Watcher); ok {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds) // so that the statement is the same each time
	taken, err := w.cfg.Store.TakeWatches(ctx, kinds, watchesAtOnce)
	var looks sync.WaitGroup
	for _, id := range taken {
		looks.Go(func() { w.look(ctx, id) })
	}
	looks.Wait()
	return len(taken) >= watchesAtOnce, err
}

// look looks at the messenger of a connection and records what it found. If the
// messenger does not answer, nothing is known: the next look will tell.
func (w *Worker) look(ctx context.Context, id domain.ConnectionID) {
	conn, err := w.cfg.Store.Connection(ctx, id)
	if err != nil {
		w.cfg.Log.Error("a connection was not looked at", "connection", id, "err", err)
		return
	}
	watcher, ok := w.cfg.Connectors[conn.Kind].(domain.Watcher)
	if !ok {
		return
	}
	asked, cancel := context.WithTimeout(ctx, watchTimeout)
	seen, err := watcher.Watch(asked, conn, w.cfg.HookURL(conn))
	cancel()
	if err != nil {
		w.cfg.Log.Warn("a look at the messenger failed", "connection", id, "err", err)
		return
	}
	var again time.Time
	if back, ok := watcher.(domain.Lookback); ok && (seen.Link == nil || seen.Link.Down == nil) {
		seen.LookedTo, again = w.lookBack(ctx, back, conn)
	}
	results, err := w.store(ctx, []domain.Update{{Connection: id, Fact: domain.ConnectionWatched{Seen: seen, Again: again}, Received: time.Now()}})
	if err != nil {
		w.cfg.Log.Error("a look at the messenger was not stored", "connection", id, "err", err)
	}
	for _, r := range results {
		w.observe(r)
	}
}

const (
	lookbackOverlap = 5 * time.Minute // for messages that the messenger stored late
	lookbackTimeout = 20 * time.Second
)

// lookBack looks for messages of which no webhook came. They go the way of webhooks, so
// that those that are known change nothing. It returns until when it looked, and when to
// look again; zero: it failed. The first time there is nothing to look for: what is older
// than the connection does not concern it.
func (w *Worker) lookBack(ctx context.Context, back domain.Lookback, conn domain.Connection) (until, again time.Time) {
	if conn.Watched.LookedTo.IsZero() {
		return time.Now(), time.Time{}
	}
	asked, cancel := context.WithTimeout(ctx, lookbackTimeout)
	defer cancel()
	found, err := back.Lookback(asked, conn, conn.Watched.LookedTo.Add(-lookbackOverlap))
	if err != nil {
		w.cfg.Metrics.Lookback(conn.Kind, metrics.LookbackFailed)
		w.cfg.Log.Warn("messages without a webhook were not looked for", "connection", conn.ID, "err", err)
		return time.Time{}, time.Time{}
	}
	hooks := make([]domain.Webhook, len(found.Bodies))
	for i, b := range found.Bodies {
		hooks[i] = domain.Webhook{Hook: conn.Hook, Kind: conn.Kind, Body: b, Received: time.Now()}
	}
	if len(hooks) > 0 {
		if err := w.cfg.Store.Append(ctx, hooks); err != nil {
			w.cfg.Log.Error("messages without a webhook were not stored", "connection", conn.ID, "err", err)
			return time.Time{}, time.Time{}
		}
		w.cfg.Hints.Hint(domain.InboxLaneOf(conn.Hook))
	}
	return found.Until, found.Again
}
