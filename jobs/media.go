package jobs

import (
	"context"
	"maps"
	"slices"
	"time"

	"recado/domain"
	"recado/metrics"
)

// media fetches the files of a connection, the first to give up first.
func (t *turn) media(ctx context.Context, id domain.ConnectionID) error {
	conn, err := t.cfg.Store.Connection(ctx, id)
	if err != nil {
		return err
	}
	busy := map[domain.MediaID]bool{} // used by the goroutine of the pump alone
	return pump[domain.DueMedia, domain.Update]{
		claim: func(ctx context.Context, n int, _ bool) ([]domain.DueMedia, error) {
			due, err := t.cfg.Store.DueMedia(ctx, id, slices.Collect(maps.Keys(busy)), n)
			for _, m := range due {
				busy[m.ID] = true
			}
			return due, err
		},
		do: func(ctx context.Context, m domain.DueMedia, report func(domain.Update)) {
			result := domain.FetchResult{State: domain.MediaWaiting, Cause: domain.MediaUnavailable}
			t.contain("a fetch", func() { result = t.fetchDue(ctx, conn, m) })
			report(domain.Update{
				Connection: id, Fact: domain.MediaFetched{Message: m.Message, Media: m.ID, Result: result}, Received: time.Now(),
			})
		},
		record: func(ctx context.Context, ended []domain.Update) error {
			results, err := t.store(ctx, ended)
			for i, r := range results {
				f := ended[i].Fact.(domain.MediaFetched)
				delete(busy, f.Media)
				t.contain("counting a file", func() { t.countFetch(conn, r, f) })
			}
			return err
		},
		width: func() int {
			if t.over(ctx) {
				return 0
			}
			return domain.FetchesAtOnce
		},
		wake: t.wake,
	}.run(ctx)
}

// fetchDue fetches a file, unless something says that it will not be had.
func (t *turn) fetchDue(ctx context.Context, conn domain.Connection, m domain.DueMedia) domain.FetchResult {
	fetcher, ok := t.cfg.Connectors[conn.Kind].(domain.Fetcher)
	switch {
	case m.Blocked:
		return lost(domain.MediaBlocked)
	case conn.Ended:
		return lost(domain.MediaEnded)
	case !ok:
		return lost(domain.MediaUnsupported)
	}
	f := fetch{fetcher: fetcher, files: t.cfg.Files, tempFiles: t.tempFiles, max: t.cfg.MediaMax, window: paceWindow, log: t.cfg.Log}
	return f.run(ctx, conn, m.StoredMedia)
}

func lost(why domain.MediaCause) domain.FetchResult {
	return domain.FetchResult{State: domain.MediaLost, Cause: why}
}

// countFetch counts a recorded try to fetch a file, and logs it.
func (t *turn) countFetch(conn domain.Connection, r domain.Result, f domain.MediaFetched) {
	if r.Outcome != domain.Applied {
		return
	}
	log := t.cfg.Log.With("connection", conn.ID, "message", f.Message, "media", f.Media)
	switch f.Result.State {
	case domain.MediaKept:
		t.cfg.Metrics.Media(metrics.MediaIn, metrics.MediaKept, f.Result.Size)
		log.Info("file fetched", "bytes", f.Result.Size, "mime", f.Result.MIME)
	case domain.MediaLost:
		t.cfg.Metrics.Media(metrics.MediaIn, metrics.MediaLost, 0)
		log.Warn("file lost", "cause", f.Result.Cause)
	default:
		t.cfg.Metrics.Media(metrics.MediaIn, metrics.MediaRetried, 0)
		log.Info("fetching a file failed, it will be retried", "cause", f.Result.Cause)
	}
}

// eraseFiles erases files that nobody needs any more: first the file, then its row.
func (w *Worker) eraseFiles(ctx context.Context) (more bool, err error) {
	list, err := w.cfg.Store.ErasableMedia(ctx, filesLimit)
	if err != nil || len(list) == 0 {
		return false, err
	}
	var erased []domain.MediaID
	for _, m := range list {
		if err = w.cfg.Files.Delete(ctx, m.Key()); err != nil {
			break
		}
		erased = append(erased, m.ID)
	}
	if len(erased) == 0 {
		return false, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout) // what is erased is forgotten, however long it took
	defer cancel()
	if forgot := w.cfg.Store.ForgetMedia(ctx, erased); forgot != nil {
		return false, forgot
	}
	return len(list) == filesLimit, err
}
