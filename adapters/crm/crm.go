// Package crm tells CRMs of events: it signs an event by Standard Webhooks,
// posts it to the address of an endpoint, and says what came of it. When and
// how often to try is for the caller to know.
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

// maxAnswer bounds what is read of an answer's body, in bytes. Nobody looks at
// it: a connection whose answer was read to its end can be used again.
const maxAnswer = 4 << 10

// A Deliverer posts events to endpoints. It may be used by many goroutines at once.
type Deliverer struct {
	Timeout time.Duration // of one delivery, from the look-up of the host to the end of the answer

	transport *http.Transport // follows no redirects
}

// New makes a Deliverer with a Timeout of 15 seconds. It reaches public
// addresses, and those of the networks in allow.
func New(allow []netip.Prefix) *Deliverer {
	const timeout = 15 * time.Second
	dialer := &net.Dialer{Control: guard(allow), Timeout: timeout}
	var protocols http.Protocols
	protocols.SetHTTP1(true) // one event a connection: what cuts one cuts no other
	return &Deliverer{
		Timeout: timeout,
		transport: &http.Transport{
			Proxy:                  nil, // a proxy would look the host up behind the guard's back
			DialContext:            dialer.DialContext,
			Protocols:              &protocols,
			TLSClientConfig:        &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(1024)},
			TLSHandshakeTimeout:    timeout,
			DisableCompression:     true,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns:           1024,
			MaxIdleConnsPerHost:    64, // companies may share a CRM's host, each with up to 16 in flight
			IdleConnTimeout:        90 * time.Second,
		},
	}
}

// Close closes the connections that wait to be used again.
func (d *Deliverer) Close() { d.transport.CloseIdleConnections() }

// Deliver makes one try. The try is Skipped if ctx was cancelled before
// the answer came: the event may have arrived, and the endpoint is not to blame.
// The Error of a failure is for people; it holds no secret, nothing of the
// event, and of the endpoint's URL no more than its host.
func (d *Deliverer) Deliver(ctx context.Context, e domain.Endpoint, del domain.Delivery) domain.Try {
	began := time.Now()
	t := d.post(ctx, e, del)
	t.Delivery, t.Took = del, time.Since(began)
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
	drop(resp)
	return judge(resp, time.Now())
}

// request makes the signed request of a delivery.
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
	// Present and empty it is not sent, and tells net/http that the request may
	// be repeated when a kept connection turns out to be closed: the id is the same.
	r.Header["Idempotency-Key"] = nil
	return r, nil
}

// drop reads the answer's body to its end or to maxAnswer, whichever comes
// first, and closes it. What goes wrong with it changes nothing: the status is
// the answer. A connection that became another protocol has no end to wait for.
func drop(resp *http.Response) {
	if resp.StatusCode != http.StatusSwitchingProtocols {
		_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer+1)
	}
	_ = resp.Body.Close()
}
