// Package wire is what the connectors of messengers share: calling a messenger
// once, and telling apart whether it answered, nothing left, or the outcome is unknown.
package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"

	"recado/domain"
)

// A Client calls messengers. It is used by many goroutines at once.
type Client struct {
	client  http.Client
	maxBody int64
}

// New returns a Client that goes through the Transport of client, within its
// Timeout. Redirects are not followed and nothing is sent twice, whatever
// client says.
func New(client *http.Client) Client { return Client{*client, maxBody} }

// Reading returns a Client that reads longer answers.
func (c Client) Reading(bytes int64) Client { c.maxBody = bytes; return c }

// A Reply is what came back of a request that was answered.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte // at most 64 KiB, or as Client.Reading says
	Cut    error  // why the body is not whole, or nil
}

const maxBody = 64 << 10

// Once does the request once and reads the answer. Pass an error to NoResponse.
func (c Client) Once(req *http.Request) (Reply, error) {
	ctx := req.Context()
	if c.client.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout(req))
		defer cancel()
	}
	resp, err := c.post(ctx, req)
	if err != nil {
		return Reply{}, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols { // what follows has no end, whatever ctx says
		return Reply{Status: resp.StatusCode, Header: resp.Header}, nil
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.maxBody))
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: body, Cut: err}, nil
}

var (
	// errNothingWritten says that a connection broke before anything was written to it.
	errNothingWritten = errors.New("the connection was closed before the request was written")

	// errNeverLeft says that nothing of the request left us.
	errNeverLeft = errors.New("nothing was sent")
)

// post goes to the Transport itself: a Client would follow redirects. The
// Transport asks for the body again only when nothing of the request reached
// the other side; a call of GetBody shows it, and its error keeps the
// Transport from trying again.
func (c Client) post(ctx context.Context, req *http.Request) (*http.Response, error) {
	if err := ctx.Err(); err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, fmt.Errorf("%w: %w", errNeverLeft, err)
	}
	var asked, connected atomic.Bool // asked: the Transport reports how far it came
	sent := req
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { asked.Store(true); connected.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	req.GetBody = func() (io.ReadCloser, error) { return nil, errNothingWritten }
	transport := c.client.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	resp, err := transport.RoundTrip(req)
	if err != nil && (asked.Load() && !connected.Load() || errors.Is(err, errNothingWritten) || unfinished(sent)) {
		err = fmt.Errorf("%w: %w", errNeverLeft, err)
	}
	return resp, err
}

// NoResponse returns the fate of a request without an answer. Only what certainly never
// left may be sent again: no connection was had, or nothing was written to it.
func NoResponse(err error, hide func(string) string) domain.SendResult {
	a := domain.SendResult{Fate: domain.FateUnknown, Failure: &domain.Failure{
		Reason: domain.ReasonOutcomeUnknown,
		Cause:  domain.Cause{Source: "recado", Code: "no_answer", Title: "no answer came after the request was written"},
	}}
	if errors.Is(err, errNeverLeft) {
		a.Fate, a.Failure.Reason = domain.FateNeverLeft, domain.ReasonUnreachable
		a.Failure.Cause.Code, a.Failure.Cause.Title = "unreachable", "no connection; nothing was sent"
	}
	a.Failure.Cause.Details = Brief(hide(err.Error()))
	return a
}
