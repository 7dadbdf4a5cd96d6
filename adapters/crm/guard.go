package crm

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"syscall"

	"code.dny.dev/ssrf"
)

// azurePlatform is a public address that, within Azure, is the host's own:
// https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
var azurePlatform = netip.MustParsePrefix("168.63.129.16/32")

// A forbiddenError is an address, found by looking a host up, to which nothing
// may be sent.
type forbiddenError struct{ addr string }

func (e *forbiddenError) Error() string {
	return fmt.Sprintf("address %s is not allowed (RECADO_CALLBACK_ALLOW_NETWORKS)", e.addr)
}

// guard makes the Control of a dialer: it sees each address just before it is
// connected to, whatever DNS said before. Any port may be reached.
func guard(allow []netip.Prefix) func(network, address string, _ syscall.RawConn) error {
	var v4, v6 []netip.Prefix
	for _, p := range allow {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	guardian := ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(azurePlatform),
		ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...))
	return func(network, address string, c syscall.RawConn) error {
		if guardian.Safe(network, address, c) == nil {
			return nil
		}
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return &forbiddenError{address}
		}
		return &forbiddenError{to.Addr().String()}
	}
}

var errURL = errors.New("url is malformed; give one such as https://crm.example/hooks")

// CheckURL returns nil if events can be posted to the URL. The error says the
// mend, and nothing of the URL, which may hold a secret. Where its host leads
// is not asked: that may be another place at each delivery.
func CheckURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return errURL
	}
	for _, c := range []struct {
		bad  bool
		mend string
	}{
		{u.Scheme != "https" && u.Scheme != "http", "url must begin with https:// or http://"},
		{u.Hostname() == "", "url must name a host, as https://crm.example/hooks does"},
		{!validPort(u.Port()), "url must have a port from 1 to 65535, or none"},
		{u.User != nil, "url must have no user or password; the CRM knows us by the signature"},
		{u.Fragment != "", "url must have no #fragment; it would never be sent"},
	} {
		if c.bad {
			return errors.New(c.mend)
		}
	}
	return nil
}

func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}
