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
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"recado/domain"
)

// How much of a response body is read, in bytes. Only a connection whose response
// was read to the end can be reused.
const (
	maxAnswer      = 4 << 10
	maxBatchAnswer = 16 << 10 // it may name events that failed
)

// maxHeaders is how long the headers of a response may be, in bytes.
const maxHeaders = 64 << 10

// A Deliverer posts events to endpoints. It is safe for concurrent use.
type Deliverer struct {
	Timeout time.Duration // for one delivery, from the DNS lookup to the end of the response
	Log     *slog.Logger  // nil: none

	dialer    *net.Dialer
	transport *http.Transport // follows no redirects
	clocks    clocks
}

// New returns a Deliverer with a Timeout of 15 seconds. It connects to public
// addresses and to the networks in allow only.
func New(allow []netip.Prefix) *Deliverer {
	const timeout = 15 * time.Second
	dialer := &net.Dialer{Control: Guard(allow), Timeout: timeout}
	var protocols http.Protocols
	protocols.SetHTTP1(true) // with HTTP/2 one broken connection would fail many deliveries
	return &Deliverer{
		Timeout: timeout,
		dialer:  dialer,
		transport: &http.Transport{
			Proxy:                  nil, // a proxy would resolve the host, out of the guard's sight
			DialContext:            dialer.DialContext,
			Protocols:              &protocols,
			TLSClientConfig:        &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(1024)},
			TLSHandshakeTimeout:    timeout,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHeaders,
			MaxIdleConns:           1024,
			MaxIdleConnsPerHost:    64, // companies may share a host, each with up to 16 deliveries in flight
			IdleConnTimeout:        90 * time.Second,
		},
	}
}

// Close closes the idle connections.
func (d *Deliverer) Close() { d.transport.CloseIdleConnections() }

// Deliver makes one call with the deliveries, and returns the try of each. It
// carries one event, or what BatchSize allows for an endpoint that takes batches.
// The tries are Skipped if ctx was cancelled before the response came: the events
// may have arrived, and the endpoint did not fail. The Error of a failure is for
// people; it contains no secret, nothing of the events, and only the host of the
// endpoint's URL.
func (d *Deliverer) Deliver(ctx context.Context, e domain.Endpoint, deliveries []domain.Delivery) []domain.Try {
	start := time.Now()
	m := messageOf(e, deliveries)
	tries := d.post(ctx, e, m)
	took := time.Since(start)
	for i, del := range deliveries {
		tries[i].Delivery, tries[i].Batch, tries[i].Took = del, m.batch, took
	}
	return tries
}

// A message is what one call posts.
type message struct {
	id      string // the header Webhook-Id
	batch   string // the same of a batch, else empty
	body    []byte
	carries []domain.Delivery
}

func messageOf(e domain.Endpoint, deliveries []domain.Delivery) message {
	if !e.Batch {
		return message{string(deliveries[0].Event), "", deliveries[0].Body, deliveries}
	}
	id := domain.BatchID(deliveries)
	return message{id, id, domain.BatchBody(deliveries), deliveries}
}

// all is the tries of a call that came out the same for each event.
func (m message) all(t domain.Try) []domain.Try {
	return slices.Repeat([]domain.Try{t}, len(m.carries))
}

func (d *Deliverer) post(ctx context.Context, e domain.Endpoint, m message) []domain.Try {
	limited, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	r, err := request(limited, e, m, time.Now())
	if err != nil {
		return m.all(domain.Try{Error: err.Error()})
	}
	resp, err := d.transport.RoundTrip(r)
	switch {
	case err != nil && errors.Is(ctx.Err(), context.Canceled):
		return m.all(domain.Try{Skipped: true, Error: "stopped before the answer came"})
	case err != nil:
		return m.all(domain.Try{Error: d.explain(err)})
	}
	d.clocks.compare(e.ID, resp.Header, time.Now())
	body, err := bodyOf(resp, e.Batch)
	t := tryOf(resp, body, time.Now())
	switch {
	case !t.OK || !e.Batch:
		return m.all(t)
	case err != nil: // nobody knows what it names
		return m.all(domain.Try{Status: t.Status, Error: d.explain(err)})
	}
	tries, unknown := domain.BatchTries(m.carries, failedOf(body))
	if unknown > 0 && d.Log != nil {
		d.Log.Warn("an endpoint names failed events that were not in the batch", "endpoint", e.ID, "batch", m.id, "events", unknown)
	}
	for i := range tries {
		tries[i].Status = t.Status
	}
	return tries
}

// request returns the signed request of a message.
func request(ctx context.Context, e domain.Endpoint, m message, now time.Time) (*http.Request, error) {
	if err := domain.CheckEndpointURL(e.URL); err != nil {
		return nil, err
	}
	signatures, err := sign(e, m.id, now, m.body)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(m.body))
	if err != nil {
		return nil, errors.New("url is malformed") // err itself shows the URL
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Recado/1")
	r.Header.Set(standardwebhooks.HeaderWebhookID, m.id)
	r.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	r.Header.Set(standardwebhooks.HeaderWebhookSignature, signatures)
	// A nil value is not sent, but it tells net/http that the request is idempotent:
	// net/http then repeats it if an idle connection turns out to be closed.
	r.Header["Idempotency-Key"] = nil
	return r, nil
}

// bodyOf reads the body to its end, as far as it is of interest, and closes it. It
// returns what it read; of a success nothing, unless it answers to a batch. After
// a switch of protocols the body has no end, so that it is not read.
func bodyOf(resp *http.Response, batch bool) (body []byte, err error) {
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		return nil, nil
	case !success(resp):
		return io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	case batch:
		return io.ReadAll(io.LimitReader(resp.Body, maxBatchAnswer+1))
	default:
		_, err = io.CopyN(io.Discard, resp.Body, maxAnswer+1)
		return nil, err
	}
}
