package connectortest

import (
	"cmp"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"recado/domain"
)

// fileBytes are those of the file that is fetched.
const fileBytes = "\x89PNG\r\n\x1a\n and more"

// fetch checks a connector whose messenger keeps the files of messages; of others
// there is nothing to check.
func (s Suite) fetch(t *testing.T) {
	if _, ok := s.New(http.DefaultClient).(domain.Fetcher); !ok {
		return
	}
	give := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		io.WriteString(w, fileBytes)
	}
	t.Run("a file is given", func(t *testing.T) {
		f, a := s.fetchFrom(t, s.WhereIs, give)
		if a.Fate != domain.FateAccepted || f.Body == nil {
			t.Fatalf("Fetch = %+v, %+v", f, a)
		}
		data, err := io.ReadAll(f.Body)
		if err != nil || string(data) != fileBytes || f.MIME != "image/png" || f.Size != int64(len(fileBytes)) {
			t.Errorf("got %q of %s, %d bytes, %v", data, f.MIME, f.Size, err)
		}
	})
	var called atomic.Bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called.Store(true)
		give(w, r)
	}))
	defer elsewhere.Close()
	for _, row := range []struct {
		name  string
		where func(url string) Reply
		serve http.HandlerFunc
		lost  domain.MediaCause
	}{
		{"a redirect is not followed", s.WhereIs, reply(Reply{Status: 302, Header: map[string]string{"Location": elsewhere.URL}}), domain.MediaForbidden},
		{"a redirect to a metadata address", s.WhereIs, reply(Reply{Status: 307, Header: map[string]string{"Location": "http://169.254.169.254/latest"}}), domain.MediaForbidden},
		{"a file that is gone", s.WhereIs, reply(Reply{Status: 410}), domain.MediaGone},
		{"a file that is not there yet", s.WhereIs, reply(Reply{Status: 404}), ""},
		{"a messenger that is down", s.WhereIs, reply(Reply{Status: 503}), ""},
		{"a connection that is cut", s.WhereIs, cut, ""},
		{"no place is told", func(string) Reply { return Reply{Status: 200, Body: "{}"} }, give, ""},
		{"the messenger refuses, and repeats our secrets", func(string) Reply { return s.Refused(strings.Join(s.secrets(), " and ")) }, give, ""},
	} {
		t.Run(row.name, func(t *testing.T) { s.givesNone(t, row.where, row.serve, row.lost) })
	}
	if s.NamesHost {
		t.Run("a host that is not the messenger's", func(t *testing.T) {
			s.givesNone(t, func(string) Reply { return s.WhereIs(elsewhere.URL) }, give, domain.MediaForbidden)
		})
		t.Run("a metadata address", func(t *testing.T) {
			s.givesNone(t, func(string) Reply { return s.WhereIs("http://169.254.169.254") }, give, domain.MediaForbidden)
		})
	}
	if called.Load() {
		t.Error("a request went to another host")
	}
}

// givesNone checks that no file comes, and why it is lost; empty: it may come later.
func (s Suite) givesNone(t *testing.T, where func(url string) Reply, serve http.HandlerFunc, lost domain.MediaCause) {
	t.Helper()
	f, a := s.fetchFrom(t, where, serve)
	if a.Fate == domain.FateAccepted || a.Failure == nil || f.Body != nil || f.Lost != lost {
		t.Errorf("Fetch = %+v, %+v; want none, lost because of %q", f, a, lost)
	}
}

// fetchFrom fetches a file from a messenger that says where it is, and serves it there.
func (s Suite) fetchFrom(t *testing.T, where func(url string) Reply, serve http.HandlerFunc) (domain.Fetched, domain.SendResult) {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc(s.FilePath, serve)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { reply(where(server.URL))(w, r) })
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, ok := s.New(&http.Client{Transport: transport}).(domain.Fetcher)
	if !ok {
		t.Fatal("the connector is no Fetcher")
	}
	f, a := c.Fetch(t.Context(), s.Connection(server.URL), domain.StoredMedia{Source: cmp.Or(s.FileSource, "photo-1")})
	if f.Body != nil {
		t.Cleanup(func() { f.Body.Close() })
	}
	s.secret(t, a)
	return f, a
}
