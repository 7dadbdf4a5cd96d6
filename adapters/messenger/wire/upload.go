package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"sync"
	"time"

	"recado/domain"
)

// A Field of a form.
type Field struct{ Name, Value string }

// NewUpload makes the POST of a form with a file behind its fields. The file is read
// while it is sent, and closed with the request's body. As long as not all of it was
// read, the messenger has nothing that it could take for a message: Client.Once says
// then that nothing was sent.
func NewUpload(ctx context.Context, to string, fields []Field, name string, file *domain.MediaUpload) (*http.Request, error) {
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	for _, f := range fields {
		if err := form.WriteField(f.Name, f.Value); err != nil {
			return nil, err
		}
	}
	header := textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition(name, fileName(file))},
		"Content-Type":        {file.MIME},
	}
	if _, err := form.CreatePart(header); err != nil {
		return nil, err
	}
	before := head.Len()
	if err := form.Close(); err != nil {
		return nil, err
	}
	start, end := head.Bytes()[:before], head.Bytes()[before:]
	bytesOf, err := file.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoFile, err)
	}
	size := int64(head.Len()) + file.Size
	body := &upload{r: io.MultiReader(bytes.NewReader(start), &exactly{bytesOf, file.Size}, bytes.NewReader(end)), file: bytesOf, left: size}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, body)
	if err != nil {
		_ = bytesOf.Close()
		return nil, err
	}
	req.ContentLength = size
	req.Header.Set("Content-Type", form.FormDataContentType())
	return req, nil
}

// fileName is never empty: messengers take a part without a file name for a field.
func fileName(file *domain.MediaUpload) string {
	if file.Name == "" {
		return string(file.ID)
	}
	return Clean(file.Name)
}

// errNoFile says that the file of a message cannot be read.
var errNoFile = errors.New("the file cannot be read")

// NoFile is the result of a message whose request NewUpload could not make.
func NoFile(err error, hide func(string) string) domain.SendResult {
	switch {
	case errors.Is(err, domain.ErrNotFound):
		return Refused(&domain.Failure{Reason: domain.ReasonMedia, Cause: domain.Cause{
			Source: "recado", Code: "media_gone", Title: "the file of the message is not stored any more",
		}})
	case !errors.Is(err, errNoFile):
		return NotSent("request", hide(err.Error()))
	}
	return domain.SendResult{Fate: domain.FateNeverLeft, Failure: &domain.Failure{Reason: domain.ReasonUnavailable, Cause: domain.Cause{
		Source: "recado", Code: "media_unavailable", Title: "the file of the message cannot be read now", Details: Brief(hide(err.Error())),
	}}}
}

// NotUploaded is the result of a message whose file a messenger did not take in a call
// of its own. The message itself was not sent.
func NotUploaded(r domain.SendResult) domain.SendResult {
	if r.Fate == domain.FateUnknown {
		why := *r.Failure
		why.Reason = domain.ReasonUnavailable
		r.Fate, r.Failure = domain.FateNeverLeft, &why
	}
	return r
}

// An upload is the body of a request that streams a file.
type upload struct {
	file io.Closer

	mu      sync.Mutex // guards the fields below: the Transport may read on after it has returned
	r       io.Reader
	left    int64 // bytes that were not read yet
	aborted bool
}

// Read implements io.Reader.
func (u *upload) Read(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.aborted {
		return 0, errNothingWritten
	}
	n, err := u.r.Read(p)
	u.left -= int64(n)
	return n, err
}

// Close implements io.Closer.
func (u *upload) Close() error { return u.file.Close() }

// abort reports whether the body was not read to its end, which then never happens.
func (u *upload) abort() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.left > 0 {
		u.aborted = true
	}
	return u.aborted
}

// unfinished reports whether the body of the request was not sent as a whole.
func unfinished(req *http.Request) bool {
	body, ok := req.Body.(*upload)
	return ok && body.abort()
}

// timeout is how long a request may take, where one without a file may take that of
// the client.
func (c Client) timeout(req *http.Request) time.Duration {
	return c.client.Timeout + domain.StreamTime(max(req.ContentLength, 0))
}

// An exactly reads so many bytes of r. A file that is shorter is an error: what follows
// it would complete the form.
type exactly struct {
	r    io.Reader
	left int64
}

// Read implements io.Reader.
func (e *exactly) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	if err == io.EOF && e.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
