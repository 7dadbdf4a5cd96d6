package wire

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"

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
		"Content-Disposition": {multipart.FileContentDisposition(name, FileName(file))},
		"Content-Type":        {file.MIME},
	}
	if _, err := form.CreatePart(header); err != nil {
		return nil, err
	}
	before := head.Len()
	if err := form.Close(); err != nil {
		return nil, err
	}
	req, err := newStream(ctx, to, head.Bytes()[:before], head.Bytes()[before:], file, file.Size, func(r io.Reader) io.Reader { return r })
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	return req, nil
}

// NewEncoded makes the POST of JSON that has a file in base64 between before and after.
// The file is read as NewUpload reads it.
func NewEncoded(ctx context.Context, to string, before, after []byte, file *domain.MediaUpload) (*http.Request, error) {
	size := int64(base64.StdEncoding.EncodedLen(int(file.Size)))
	encode := func(r io.Reader) io.Reader { return &encoder{r: io.LimitReader(r, file.Size)} }
	req, err := newStream(ctx, to, before, after, file, size, encode)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

// newStream makes the POST of a file of so many bytes, as it is written there, between
// before and after.
func newStream(
	ctx context.Context, to string, before, after []byte, file *domain.MediaUpload, size int64, written func(io.Reader) io.Reader,
) (*http.Request, error) {
	bytesOf, err := file.Open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoFile, err)
	}
	content := &exactly{written(bytesOf), size}
	size += int64(len(before) + len(after))
	body := &upload{r: io.MultiReader(bytes.NewReader(before), content, bytes.NewReader(after)), file: bytesOf, left: size}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, body)
	if err != nil {
		_ = bytesOf.Close()
		return nil, err
	}
	req.ContentLength = size
	return req, nil
}

// FileName is how a file is called at a messenger. It is never empty: messengers take a part without a file name for a field.
func FileName(file *domain.MediaUpload) string {
	if file.Name == "" {
		return string(file.ID)
	}
	return Clean(file.Name)
}

// errNoFile says that the file of a message cannot be read.
var errNoFile = errors.New("the file cannot be read")

// NoFile is the result of a message whose request NewUpload or NewEncoded could not make.
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
