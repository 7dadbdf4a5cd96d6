package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"path"
	"syscall"
	"time"

	"recado/domain"
)

const (
	fetchTime     = 60 * time.Second // a caller waits for the answer meanwhile
	connectTime   = 5 * time.Second
	firstByteTime = 20 * time.Second
	maxRedirects  = 3
)

// A Guard refuses addresses to which the program must not connect. A dialer calls it
// as its Control with each address that it resolved.
type Guard func(network, address string, c syscall.RawConn) error

// newClient makes a client for addresses that callers give. It has no credentials and
// takes no cookies, so it may follow redirects; each is guarded as the first.
func newClient(guard Guard) *http.Client {
	control := func(network, address string, c syscall.RawConn) error {
		if err := guard(network, address, c); err != nil {
			return notFetched("the address is not allowed: it is one of a private network (RECADO_CALLBACK_ALLOW_NETWORKS)")
		}
		return nil
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would resolve the host, out of the guard's sight
			DialContext:            (&net.Dialer{Timeout: connectTime, Control: control}).DialContext,
			TLSHandshakeTimeout:    connectTime,
			ResponseHeaderTimeout:  firstByteTime,
			DisableCompression:     true, // the length of the answer is that of the file
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return notFetched("there are more than %d redirects", maxRedirects)
			}
			return checkAddress(r.URL)
		},
	}
}

// checkAddress refuses what is no address of a file in the public.
func checkAddress(u *url.URL) error {
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return notFetched("the address must begin with https:// or http://")
	case u.User != nil:
		return notFetched("the address must not hold a name and a password")
	}
	return nil
}

func notFetched(why string, args ...any) *Error {
	return &Error{Status: http.StatusUnprocessableEntity, Code: codeNotFetched, Detail: "The file was not fetched: " + fmt.Sprintf(why, args...) + "."}
}

// Fetch gets the file at an address and stores it for the company, like an upload. The
// time of the answer to w begins anew with it.
func (s *Service) Fetch(ctx context.Context, w http.ResponseWriter, address string, company domain.CompanyID, asVoice bool) (domain.StoredMedia, error) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // with one the context of the request would end
	_ = control.SetWriteDeadline(time.Now().Add(fetchTime + putTime + answering))
	return s.receive(ctx, company, asVoice, func(file *tempFile, m *domain.StoredMedia) error {
		ctx, cancel := context.WithTimeout(ctx, fetchTime)
		defer cancel()
		return s.explainFetch(ctx, *m, s.get(ctx, address, file, m))
	})
}

// get fills the file with what is at the address.
func (s *Service) get(ctx context.Context, address string, file *tempFile, m *domain.StoredMedia) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return notFetched("the address cannot be read")
	}
	if err := checkAddress(r.URL); err != nil {
		return err
	}
	r.Header.Set("User-Agent", "Recado")
	answer, err := s.outside.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode != http.StatusOK:
		return notFetched("%s answered %d", answer.Request.URL.Hostname(), answer.StatusCode)
	case answer.ContentLength > s.Max:
		return s.fetchTooLarge()
	}
	m.ToldMIME, m.Name = answer.Header.Get("Content-Type"), fileName(answer)
	if err := file.fill(io.LimitReader(answer.Body, s.Max+1)); err != nil {
		return err
	}
	switch {
	case file.size > s.Max:
		return s.fetchTooLarge()
	case file.size == 0:
		return notFetched("it is empty")
	}
	return nil
}

func (s *Service) fetchTooLarge() *Error {
	return notFetched("it is larger than %d bytes, the largest that is taken (RECADO_MEDIA_MAX)", s.Max)
}

// fileName returns the name that the answer gives to the file, or else its address.
func fileName(answer *http.Response) string {
	_, parameters, _ := mime.ParseMediaType(answer.Header.Get("Content-Disposition"))
	if name := domain.FileName(parameters["filename"]); name != "" {
		return name
	}
	if name := path.Base(answer.Request.URL.Path); name != "/" && name != "." {
		return domain.FileName(name)
	}
	return ""
}

// explainFetch turns an error of a fetch into what the caller should do.
func (s *Service) explainFetch(ctx context.Context, m domain.StoredMedia, err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	if failed, ok := errors.AsType[tempError](err); ok {
		return s.unavailable("temporary file", m, failed)
	}
	var timeout net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled): // the caller left
		return context.Canceled
	case ctx.Err() != nil, errors.As(err, &timeout) && timeout.Timeout():
		return notFetched("it does not come within %v; upload large files by POST /v1/media", fetchTime)
	case errors.As(err, new(*net.DNSError)):
		return notFetched("the host of the address is not known")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return notFetched("it ends before its end")
	}
	return notFetched("the host cannot be reached, or closed the connection")
}
