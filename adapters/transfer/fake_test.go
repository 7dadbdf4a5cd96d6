package transfer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"recado/adapters/blob/disk"
	"recado/domain"
	"recado/metrics"
)

// A fakeCatalog holds rows, and lists what was done.
type fakeCatalog struct {
	domain.MediaCatalog

	mu   sync.Mutex
	rows map[domain.MediaID]domain.StoredMedia
	done []string
	err  error // of AddUpload
}

func (f *fakeCatalog) BeginUpload(_ context.Context, company domain.CompanyID, id domain.MediaID) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rows[id] = domain.StoredMedia{ID: id, Company: company, State: domain.MediaErasing}
	f.done = append(f.done, "begin")
	return nil
}

func (f *fakeCatalog) AddUpload(_ context.Context, m domain.StoredMedia) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = append(f.done, "add")
	if f.err == nil {
		f.rows[m.ID] = m
	}
	return f.err
}

func (f *fakeCatalog) Media(_ context.Context, company domain.CompanyID, id domain.MediaID) (domain.StoredMedia, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m, ok := f.rows[id]
	if !ok || m.Company != company || m.State == domain.MediaErasing {
		return domain.StoredMedia{}, domain.ErrNotFound
	}
	return m, nil
}

// only returns the one row that is kept.
func (f *fakeCatalog) only(t *testing.T) domain.StoredMedia {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.rows) != 1 {
		t.Fatalf("%d rows", len(f.rows))
	}
	for _, m := range f.rows {
		return m
	}
	return domain.StoredMedia{}
}

// watchedFiles lists in the catalog when a file is put.
type watchedFiles struct {
	domain.Files
	catalog *fakeCatalog
	err     error
}

func (w *watchedFiles) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	w.catalog.mu.Lock()
	w.catalog.done = append(w.catalog.done, "put "+key)
	w.catalog.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	return w.Files.Put(ctx, key, r, size)
}

// A site is a Service of the company acme behind a server.
type site struct {
	*Service
	catalog *fakeCatalog
	files   *watchedFiles
	url     string
	log     *bytes.Buffer
}

// siteMax is the largest upload of a site.
const siteMax = 1 << 20

func newSite(t *testing.T, change ...func(*Config)) *site {
	t.Helper()
	kept, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{catalog: &fakeCatalog{rows: map[domain.MediaID]domain.StoredMedia{}}, log: &bytes.Buffer{}}
	s.files = &watchedFiles{Files: kept, catalog: s.catalog}
	ids := 0
	var mu sync.Mutex
	config := Config{Catalog: s.catalog, Files: s.files, Max: siteMax, Metrics: metrics.New(prometheus.NewRegistry()), Log: slog.New(slog.NewTextHandler(s.log, nil)), NewID: func() string {
		mu.Lock()
		defer mu.Unlock()
		ids++
		return fmt.Sprintf("%026d", ids)
	}}
	for _, c := range change {
		c(&config)
	}
	s.Service = New(config)
	server := httptest.NewServer(http.HandlerFunc(s.serveHTTP))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *site) serveHTTP(w http.ResponseWriter, r *http.Request) {
	var err error
	if r.Method == http.MethodPost {
		var m domain.StoredMedia
		if m, err = s.Receive(w, r, "acme", r.URL.Query().Get("as") == "voice"); err == nil {
			fmt.Fprint(w, m.ID)
		}
	} else {
		company := domain.CompanyID(r.Header.Get("Company"))
		if company == "" {
			company = "acme"
		}
		err = s.Serve(w, r, company, domain.MediaID(strings.TrimPrefix(r.URL.Path, "/")))
	}
	refusal, refused := errors.AsType[*Error](err)
	switch {
	case refused:
		http.Error(w, refusal.Code+": "+refusal.Detail, refusal.Status)
	case errors.Is(err, domain.ErrNotFound):
		w.WriteHeader(http.StatusNotFound)
	case err != nil:
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

// do makes a request, whose headers are given as "Name: value".
func (s *site) do(t *testing.T, method, path string, body io.Reader, headers ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		if name, value, ok := strings.Cut(h, ": "); ok {
			r.Header.Set(name, value)
		}
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

// upload stores a file, and returns its row.
func (s *site) upload(t *testing.T, file, told, name string) domain.StoredMedia {
	t.Helper()
	answer, id := s.do(t, "POST", "/?name="+escape(name), strings.NewReader(file), "Content-Type: "+told)
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("upload = %d %s", answer.StatusCode, id)
	}
	return s.catalog.rows[domain.MediaID(id)]
}

// put stores a row, and its file unless it is empty.
func (s *site) put(t *testing.T, m domain.StoredMedia, file string) {
	t.Helper()
	s.catalog.rows[m.ID] = m
	if file == "" {
		return
	}
	if err := s.files.Files.Put(t.Context(), m.Key(), strings.NewReader(file), int64(len(file))); err != nil {
		t.Fatal(err)
	}
}
