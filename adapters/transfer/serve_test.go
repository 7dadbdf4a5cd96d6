package transfer

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"recado/domain"
)

func kept(mime, name, file string) domain.StoredMedia {
	return domain.StoredMedia{
		ID: "med_1", Company: "acme", State: domain.MediaKept, MIME: mime, Name: name, Size: int64(len(file)), SHA: sum(file),
	}
}

func TestADownloadSaysWhatItIsAndRunsNowhere(t *testing.T) {
	tests := []struct{ name, mime, file, disposition string }{
		{"a picture is shown", "image/png", "photo.png", `inline; filename=photo.png`},
		{"a voice message is played", "audio/ogg; codecs=opus", "voice.ogg", `inline; filename=voice.ogg`},
		{"a document is saved", docx, "cv de Ana.docx", `attachment; filename="cv de Ana.docx"`},
		{"HTML is saved", "text/html", "x.html", `attachment; filename=x.html`},
		{"a name of another script", "application/pdf", "счёт ñ.pdf", `attachment; filename*=utf-8''%D1%81%D1%87%D1%91%D1%82%20%C3%B1.pdf`},
		{"a name with quotes and semicolons", "application/pdf", `a"; filename=b.exe;.pdf`, `attachment; filename="a\"; filename=b.exe;.pdf"`},
		{"a name that leads away", "application/pdf", "../../x.pdf", `attachment; filename=x.pdf`},
		{"no name", "image/png", "", `inline; filename=med_1.png`},
		{"no name and no type that has an ending", domain.Binary, "", `attachment; filename=med_1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			s.put(t, kept(tt.mime, tt.file, "bytes"), "bytes")
			answer, text := s.do(t, "GET", "/med_1", nil)
			if answer.StatusCode != 200 || text != "bytes" {
				t.Fatalf("= %d %s", answer.StatusCode, text)
			}
			for header, want := range map[string]string{
				"Content-Type": tt.mime, "Content-Disposition": tt.disposition, "X-Content-Type-Options": "nosniff",
				"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-cache",
				"Etag": `"` + sum("bytes") + `"`, "Accept-Ranges": "bytes", "Content-Length": "5",
			} {
				if got := answer.Header.Get(header); got != want {
					t.Errorf("%s: %s, want %s", header, got, want)
				}
			}
		})
	}
}

func TestPartsOfAFile(t *testing.T) {
	s := newSite(t)
	s.put(t, kept("video/mp4", "", "0123456789"), "0123456789")
	etag := `"` + sum("0123456789") + `"`
	tests := []struct {
		name    string
		headers []string
		status  int
		body    string
	}{
		{"the beginning", []string{"Range: bytes=0-3"}, 206, "0123"},
		{"the middle", []string{"Range: bytes=4-5"}, 206, "45"},
		{"the end", []string{"Range: bytes=-2"}, 206, "89"},
		{"behind the end", []string{"Range: bytes=10-"}, 416, "invalid range: failed to overlap\n"},
		{"a part of the file that the caller has", []string{"Range: bytes=8-", "If-Range: " + etag}, 206, "89"},
		{"a part of another file", []string{"Range: bytes=8-", `If-Range: "other"`}, 200, "0123456789"},
		{"what the caller has", []string{"If-None-Match: " + etag}, 304, ""},
		{"what the caller has not", []string{`If-None-Match: "other"`}, 200, "0123456789"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if answer, text := s.do(t, "GET", "/med_1", nil, tt.headers...); answer.StatusCode != tt.status || text != tt.body {
				t.Errorf("= %d %q, want %d %q", answer.StatusCode, text, tt.status, tt.body)
			}
		})
	}
}

func TestWhatIsNotServed(t *testing.T) {
	soon := time.Now().Add(30 * time.Second)
	tests := []struct {
		name   string
		row    domain.StoredMedia
		by     string
		status int
		said   string
	}{
		{"a file of another company", kept("image/png", "", png), "otra", 404, ""},
		{"a file that is being erased", domain.StoredMedia{ID: "med_1", Company: "acme", State: domain.MediaErasing}, "acme", 404, ""},
		{"a file that is being fetched", domain.StoredMedia{ID: "med_1", Company: "acme", State: domain.MediaWaiting, NextAt: soon}, "acme", 409, "try again soon"},
		{"a file that was lost", domain.StoredMedia{ID: "med_1", Company: "acme", State: domain.MediaLost, Cause: domain.MediaTooBig}, "acme", 410, "too_big"},
		{"a file that is not where it was put", kept("image/png", "", png), "acme", 503, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t)
			s.put(t, tt.row, "")
			answer, text := s.do(t, "GET", "/med_1", nil, "Company: "+tt.by)
			if answer.StatusCode != tt.status || !strings.Contains(text, tt.said) {
				t.Errorf("= %d %s, want %d %s", answer.StatusCode, text, tt.status, tt.said)
			}
			if tt.status == http.StatusServiceUnavailable && !strings.Contains(s.log.String(), "med_1") {
				t.Errorf("nobody hears of it: %s", s.log)
			}
		})
	}
}

func TestACallerWaitsUntilTheNextTry(t *testing.T) {
	s := newSite(t)
	for wait, want := range map[time.Duration]time.Duration{-time.Hour: time.Second, time.Hour: maxWait} {
		s.put(t, domain.StoredMedia{ID: "med_1", Company: "acme", State: domain.MediaWaiting, NextAt: time.Now().Add(wait)}, "")
		_, err := s.look(t.Context(), "acme", "med_1")
		if refusal, ok := errors.AsType[*Error](err); !ok || refusal.RetryAfter != want {
			t.Errorf("%v: %+v, want %v", wait, err, want)
		}
	}
}
