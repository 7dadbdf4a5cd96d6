// Package crm delivers events to CRMs: it signs an event as Standard Webhooks
// specifies, posts it to the endpoint's URL, and reports the outcome. The caller
// decides when and how often to try.
package crm

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"recado/domain"
)

// maxAnswer is how much of a response body is read, in bytes: only a connection
// whose response was read to the end can be reused.
const maxAnswer = 4 << 10

// A Deliverer posts events to endpoints. It is safe for concurrent use.
type Deliverer struct {
	Timeout time.Duration // for one delivery, from the DNS lookup to the end of the response

	transport *http.Transport // follows no redirects
}

// New returns a Deliverer with a Timeout of 15 seconds. It connects to public
// addresses and to the networks in allow only.
func New(allow []netip.Prefix) *Deliverer {
	const timeout = 15 * time.Second
	dialer := &net.Dialer{Control: guard(allow), Timeout: timeout}
	var protocols http.Protocols
	protocols.SetHTTP1(true) // with HTTP/2 one broken connection would fail many deliveries
	return &Deliverer{
		Timeout: timeout,
		transport: &http.Transport{
			Proxy:                  nil, // a proxy would resolve the host, out of the guard's sight
			DialContext:            dialer.DialContext,
			Protocols:              &protocols,
			TLSClientConfig:        &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(1024)},
			TLSHandshakeTimeout:    timeout,
			DisableCompression:     true,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns:           1024,
			MaxIdleConnsPerHost:    64, // companies may share a host, each with up to 16 deliveries in flight
			IdleConnTimeout:        90 * time.Second,
		},
	}
}

// Close closes the idle connections.
func (d *Deliverer) Close() { d.transport.CloseIdleConnections() }

// Deliver makes one try. The try is Skipped if ctx was cancelled before the
// response came: the event may have arrived, and the endpoint did not fail. The
// Error of a failure is for people; it contains no secret, nothing of the event,
// and only the host of the endpoint's URL.
func (d *Deliverer) Deliver(ctx context.Context, e domain.Endpoint, del domain.Delivery) domain.Try {
	start := time.Now()
	t := d.post(ctx, e, del)
	t.Delivery, t.Took = del, time.Since(start)
	return t
}

func (d *Deliverer) post(ctx context.Context, e domain.Endpoint, del domain.Delivery) domain.Try {
	limited, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	r, err := request(limited, e, del, time.Now())
	if err != nil {
		return domain.Try{Error: err.Error()}
	}
	resp, err := d.transport.RoundTrip(r)
	switch {
	case err != nil && errors.Is(ctx.Err(), context.Canceled):
		return domain.Try{Skipped: true, Error: "stopped before the answer came"}
	case err != nil:
		return domain.Try{Error: d.explain(err)}
	}
	return tryOf(resp, drain(resp), time.Now())
}

// request returns the signed request of a delivery.
func request(ctx context.Context, e domain.Endpoint, del domain.Delivery, now time.Time) (*http.Request, error) {
	if err := domain.CheckEndpointURL(e.URL); err != nil {
		return nil, err
	}
	signatures, err := sign(e, del.Event, now, del.Body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(del.Body))
	if err != nil {
		return nil, errors.New("url is malformed") // err itself shows the URL
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Recado/1")
	r.Header.Set(standardwebhooks.HeaderWebhookID, string(del.Event))
	r.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	r.Header.Set(standardwebhooks.HeaderWebhookSignature, signatures)
	// A nil value is not sent, but it tells net/http that the request is idempotent:
	// net/http then repeats it if an idle connection turns out to be closed.
	r.Header["Idempotency-Key"] = nil
	return r, nil
}

// drain reads the body to its end, or up to maxAnswer bytes, and closes it. It
// returns what it read, of a success nothing. Errors do not matter, because the
// status decides. After a switch of protocols the body has no end, so that it is
// not read.
func drain(resp *http.Response) (body []byte) {
	defer resp.Body.Close()
	switch rest := io.LimitReader(resp.Body, maxAnswer+1); {
	case resp.StatusCode == http.StatusSwitchingProtocols:
	case success(resp):
		_, _ = io.Copy(io.Discard, rest)
	default:
		body, _ = io.ReadAll(rest)
	}
	return body
}
