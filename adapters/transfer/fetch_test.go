package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"recado/domain"
)

// onlyHere allows the servers of the test, as an operator allows a network, except the
// one that plays the metadata service of a cloud.
func onlyHere(network, address string, _ syscall.RawConn) error {
	if to, err := netip.ParseAddrPort(address); err != nil || to.Addr() != netip.MustParseAddr("127.0.0.1") {
		return errors.New("forbidden")
	}
	return nil
}

// fetch fetches from a server with that answer.
func (s *site) fetch(t *testing.T, path string, answer http.HandlerFunc) (domain.StoredMedia, error) {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	return s.Fetch(t.Context(), httptest.NewRecorder(), server.URL+path, "acme", false)
}

func newFetchingSite(t *testing.T) *site {
	t.Helper()
	return newSite(t, func(c *Config) { c.Guard = onlyHere })
}

func TestAFetchedFileIsStoredLikeAnUpload(t *testing.T) {
	s := newFetchingSite(t)
	m, err := s.fetch(t, "/fotos/playa%20larga.png?size=big", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization")+r.Header.Get("Cookie") != "" {
			t.Error("it sends credentials")
		}
		w.Header().Set("Content-Type", "image/png")
		io.WriteString(w, png)
	})
	if err != nil {
		t.Fatal(err)
	}
	want := domain.StoredMedia{
		ID: "med_00000000000000000000000001", Company: "acme", State: domain.MediaKept, ToldMIME: "image/png", MIME: "image/png", Name: "playa larga.png",
		Size: int64(len(png)), SHA: sum(png),
	}
	if m != want || s.catalog.only(t) != want {
		t.Errorf("%+v, want %+v", m, want)
	}
	if _, got := s.do(t, "GET", "/"+string(m.ID), nil); got != png {
		t.Errorf("= %q", got)
	}
}

func TestARedirectIsFollowedToAnAddressThatIsAllowed(t *testing.T) {
	s := newFetchingSite(t)
	m, err := s.fetch(t, "/d/1", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/d/1" {
			http.Redirect(w, r, "/cdn/plano", http.StatusFound)
			return
		}
		w.Header().Set("Content-Disposition", `attachment; filename="../plano.pdf"`)
		io.WriteString(w, "%PDF-1.4\n")
	})
	if err != nil || m.Name != "plano.pdf" || m.MIME != "application/pdf" {
		t.Errorf("%+v, %v", m, err)
	}
}

// Whatever a hostile host answers, the caller reads what is wrong, and nothing is stored.
func TestHostileHosts(t *testing.T) {
	redirect := func(to string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }
	}
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a redirect to the metadata of a cloud": {redirect("http://169.254.169.254/latest/meta-data/"), "not allowed"},
		"a redirect to another network":         {redirect("http://10.0.0.1/"), "not allowed"},
		"a redirect to a file of the host":      {redirect("file:///etc/passwd"), "https:// or http://"},
		"a redirect with a password":            {redirect("http://root:secret@127.0.0.1/"), "password"},
		"a redirect in a circle":                {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, "redirects"},
		"an endless body": {func(w http.ResponseWriter, _ *http.Request) {
			for zeros := make([]byte, 64<<10); ; {
				if _, err := w.Write(zeros); err != nil {
					return
				}
			}
		}, "larger than 1048576 bytes"},
		"a length that is too large": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", fmt.Sprint(siteMax+1)) }, "larger than"},
		"a length that lies": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, png)
		}, "ends before its end"},
		"nothing":   {func(http.ResponseWriter, *http.Request) {}, "empty"},
		"not found": {http.NotFound, "127.0.0.1 answered 404"},
		"an error, as a picture": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			w.WriteHeader(http.StatusInternalServerError)
		}, "answered 500"},
		"no HTTP": {func(w http.ResponseWriter, _ *http.Request) {
			if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
				io.WriteString(conn, "SSH-2.0-OpenSSH\r\n")
				conn.Close()
			}
		}, "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newFetchingSite(t)
			_, err := s.fetch(t, "/", tt.answer)
			refusal, ok := errors.AsType[*Error](err)
			if !ok || refusal.Status != 422 || refusal.Code != codeNotFetched || !strings.Contains(refusal.Detail, tt.want) {
				t.Errorf("%+v; want %q", err, tt.want)
			}
			if len(s.catalog.rows) > 0 || strings.Contains(fmt.Sprint(err), "secret") {
				t.Errorf("%v are stored, and the caller reads %v", s.catalog.rows, err)
			}
		})
	}
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	s := newFetchingSite(t)
	for address, want := range map[string]string{
		"ftp://example.com/a": "https:// or http://", "https://": "https:// or http://", "https://a:b@example.com/": "password",
		"http://[::1": "cannot be read", "http://[::1]/": "not allowed", "http://nobody.invalid/": "not known",
	} {
		_, err := s.Fetch(t.Context(), httptest.NewRecorder(), address, "acme", false)
		if refusal, ok := errors.AsType[*Error](err); !ok || refusal.Code != codeNotFetched || !strings.Contains(refusal.Detail, want) {
			t.Errorf("%s: %v; want %q", address, err, want)
		}
	}
}

func TestAPageThatSaysItIsAPictureIsNoPicture(t *testing.T) {
	s := newFetchingSite(t)
	m, err := s.fetch(t, "/a.png", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		io.WriteString(w, "<!DOCTYPE html><script>alert(1)</script>")
	})
	if err != nil || m.MIME != domain.Binary {
		t.Errorf("%+v, %v", m, err)
	}
}

// A host that gives a byte now and then holds the caller for a minute, no longer.
func TestASlowHostIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &Service{Config: Config{Max: siteMax}, outside: &http.Client{Transport: trickle{}}}
		ctx, cancel := context.WithTimeout(t.Context(), fetchTime)
		defer cancel()
		file, err := newTempFile()
		if err != nil {
			t.Fatal(err)
		}
		defer file.close()
		err = s.explainFetch(ctx, domain.StoredMedia{}, s.get(ctx, "http://example.com/", file, &domain.StoredMedia{}))
		if took := time.Since(began); took != fetchTime || !strings.Contains(fmt.Sprint(err), "does not come within") {
			t.Errorf("after %v: %v", took, err)
		}
	})
}

// A trickle gives a byte a second.
type trickle struct{}

func (trickle) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, ContentLength: -1, Request: r, Body: io.NopCloser(drops{r})}, nil
}

type drops struct{ r *http.Request }

// Read implements io.Reader.
func (d drops) Read(p []byte) (int, error) {
	select {
	case <-d.r.Context().Done():
		return 0, d.r.Context().Err()
	case <-time.After(time.Second):
		return copy(p, "x"), nil
	}
}
