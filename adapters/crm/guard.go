package crm

import (
	"fmt"
	"net/netip"
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
