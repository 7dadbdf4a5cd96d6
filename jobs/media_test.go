package jobs

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"recado/domain"
)

// A fetcher is a fakeConnector whose messenger has files.
type fetcher struct {
	fakeConnector
	fetch func(ctx context.Context, m domain.StoredMedia) (domain.Fetched, domain.SendResult)
}

func (f fetcher) Fetch(ctx context.Context, _ domain.Connection, m domain.StoredMedia) (domain.Fetched, domain.SendResult) {
	return f.fetch(ctx, m)
}

// files keeps files in memory, unless it fails.
type files struct {
	domain.Files
	mu   sync.Mutex
	held map[string]string
	err  error
}

func (f *files) Put(_ context.Context, key string, r io.Reader, size int64) error {
	data, err := io.ReadAll(r)
	if f.err != nil || err != nil || int64(len(data)) != size {
		return errors.Join(f.err, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.held == nil {
		f.held = map[string]string{}
	}
	f.held[key] = string(data)
	return nil
}

func (f *files) Delete(_ context.Context, key string) error {
	delete(f.held, key)
	return f.err
}

// gives is a messenger that gives a body, of that length as it says.
func gives(body io.Reader, size int64) func(context.Context, domain.StoredMedia) (domain.Fetched, domain.SendResult) {
	return func(context.Context, domain.StoredMedia) (domain.Fetched, domain.SendResult) {
		return domain.Fetched{Body: io.NopCloser(body), Size: size}, domain.SendResult{Fate: domain.FateAccepted}
	}
}

// givesNone is a messenger that gives no file.
func givesNone(reason domain.Reason, lost domain.MediaCause, after time.Duration) func(context.Context, domain.StoredMedia) (domain.Fetched, domain.SendResult) {
	return func(context.Context, domain.StoredMedia) (domain.Fetched, domain.SendResult) {
		return domain.Fetched{Lost: lost}, domain.SendResult{Fate: domain.FateRefused, Failure: &domain.Failure{Reason: reason}, RetryAfter: after}
	}
}

// endless gives zeros for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// silent gives nothing until it is closed.
type silent struct{ closed chan struct{} }

func (s silent) Read([]byte) (int, error) { <-s.closed; return 0, errors.New("closed") }
func (s silent) Close() error             { close(s.closed); return nil }

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"

func TestWhatMessengersGive(t *testing.T) {
	again := func(why domain.MediaCause) domain.FetchResult {
		return domain.FetchResult{State: domain.MediaWaiting, Cause: why}
	}
	kept := func(mime string) domain.FetchResult { return domain.FetchResult{State: domain.MediaKept, MIME: mime} }
	for _, tt := range []struct {
		name  string
		told  string
		fetch func(context.Context, domain.StoredMedia) (domain.Fetched, domain.SendResult)
		want  domain.FetchResult
	}{
		{"a picture", "image/png", gives(strings.NewReader(png), int64(len(png))), kept("image/png")},
		{"a picture of a length that nobody says", "", gives(strings.NewReader(png), -1), kept("image/png")},
		{"another picture than told", "image/jpeg", gives(strings.NewReader(png), -1), kept("image/png")},
		{"a page that is told to be a picture", "image/png", gives(strings.NewReader("<!DOCTYPE html><script>alert(1)</script>"), -1), kept(domain.Binary)},
		{"a sticker, which is packed", "application/x-tgsticker", gives(strings.NewReader("\x1f\x8b\x08"), -1), kept("application/x-tgsticker")},
		{"a body without end", "image/png", gives(endless{}, -1), lost(domain.MediaTooBig)},
		{"a length over the limit", "image/png", gives(strings.NewReader(png), 1<<40), lost(domain.MediaTooBig)},
		{"less than the length says", "image/png", gives(strings.NewReader(png), 1000), again(domain.MediaUnavailable)},
		{"more than the length says", "image/png", gives(strings.NewReader(png), 3), again(domain.MediaUnavailable)},
		{"a body that breaks", "image/png", gives(io.MultiReader(strings.NewReader(png), brokenReader{}), -1), again(domain.MediaUnavailable)},
		{"nothing", "image/png", gives(strings.NewReader(""), -1), again(domain.MediaEmpty)},
		{"a refusal", "image/png", givesNone(domain.ReasonUnauthorized, "", 0), again(domain.MediaRefused)},
		{"a refusal for a while", "image/png", givesNone(domain.ReasonThrottled, "", time.Minute), domain.FetchResult{
			State: domain.MediaWaiting, Cause: domain.MediaUnavailable, RetryAfter: time.Minute,
		}},
		{"a refusal for good", "image/png", givesNone(domain.ReasonMedia, domain.MediaGone, 0), lost(domain.MediaGone)},
		{"a panic", "image/png", func(context.Context, domain.StoredMedia) (domain.Fetched, domain.SendResult) { panic("oh") }, again(domain.MediaUnavailable)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, f := newGallery(t, fetcher{fetch: tt.fetch}, domain.DueMedia{StoredMedia: domain.StoredMedia{ID: "med_1", Company: "acme", Message: "msg_1", ToldMIME: tt.told}})
			got := s.fetchAll(t)["med_1"]
			if got.State == domain.MediaKept {
				if got.Size != int64(len(f.held["acme/med_1"])) || got.Size == 0 || len(got.SHA) != 64 {
					t.Errorf("%+v does not fit the file %q", got, f.held)
				}
				got.Size, got.SHA = 0, ""
			} else if len(f.held) > 0 {
				t.Errorf("files %q are put", f.held)
			}
			if got != tt.want {
				t.Errorf("result %+v, want %+v", got, tt.want)
			}
		})
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAFileThatOurStoreDoesNotTakeIsFetchedAgain(t *testing.T) {
	s, f := newGallery(t, fetcher{fetch: gives(strings.NewReader(png), -1)}, domain.DueMedia{StoredMedia: domain.StoredMedia{ID: "med_1"}})
	f.err = errors.New("the disk is full")
	if got := s.fetchAll(t)["med_1"]; got.State != domain.MediaWaiting || got.Cause != domain.MediaUnstored {
		t.Errorf("result %+v", got)
	}
}

func TestNothingIsFetchedThatWillNotBeHad(t *testing.T) {
	untouched := fetcher{fetch: func(context.Context, domain.StoredMedia) (domain.Fetched, domain.SendResult) {
		panic("the messenger is called")
	}}
	media := domain.StoredMedia{ID: "med_1"}
	t.Run("of a blocked peer", func(t *testing.T) {
		s, _ := newGallery(t, untouched, domain.DueMedia{StoredMedia: media, Blocked: true})
		if got := s.fetchAll(t)["med_1"]; got != lost(domain.MediaBlocked) {
			t.Errorf("result %+v", got)
		}
	})
	t.Run("over a connection that ended", func(t *testing.T) {
		s, _ := newGallery(t, untouched, domain.DueMedia{StoredMedia: media})
		s.store.connection = func() (domain.Connection, error) {
			return domain.Connection{ID: "shop", Kind: domain.WABA, Ended: true}, nil
		}
		if got := s.fetchAll(t)["med_1"]; got != lost(domain.MediaEnded) {
			t.Errorf("result %+v", got)
		}
	})
	t.Run("of a messenger that gives none", func(t *testing.T) {
		s, _ := newGallery(t, fakeConnector{}, domain.DueMedia{StoredMedia: media})
		if got := s.fetchAll(t)["med_1"]; got != lost(domain.MediaUnsupported) {
			t.Errorf("result %+v", got)
		}
	})
}

func TestAFileIsFetchedOnceAtATime(t *testing.T) {
	var due []domain.DueMedia
	for _, id := range []domain.MediaID{"med_1", "med_2", "med_3", "med_4", "med_5", "med_6"} {
		due = append(due, domain.DueMedia{StoredMedia: domain.StoredMedia{ID: id}})
	}
	var mu sync.Mutex
	atOnce, most := 0, 0
	s, f := newGallery(t, fetcher{fetch: func(ctx context.Context, m domain.StoredMedia) (domain.Fetched, domain.SendResult) {
		mu.Lock()
		atOnce++
		most = max(most, atOnce)
		mu.Unlock()
		time.Sleep(time.Millisecond)
		mu.Lock()
		atOnce--
		mu.Unlock()
		return gives(strings.NewReader(png), -1)(ctx, m)
	}}, due...)
	if got := s.fetchAll(t); len(got) != 6 || len(f.held) != 6 || most > domain.FetchesAtOnce {
		t.Errorf("%d at once, recorded %v, files %q", most, got, f.held)
	}
	if n := s.counted(t, "recado_media_total", "in", "kept"); n != 6 {
		t.Errorf("%v files counted", n)
	}
	if n := s.counted(t, "recado_media_bytes_total", "in", "kept"); n != float64(6*len(png)) {
		t.Errorf("%v bytes counted", n)
	}
}

// Files go from a socket to the disk: what is in memory does not grow with them.
func TestFilesAreNotHeldInMemory(t *testing.T) {
	const size = 20 << 20
	var due []domain.DueMedia
	for _, id := range []domain.MediaID{"med_1", "med_2", "med_3", "med_4"} {
		due = append(due, domain.DueMedia{StoredMedia: domain.StoredMedia{ID: id}})
	}
	s, _ := newGallery(t, fetcher{fetch: func(ctx context.Context, m domain.StoredMedia) (domain.Fetched, domain.SendResult) {
		return gives(io.LimitReader(endless{}, size), size)(ctx, m)
	}}, due...)
	s.cfg.MediaMax, s.cfg.Files = size, sink{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if got := s.fetchAll(t)["med_4"]; got.State != domain.MediaKept || got.Size != size {
		t.Errorf("result %+v", got)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("%d MiB were allocated for 80 MiB of files", used>>20)
	}
}

// A sink takes files and holds none.
type sink struct{ domain.Files }

func (sink) Put(_ context.Context, _ string, r io.Reader, _ int64) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

func TestErasedAreFirstTheFilesAndThenTheirRows(t *testing.T) {
	s, f := newGallery(t, fakeConnector{})
	f.held = map[string]string{"acme/med_1": "one", "acme/med_2": "two", "acme/med_3": "three"}
	s.store.erasable = func() ([]domain.StoredMedia, error) {
		return []domain.StoredMedia{{ID: "med_1", Company: "acme"}, {ID: "med_2", Company: "acme"}}, nil
	}
	var forgotten []domain.MediaID
	s.store.forget = func(list []domain.MediaID) error {
		if f.held["acme/med_1"]+f.held["acme/med_2"] != "" {
			t.Errorf("the rows go before the files %q", f.held)
		}
		forgotten = append(forgotten, list...)
		return nil
	}
	if more, err := s.eraseFiles(t.Context()); more || err != nil || len(forgotten) != 2 || f.held["acme/med_3"] == "" {
		t.Errorf("forgot %v, holds %q, %v, %v", forgotten, f.held, more, err)
	}
	forgotten, f.err = nil, errors.New("away")
	if _, err := s.eraseFiles(t.Context()); err == nil || len(forgotten) > 0 {
		t.Errorf("files that stay are forgotten: %v, %v", forgotten, err)
	}
}

// A gallery is a shop with files to fetch.
type gallery struct {
	shop
	store *fakeStore
	ended map[domain.MediaID]domain.FetchResult
}

func newGallery(t *testing.T, connector domain.Connector, due ...domain.DueMedia) (*gallery, *files) {
	t.Helper()
	g := &gallery{store: newStore(), ended: map[domain.MediaID]domain.FetchResult{}}
	g.store.dueMedia = func(busy []domain.MediaID, limit int) (list []domain.DueMedia, _ error) {
		for _, m := range due {
			if _, done := g.ended[m.ID]; !done && len(list) < limit && !slices.Contains(busy, m.ID) {
				list = append(list, m)
			}
		}
		return list, nil
	}
	g.store.apply = func(b domain.Batch) (domain.Receipt, error) {
		for _, u := range b.Updates {
			f := u.Fact.(domain.MediaFetched)
			if _, twice := g.ended[f.Media]; twice {
				t.Errorf("%s is recorded twice", f.Media)
			}
			g.ended[f.Media] = f.Result
		}
		return applied(b)
	}
	g.shop = newShop(t, g.store, fakeConnector{})
	f := &files{}
	g.cfg.Connectors[domain.WABA], g.cfg.Files, g.cfg.MediaMax = connector, f, 64<<10
	return g, f
}

// fetchAll drains the lane and returns what was recorded.
func (g *gallery) fetchAll(t *testing.T) map[domain.MediaID]domain.FetchResult {
	t.Helper()
	g.drain(t.Context(), domain.MediaLane("shop"))
	return g.ended
}

// What comes too slowly ends when it has been slow for a window.
func TestASlowBodyEnds(t *testing.T) {
	slow := silent{make(chan struct{})}
	f := fetch{max: 1 << 20, window: time.Millisecond, log: slog.New(slog.DiscardHandler)}
	if _, err := f.copy(t.Context(), &bytes.Buffer{}, slow); !errors.Is(err, errSlow) {
		t.Errorf("copy ended with %v", err)
	}
}

// Many files that are small are on their way at once, whatever the largest may be: a
// messenger that is slow leaves room for others.
func TestAFileTakesRoomForItsSize(t *testing.T) {
	s := newTempFiles(tempBytes)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var ends []func()
	for range tempBytes / tempLeast {
		_, free, err := s.create(ctx, 1000)
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, free)
	}
	over, stop := context.WithCancel(t.Context())
	stop()
	if _, _, err := s.create(over, 1); err == nil {
		t.Error("there is room for more than there is")
	}
	for _, free := range ends {
		free()
	}
	_, free, err := s.create(ctx, -1) // of a size that nobody says: the largest
	if err != nil {
		t.Fatal(err)
	}
	free()
}
