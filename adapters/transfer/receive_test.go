package transfer

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"recado/domain"
)

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"

const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

func escape(text string) string { return url.QueryEscape(text) }

func sum(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:])
}

// form is a body of multipart/form-data, and its type.
func form(t *testing.T, fill func(*multipart.Writer) error) (body io.Reader, contentType string) {
	t.Helper()
	var text bytes.Buffer
	w := multipart.NewWriter(&text)
	if err := errors.Join(fill(w), w.Close()); err != nil {
		t.Fatal(err)
	}
	return &text, "Content-Type: " + w.FormDataContentType()
}

func addFile(w *multipart.Writer, field, name, text string) error {
	part, err := w.CreateFormFile(field, name)
	if err == nil {
		_, err = io.WriteString(part, text)
	}
	return err
}

func TestAnUploadIsKeptAsItCame(t *testing.T) {
	s := newSite(t)
	m := s.upload(t, png, "image/png", "photo.png")
	want := domain.StoredMedia{
		ID: "med_00000000000000000000000001", Company: "acme", State: domain.MediaKept, ToldMIME: "image/png", MIME: "image/png", Name: "photo.png",
		Size: int64(len(png)), SHA: sum(png),
	}
	if m != want {
		t.Errorf("%+v, want %+v", m, want)
	}
	if answer, got := s.do(t, "GET", "/"+string(m.ID), nil); answer.StatusCode != 200 || got != png {
		t.Errorf("= %d %q", answer.StatusCode, got)
	}
}

func TestAFormBringsItsFile(t *testing.T) {
	s := newSite(t)
	body, contentType := form(t, func(w *multipart.Writer) error { return addFile(w, "anything", "foto de perfil.png", png) })
	answer, text := s.do(t, "POST", "/", body, contentType)
	if m := s.catalog.only(t); answer.StatusCode != 200 || m.Name != "foto de perfil.png" || m.MIME != "image/png" || m.SHA != sum(png) {
		t.Errorf("= %d %s, %+v", answer.StatusCode, text, m)
	}
}

func TestCurlsWordForAnyBytesTellsNothing(t *testing.T) {
	s := newSite(t)
	if m := s.upload(t, "\x00\x01\x02\x03", "application/x-www-form-urlencoded", ""); m.ToldMIME != "" || m.MIME != domain.Binary {
		t.Errorf("%+v", m)
	}
}

// A crash after any step leaves a row for what Files may hold.
func TestARowGoesBeforeTheFileAndOneAfter(t *testing.T) {
	s := newSite(t)
	m := s.upload(t, "hello", "text/plain", "")
	if want := []string{"begin", "put " + m.Key(), "add"}; !slices.Equal(s.catalog.done, want) {
		t.Errorf("%v, want %v", s.catalog.done, want)
	}
}

func TestAFileThatCannotBePutIsNotAdded(t *testing.T) {
	s := newSite(t)
	s.files.err = fmt.Errorf("%w: disk full", domain.ErrUnavailable)
	answer, _ := s.do(t, "POST", "/", strings.NewReader("hello"))
	if answer.StatusCode != http.StatusServiceUnavailable || slices.Contains(s.catalog.done, "add") || !strings.Contains(s.log.String(), "disk full") {
		t.Errorf("= %d; %v; %s", answer.StatusCode, s.catalog.done, s.log)
	}
}

func TestWhatABrowserWouldRunIsStoredAsBytes(t *testing.T) {
	s := newSite(t)
	for name, file := range map[string]string{
		"HTML":         "<!DOCTYPE html><script>alert(1)</script>",
		"HTML, hidden": "\n\n  <html><body onload=alert(1)>",
		"SVG":          `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
		"XML":          `<?xml version="1.0"?><x/>`,
		"a program":    "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff" + strings.Repeat("\x00", 100),
		"a script":     "#!/bin/sh\nrm -rf /\n",
	} {
		m := s.upload(t, file, "image/png", "photo.png")
		if m.MIME != domain.Binary || m.SHA != sum(file) {
			t.Errorf("%s: %+v", name, m)
		}
		answer, _ := s.do(t, "GET", "/"+string(m.ID), nil)
		if got := answer.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") {
			t.Errorf("%s: Content-Disposition: %s", name, got)
		}
	}
}

// Nothing is unpacked.
func TestAZipBombIsStoredAsItIs(t *testing.T) {
	var bomb bytes.Buffer
	w := zip.NewWriter(&bomb)
	zeros := make([]byte, 1<<20)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "word/document.xml"} {
		part, err := w.Create(name)
		for range 64 {
			if err == nil {
				_, err = part.Write(zeros)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s := newSite(t)
	if m := s.upload(t, bomb.String(), docx, "cv.docx"); m.MIME != docx || m.Size != int64(bomb.Len()) {
		t.Errorf("%+v", m)
	}
}

func TestNamesThatMislead(t *testing.T) {
	for told, want := range map[string]string{
		"../../etc/passwd": "passwd", `C:\Windows\system.ini`: "system.ini", "a\x00b.txt": "ab.txt", "bill\u202Efdp.exe": "billfdp.exe",
		"..": "", "a\r\nSet-Cookie: x=y.txt": "aSet-Cookie: x=y.txt",
	} {
		s := newSite(t)
		m := s.upload(t, "hello", "text/plain", told)
		if m.Name != want {
			t.Errorf("%q becomes %q, want %q", told, m.Name, want)
		}
		if answer, _ := s.do(t, "GET", "/"+string(m.ID), nil); answer.StatusCode != 200 || answer.Header.Get("Set-Cookie") != "" {
			t.Errorf("%q: %d %v", told, answer.StatusCode, answer.Header)
		}
	}
	s := newSite(t)
	body, contentType := form(t, func(w *multipart.Writer) error { return addFile(w, "file", `../..\evil.png`, png) })
	s.do(t, "POST", "/", body, contentType)
	if m := s.catalog.only(t); m.Name != "evil.png" {
		t.Errorf("of a form: %q", m.Name)
	}
}

func TestFormsThatAreNotTaken(t *testing.T) {
	for name, tt := range map[string]struct {
		fill func(*multipart.Writer) error
		want string
	}{
		"two files": {func(w *multipart.Writer) error {
			return errors.Join(addFile(w, "a", "a.png", png), addFile(w, "b", "b.png", png))
		}, "send one file a call"},
		"a field beside": {func(w *multipart.Writer) error {
			return errors.Join(addFile(w, "a", "a.png", png), w.WriteField("as", "voice"))
		}, "send one file a call"},
		"a field before": {func(w *multipart.Writer) error { return w.WriteField("as", "voice") }, `field "as"`},
		"nothing":        {func(*multipart.Writer) error { return nil }, "The form is empty"},
		"an empty file":  {func(w *multipart.Writer) error { return addFile(w, "a", "a.png", "") }, "The file is empty"},
	} {
		s := newSite(t)
		body, contentType := form(t, tt.fill)
		answer, text := s.do(t, "POST", "/", body, contentType)
		if answer.StatusCode != 422 || !strings.Contains(text, tt.want) || len(s.catalog.rows) > 0 {
			t.Errorf("%s: %d %s, %d rows", name, answer.StatusCode, text, len(s.catalog.rows))
		}
	}
}

func TestBodiesThatAreNotTaken(t *testing.T) {
	cut, contentType := form(t, func(w *multipart.Writer) error { return addFile(w, "a", "a.png", png) })
	half, _ := io.ReadAll(cut)
	for name, tt := range map[string]struct {
		body        io.Reader
		contentType string
		status      int
		want        string
	}{
		"nothing":                  {strings.NewReader(""), "", 422, "The file is empty"},
		"one byte too many":        {strings.NewReader(strings.Repeat("x", siteMax+1)), "", 413, "larger than 1048576 bytes"},
		"no end":                   {endless{}, "", 413, "larger than 1048576 bytes"},
		"a length that is refused": {strings.NewReader(strings.Repeat("x", 2*siteMax)), "", 413, "larger than 1048576 bytes"},
		"a form without its end":   {bytes.NewReader(half[:len(half)-10]), contentType, 400, "to its end"},
		"a form without boundary":  {strings.NewReader("x"), "Content-Type: multipart/form-data", 400, "to its end"},
		"parts of no form":         {strings.NewReader("x"), "Content-Type: multipart/mixed; boundary=x", 422, "multipart/mixed"},
	} {
		s := newSite(t)
		answer, text := s.do(t, "POST", "/", tt.body, tt.contentType)
		if answer.StatusCode != tt.status || !strings.Contains(text, tt.want) || len(s.catalog.rows) > 0 {
			t.Errorf("%s: %d %s, %d rows", name, answer.StatusCode, text, len(s.catalog.rows))
		}
	}
}

func TestTheLargestFileIsTaken(t *testing.T) {
	s := newSite(t)
	if m := s.upload(t, strings.Repeat("x", siteMax), "text/plain", ""); m.Size != siteMax {
		t.Errorf("%+v", m)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// raw writes bytes to the server, and reads its answer.
func (s *site) raw(t *testing.T, text string, closeWrite bool) (status int, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	if closeWrite {
		_ = conn.(*net.TCPConn).CloseWrite()
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	read, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(read)
}

func TestALengthThatLies(t *testing.T) {
	s := newSite(t)
	status, text := s.raw(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhello", true)
	if status != 400 || !strings.Contains(text, "as its headers say") || len(s.catalog.rows) > 0 {
		t.Errorf("more than comes: %d %s, %d rows", status, text, len(s.catalog.rows))
	}
	status, text = s.raw(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello<script>", false)
	if m := s.catalog.only(t); status != 200 || m.SHA != sum("hello") {
		t.Errorf("less than comes: %d %s, %+v", status, text, m)
	}
}

func TestASlowBodyIsNotWaitedFor(t *testing.T) {
	s := newSite(t)
	s.grace = 50 * time.Millisecond
	status, text := s.raw(t, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nh", false)
	if status != 408 || !strings.Contains(text, "16 KiB a second") || len(s.catalog.rows) > 0 {
		t.Errorf("%d %s, %d rows", status, text, len(s.catalog.rows))
	}
}

func TestUploadsAtOnceAreLimited(t *testing.T) {
	s := newSite(t)
	var taken []func()
	take := func(n int, company domain.CompanyID) {
		for range n {
			release, ok := s.uploads.Take(company)
			if !ok {
				t.Fatalf("%s has no slot", company)
			}
			taken = append(taken, release)
		}
	}
	refused := func(why string) {
		t.Helper()
		if answer, text := s.do(t, "POST", "/", strings.NewReader("x")); answer.StatusCode != 429 || !strings.HasPrefix(text, codeTooMany) {
			t.Errorf("%s: %d %s", why, answer.StatusCode, text)
		}
	}
	take(maxUploadsOfCompany, "globex") // which leaves acme its half
	s.upload(t, "x", "text/plain", "")
	take(maxUploadsOfCompany-1, "acme")
	s.upload(t, "x", "text/plain", "")
	take(1, "acme")
	refused("all are taken")
	taken[0]()
	refused("its half is taken")
	taken[maxUploadsOfCompany]()
	s.upload(t, "x", "text/plain", "")
}

var long = flag.Bool("long", false, "the long form of some tests, which takes minutes")

// Files go from the network to the disk: what is in memory does not grow with them.
func TestManyUploadsAtOnceNeedLittleMemory(t *testing.T) {
	files, size := 4, int64(16<<20)
	if *long {
		files, size = 16, 60<<20
	}
	s := newSite(t, func(c *Config) { c.Max = size })
	var peak atomic.Uint64
	stop := make(chan struct{})
	var watch, uploads sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapInuse+m.StackInuse))
			}
		}
	})
	for range files {
		uploads.Go(func() {
			if answer, text := s.do(t, "POST", "/", io.LimitReader(endless{}, size)); answer.StatusCode != 200 {
				t.Errorf("= %d %s", answer.StatusCode, text)
			}
		})
	}
	uploads.Wait()
	close(stop)
	watch.Wait()
	if got := peak.Load() >> 20; got >= 100 || int64(got) >= int64(files)*size>>21 {
		t.Errorf("%d MiB for %d files of %d MiB", got, files, size>>20)
	}
}
