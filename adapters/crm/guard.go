package crm

import (
	"fmt"
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

// azurePlatform is a public address that belongs to the host itself within Azure:
// https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
var azurePlatform = netip.MustParsePrefix("168.63.129.16/32")

// A forbiddenError names a resolved address to which events must not be sent.
type forbiddenError struct{ addr string }

func (e *forbiddenError) Error() string {
	return fmt.Sprintf("address %s is not allowed (RECADO_CALLBACK_ALLOW_NETWORKS)", e.addr)
}

// Guard returns the Control function of a dialer. The dialer calls it with each
// resolved address just before it connects, so that a DNS answer that changes
// cannot evade it. Every port is allowed.
func Guard(allow []netip.Prefix) func(network, address string, _ syscall.RawConn) error {
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
