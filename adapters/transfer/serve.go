package transfer

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"recado/domain"
)

const (
	lookTime  = 15 * time.Second // for the row of a file
	writeTime = 10 * time.Second // of a part: a reader that takes no more loses the file
	maxWait   = 60 * time.Second // until a caller asks again for a file that is fetched
)

// Serve answers with a file of the company, or a part of it. An error comes before an
// answer has begun.
func (s *Service) Serve(w http.ResponseWriter, r *http.Request, company domain.CompanyID, id domain.MediaID) error {
	m, err := s.look(r.Context(), company, id)
	if err != nil {
		return err
	}
	file, err := s.Files.Open(r.Context(), m.Key())
	if err != nil { // also if there is none: another place of files may be configured than was
		return s.unavailable("open", m, err)
	}
	defer file.Close()
	describe(w.Header(), m)
	http.ServeContent(&pacedWriter{w, http.NewResponseController(w)}, r, "", time.Time{}, file)
	return nil
}

// look returns the row of a file that is kept.
func (s *Service) look(ctx context.Context, company domain.CompanyID, id domain.MediaID) (domain.StoredMedia, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	m, err := s.Catalog.Media(ctx, company, id)
	if err != nil {
		return m, err
	}
	switch m.State {
	case domain.MediaKept:
		return m, nil
	case domain.MediaWaiting:
		return m, &Error{
			Status: http.StatusConflict, Code: codeWaiting, Detail: "The file is being fetched from the messenger; try again soon.",
			RetryAfter: min(max(time.Until(m.NextAt), time.Second), maxWait),
		}
	}
	return m, &Error{
		Status: http.StatusGone, Code: codeLost,
		Detail: fmt.Sprintf("The file could not be had from the messenger: %s.", m.Cause),
	}
}

// describe sets the headers of a file so that no browser runs it, whatever it holds.
func describe(h http.Header, m domain.StoredMedia) {
	h.Set("Content-Type", m.MIME)
	h.Set("Content-Disposition", disposition(m))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, no-cache") // it may be erased, and the right to it taken
	h.Set("Etag", `"`+m.SHA+`"`)
}

// disposition says whether a browser may show the file, and how it is named when saved
// (RFC 6266).
func disposition(m domain.StoredMedia) string {
	name := domain.FileName(m.Name)
	if name == "" {
		name = string(m.ID)
		if t := mimetype.Lookup(m.MIME); t != nil {
			name += t.Extension()
		}
	}
	how := "attachment"
	if domain.ShownInline(m.MIME) {
		how = "inline"
	}
	return mime.FormatMediaType(how, map[string]string{"filename": name})
}

// A pacedWriter gives each part of an answer its time, where the server's time for an
// answer is for small ones.
type pacedWriter struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Write implements io.Writer.
func (w *pacedWriter) Write(p []byte) (int, error) {
	_ = w.control.SetWriteDeadline(time.Now().Add(writeTime)) // a server that has none cannot end it
	return w.ResponseWriter.Write(p)
}
