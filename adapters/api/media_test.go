package api

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"syscall"
	"testing"

	"recado/adapters/transfer"
	"recado/domain"
	"recado/metrics"
)

// picture is what the fake catalog knows.
var picture = domain.StoredMedia{
	ID: "med_00000000000000000000000001", Company: "acme", State: domain.MediaKept, MIME: "image/png", Name: "photo.png", Size: 5, SHA: "5a",
}

// A fakeCatalog knows picture, and records the companies of the calls.
type fakeCatalog struct {
	domain.MediaCatalog
	store *fakeStore
}

func (f fakeCatalog) BeginUpload(_ context.Context, c domain.CompanyID, _ domain.MediaID) error {
	f.store.asked(c)
	return f.store.err
}

func (f fakeCatalog) AddUpload(_ context.Context, m domain.StoredMedia) error {
	f.store.asked(m.Company)
	return f.store.err
}

func (f fakeCatalog) Media(_ context.Context, c domain.CompanyID, id domain.MediaID) (domain.StoredMedia, error) {
	f.store.asked(c)
	if c == picture.Company && id == picture.ID {
		return picture, f.store.err
	}
	return domain.StoredMedia{}, orNotFound(f.store.err)
}

// fakeFiles holds the same five bytes under every key.
type fakeFiles struct{}

func (fakeFiles) Put(_ context.Context, _ string, r io.Reader, _ int64) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

func (fakeFiles) Open(context.Context, string) (io.ReadSeekCloser, error) {
	return struct {
		io.ReadSeeker
		io.Closer
	}{bytes.NewReader([]byte("bytes")), io.NopCloser(nil)}, nil
}

func (fakeFiles) Delete(context.Context, string) error { return nil }

func (fakeFiles) Ping(context.Context) error { return nil }

// newFiles takes uploads of up to 100 bytes.
func newFiles(f *fakeStore, count *metrics.Metrics, log *slog.Logger) *transfer.Service {
	return transfer.New(transfer.Config{
		Catalog: fakeCatalog{store: f}, Files: fakeFiles{}, Max: 100, Guard: func(string, string, syscall.RawConn) error { return nil }, NewID: func() string { return id + "9" }, Metrics: count, Log: log,
	})
}

func TestAFileIsDownloaded(t *testing.T) {
	answer := newServer(t, archive()).as(t, "ana-key", "GET", file1, "")
	if got := answer.Header(); answer.Code != 200 || answer.Body.String() != "bytes" || got.Get("Content-Type") != "image/png" || got.Get("Etag") != `"5a"` {
		t.Errorf("= %d %q %v", answer.Code, answer.Body, got)
	}
}

func TestProblemsOfFiles(t *testing.T) {
	tests := []struct {
		name, key, call, body string
		status                int
		code                  string
	}{
		{"a file of another company", "zoe-key", "GET " + file1, "", 404, "not_found"},
		{"a file that is none", "ana-key", "GET /v1/media/med_2", "", 404, "not_found"},
		{"an upload that is too large", "ana-key", "POST /v1/media", strings.Repeat("x", 101), 413, "too_large"},
		{"an empty upload", "ana-key", "POST /v1/media", "", 422, "invalid_request"},
		{"a voice message that is none", "ana-key", "POST /v1/media?as=voice", "hello", 422, "voice_not_readable"},
		{"another word than voice", "ana-key", "POST /v1/media?as=photo", "hello", 422, "invalid_request"},
		{"an upload without the right to write", "eva-key", "POST /v1/media", "hello", 403, "forbidden"},
		{"a download without the right to read", "eva-key", "GET " + file1, "", 403, "forbidden"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			method, target, _ := strings.Cut(tt.call, " ")
			answer := newServer(t, archive()).as(t, tt.key, method, target, tt.body)
			if p := said(t, answer); answer.Code != tt.status || p.Code != tt.code {
				t.Errorf("= %d %s, want %d %s", answer.Code, answer.Body, tt.status, tt.code)
			}
		})
	}
}

// What a download would answer can be asked without the bytes.
func TestHeadAnswersAsGetWithoutABody(t *testing.T) {
	s := newServer(t, archive())
	got, head := s.as(t, "ana-key", "GET", file1, ""), s.as(t, "ana-key", "HEAD", file1, "")
	if head.Code != 200 || head.Body.Len() > 0 || got.Body.String() != "bytes" {
		t.Errorf("HEAD = %d with %d bytes, GET gives %q", head.Code, head.Body.Len(), got.Body)
	}
	for _, name := range []string{"Content-Type", "Content-Length", "Content-Disposition", "Etag", "Accept-Ranges"} {
		if head.Header().Get(name) != got.Header().Get(name) || head.Header().Get(name) == "" {
			t.Errorf("%s: HEAD says %q, GET says %q", name, head.Header().Get(name), got.Header().Get(name))
		}
	}
}
