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

	// watchMost bounds a step of the watch: the store is called to take connections, read
	// one, keep what a look back found, and record the look.
	watchMost = watchTimeout + lookbackTimeout + 4*storeTimeout
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
// that those that are known change nothing. It returns where the next look begins, zero:
// where this one did, because it failed; and when to look again, zero: in its turn. The
// first time there is nothing to look for: what is older than the connection does not
// concern it.
func (w *Worker) lookBack(ctx context.Context, back domain.Lookback, conn domain.Connection) (next, again time.Time) {
	since := conn.Watched.LookedTo
	if since.IsZero() {
		return time.Now().Add(-lookbackOverlap), time.Time{}
	}
	asked, cancel := context.WithTimeout(ctx, lookbackTimeout)
	defer cancel()
	found, err := back.Lookback(asked, conn, since)
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
	if found.More { // without an overlap, which could be full of what this look found
		return found.Until, time.Now()
	}
	return found.Until.Add(-lookbackOverlap), found.Again
}
