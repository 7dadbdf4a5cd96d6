package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"recado/domain"
	"recado/metrics"
)

// Receive stores the file in a request for the company, and returns its row. The file
// is the body, or the one file of a form. A voice message becomes one that messengers
// take.
func (s *Service) Receive(w http.ResponseWriter, r *http.Request, company domain.CompanyID, asVoice bool) (domain.StoredMedia, error) {
	if r.ContentLength > s.Max+envelope {
		return domain.StoredMedia{}, s.tooLarge()
	}
	return s.receive(r.Context(), company, asVoice, func(file *tempFile, m *domain.StoredMedia) error {
		return s.read(w, r, file, m)
	})
}

// receive stores a file for the company. Load fills it, and says what it was told of it.
func (s *Service) receive(
	ctx context.Context, company domain.CompanyID, asVoice bool, load func(*tempFile, *domain.StoredMedia) error,
) (domain.StoredMedia, error) {
	release, ok := s.uploads.Take(company)
	if !ok {
		return domain.StoredMedia{}, &Error{
			Status: http.StatusTooManyRequests, Code: codeTooMany, RetryAfter: secondsToReturn,
			Detail: "Too many files are being uploaded; try again soon.",
		}
	}
	defer release()
	file, err := newTempFile()
	if err != nil {
		return domain.StoredMedia{}, s.unavailable("temporary file", domain.StoredMedia{}, err)
	}
	defer file.close()
	m := domain.StoredMedia{ID: domain.NewUploadID(s.NewID()), Company: company}
	if err := load(file, &m); err != nil {
		return domain.StoredMedia{}, err
	}
	if asVoice {
		err = s.convert(ctx, file, &m)
	} else {
		err = s.recognize(file, &m)
	}
	if err == nil {
		err = s.keep(ctx, file, &m)
	}
	return m, err
}

// read fills the file with what the request brings.
func (s *Service) read(w http.ResponseWriter, r *http.Request, file *tempFile, m *domain.StoredMedia) (err error) {
	paced := &body{ReadCloser: r.Body, control: http.NewResponseController(w), grace: s.grace, began: time.Now()}
	defer func() { paced.done(err) }()
	r.Body = http.MaxBytesReader(w, paced, s.Max+envelope)
	c, err := open(r)
	if err != nil {
		return s.explain(err)
	}
	m.ToldMIME, m.Name = c.declared, domain.FileName(c.name)
	if err := file.fill(io.LimitReader(c, s.Max+1)); err != nil {
		if failed, ok := errors.AsType[tempError](err); ok {
			return s.unavailable("temporary file", *m, failed)
		}
		return s.explain(err)
	}
	switch {
	case file.size > s.Max:
		return s.tooLarge()
	case file.size == 0:
		return invalid("The file is empty.")
	}
	return s.explain(c.rest())
}

func (s *Service) tooLarge() *Error {
	return &Error{
		Status: http.StatusRequestEntityTooLarge, Code: codeTooLarge,
		Detail: fmt.Sprintf("The file is larger than %d bytes, the largest that is taken (RECADO_MEDIA_MAX).", s.Max),
	}
}

// recognize says of what type the file is, by its bytes.
func (s *Service) recognize(file *tempFile, m *domain.StoredMedia) error {
	if err := file.rewind(); err != nil {
		return s.unavailable("temporary file", *m, err)
	}
	sniffed, err := mimetype.DetectReader(file.file)
	if err != nil {
		return s.unavailable("temporary file", *m, err)
	}
	m.MIME, m.Size, m.SHA = domain.MediaType(m.ToldMIME, sniffed.String()), file.size, file.sha
	return nil
}

// putTime bounds how long a file may take from the disk to where it is kept. It is far
// below domain.UploadTime.
const putTime = 10 * time.Minute

// keep stores the file, between the two writes of its row: a crash leaves a row that
// the sweep erases together with the file.
func (s *Service) keep(ctx context.Context, file *tempFile, m *domain.StoredMedia) error {
	ctx, cancel := context.WithTimeout(ctx, putTime)
	defer cancel()
	if err := s.Catalog.BeginUpload(ctx, m.Company, m.ID); err != nil {
		return err
	}
	err := file.rewind()
	if err == nil {
		err = s.Files.Put(ctx, m.Key(), file.file, file.size)
	}
	if err != nil {
		return s.unavailable("put", *m, err)
	}
	m.State = domain.MediaKept
	if err := s.Catalog.AddUpload(ctx, *m); err != nil {
		return err
	}
	s.Metrics.Media(metrics.MediaOut, metrics.MediaKept, m.Size)
	return nil
}

// renamed returns a file's name with another ending.
func renamed(name, extension string) string {
	return cmp.Or(strings.TrimSuffix(name, path.Ext(name)), "voice") + extension
}
