package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"code.dny.dev/ssrf"

	"recado/domain"
)

// firstByteTimeout bounds the wait for the header of a file's answer. The reader
// bounds the rest.
const firstByteTimeout = 20 * time.Second

// outside goes to hosts that a messenger names: to no address of a private network.
var outside = &http.Transport{
	DialContext:         (&net.Dialer{Timeout: 5 * time.Second, Control: ssrf.New().Safe}).DialContext,
	TLSHandshakeTimeout: 5 * time.Second,
	ForceAttemptHTTP2:   true,
	MaxIdleConnsPerHost: 16,
	IdleConnTimeout:     90 * time.Second,
}

// A File is where a messenger says that a file is.
type File struct {
	URL     string
	Base    string      // the messenger's own URL: its host gets the header, by any scheme
	Trusted []string    // domains whose hosts get the header too, by HTTPS
	Header  http.Header // with the credentials
}

// Fetch begins to read a file. It goes nowhere but to the hosts that may get the
// credentials, and follows no redirect.
func (c Client) Fetch(ctx context.Context, f File, hide func(string) string) (domain.Fetched, domain.SendResult) {
	ctx, cancel := context.WithCancel(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL, nil)
	if err != nil {
		cancel()
		return notFetched(domain.MediaForbidden, "no_url", "the messenger names no URL")
	}
	own, trusted := f.trusts(req.URL)
	if !trusted {
		cancel()
		return notFetched(domain.MediaForbidden, "foreign_host", "the messenger names a host that is not its own: "+Brief(req.URL.Host))
	}
	req.Header = f.Header.Clone()
	req.Header.Set("Accept-Encoding", "identity") // the length of the answer is that of the file
	late := time.AfterFunc(firstByteTimeout, cancel)
	resp, err := c.through(own, req).post(ctx, req)
	if err != nil || !late.Stop() {
		cancel()
		return domain.Fetched{}, NoResponse(errors.Join(err, context.Cause(ctx)), hide)
	}
	if resp.StatusCode != http.StatusOK {
		defer cancel()
		defer resp.Body.Close()
		return refusedFile(resp)
	}
	return domain.Fetched{Body: body{resp.Body, cancel}, MIME: resp.Header.Get("Content-Type"), Size: resp.ContentLength},
		domain.SendResult{Fate: domain.FateAccepted}
}

// through returns the client for a host: own says that it is the messenger's by our
// settings. A proxy guards by itself.
func (c Client) through(own bool, req *http.Request) Client {
	if proxy, err := http.ProxyFromEnvironment(req); own || err == nil && proxy != nil {
		return c
	}
	return Client{http.Client{Transport: outside}, maxBody}
}

// trusts reports whether the credentials may go to a URL. Own says that the URL is on
// the host of Base.
func (f File) trusts(u *url.URL) (own, trusted bool) {
	base, err := url.Parse(f.Base)
	if err == nil && u.Host != "" && strings.EqualFold(u.Host, base.Host) && u.Scheme == base.Scheme {
		return true, true
	}
	host := strings.ToLower(u.Hostname())
	for _, d := range f.Trusted {
		if u.Scheme == "https" && u.Port() == "" && u.User == nil && (host == d || strings.HasSuffix(host, "."+d)) {
			return false, true
		}
	}
	return false, false
}

// refusedFile is what an answer without the file means.
func refusedFile(resp *http.Response) (domain.Fetched, domain.SendResult) {
	said, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	answer := Reply{Status: resp.StatusCode, Header: resp.Header, Body: said, Cut: err}.WithoutOwnError("recado")
	switch {
	case resp.StatusCode/100 == 3:
		return domain.Fetched{Lost: domain.MediaForbidden}, answer
	case resp.StatusCode == http.StatusGone:
		return domain.Fetched{Lost: domain.MediaGone}, answer
	}
	return domain.Fetched{}, answer
}

// notFetched is the answer for a file that we refuse to fetch.
func notFetched(why domain.MediaCause, code, title string) (domain.Fetched, domain.SendResult) {
	return domain.Fetched{Lost: why}, NotSent(code, title)
}

// A body ends its request when it is closed.
type body struct {
	io.ReadCloser
	end context.CancelFunc
}

// Close implements io.Closer.
func (b body) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}
