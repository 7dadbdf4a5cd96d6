package transfer

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"time"
)

// A sender must keep to a pace: it gets its grace, and then a second for each minPace
// bytes that came, up to the longest.
const (
	defaultGrace = 20 * time.Second

	minPace   = 16 << 10
	longest   = 10 * time.Minute
	envelope  = 64 << 10         // of a form around its file
	answering = 30 * time.Second // for the answer to leave
	lingering = time.Second
)

// A body is that of a request, read at its own pace: the server's time for a request is
// for small ones.
type body struct {
	io.ReadCloser
	control *http.ResponseController
	grace   time.Duration
	began   time.Time
	read    int64
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	allowed := min(b.grace+time.Duration(b.read/minPace)*time.Second, longest)
	_ = b.control.SetReadDeadline(b.began.Add(allowed)) // a server that has none cannot end it
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	return n, err
}

// done gives the rest of the call its time. After an error the server reads a little
// more, so that the sender, who still writes, sees the answer.
func (b *body) done(err error) {
	deadline := time.Time{} // with one the context of the request would end
	if err != nil {
		deadline = time.Now().Add(lingering)
	}
	_ = b.control.SetReadDeadline(deadline)
	_ = b.control.SetWriteDeadline(time.Now().Add(longest + answering))
}

// content is the file in a request.
type content struct {
	io.Reader
	declared string // its media type, as the sender says; may be empty
	name     string // as the sender says; may be empty
	rest     func() error
}

// open finds the file in a request: it is the body, or the one file of a form.
func open(r *http.Request) (content, error) {
	declared := r.Header.Get("Content-Type")
	base, parameters, _ := mime.ParseMediaType(declared)
	switch {
	case base == "multipart/form-data":
		return openForm(multipart.NewReader(r.Body, parameters["boundary"]))
	case strings.HasPrefix(base, "multipart/"):
		return content{}, invalid("The body is %s: send the file itself, or multipart/form-data.", base)
	case base == "application/x-www-form-urlencoded": // curl's word for any bytes
		declared = ""
	}
	return content{r.Body, declared, r.URL.Query().Get("name"), func() error { return nil }}, nil
}

// openForm finds the one file of a form.
func openForm(form *multipart.Reader) (content, error) {
	part, err := form.NextRawPart()
	switch {
	case err == io.EOF:
		return content{}, invalid("The form is empty: add the file.")
	case err != nil:
		return content{}, err
	}
	_, parameters, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	name, isFile := parameters["filename"]
	if !isFile {
		return content{}, invalid("The form has the field %.40q: send the file alone, and the rest in the query.", part.FormName())
	}
	rest := func() error {
		switch _, err := form.NextRawPart(); err {
		case nil:
			return invalid("The form has more than its file: send one file a call.")
		case io.EOF:
			return nil
		default:
			return err
		}
	}
	return content{part, part.Header.Get("Content-Type"), name, rest}, nil
}

// explain turns an error of reading a body into what the sender should do.
func (s *Service) explain(err error) error {
	_, known := errors.AsType[*Error](err)
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case err == nil || known:
		return err
	case tooLarge:
		return s.tooLarge()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &Error{Status: http.StatusRequestTimeout, Code: codeTimeout, Detail: "The file comes too slowly: send at least 16 KiB a second."}
	}
	return &Error{Status: http.StatusBadRequest, Code: codeInvalid, Detail: "The body cannot be read to its end: send it whole, as its headers say."}
}
