package crm

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"time"

	"recado/domain"
)

// A Reach is what a connection to an endpoint found.
type Reach struct {
	CertificateEnds time.Time // of TLS; zero: the URL has no TLS
}

// Reach connects to an endpoint as a delivery would, through the guard, and sends
// nothing. The error is for people, as that of a Try.
func (d *Deliverer) Reach(ctx context.Context, e domain.Endpoint) (Reach, error) {
	u, err := url.Parse(e.URL)
	if err != nil || domain.CheckEndpointURL(e.URL) != nil {
		return Reach{}, errors.New("url is malformed") // err itself shows the URL
	}
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	address := net.JoinHostPort(u.Hostname(), port)
	if u.Scheme != "https" {
		c, err := d.dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return Reach{}, errors.New(d.explain(err))
		}
		return Reach{}, c.Close()
	}
	c, err := (&tls.Dialer{NetDialer: d.dialer, Config: d.transport.TLSClientConfig}).DialContext(ctx, "tcp", address)
	if err != nil {
		return Reach{}, errors.New(d.explain(err))
	}
	defer c.Close()
	return Reach{c.(*tls.Conn).ConnectionState().PeerCertificates[0].NotAfter}, nil
}
