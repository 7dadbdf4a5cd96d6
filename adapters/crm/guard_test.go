package crm

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"recado/domain"
)

func TestGuard(t *testing.T) {
	inside := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00:1::/32")}
	tests := []struct {
		name    string
		address string
		ok      bool
	}{
		{"a public address", "93.184.215.14:443", true},
		{"any port", "93.184.215.14:6379", true},
		{"a public address of IPv6", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443", true},
		{"an allowed network", "10.1.2.3:8080", true},
		{"an allowed network of IPv6", "[fd00:1::5]:8080", true},
		{"beside the allowed network", "10.2.0.1:80", false},
		{"beside the allowed network of IPv6", "[fd00:2::5]:80", false},
		{"loopback", "127.0.0.1:80", false},
		{"the far end of loopback", "127.255.255.254:80", false},
		{"loopback of IPv6", "[::1]:80", false},
		{"private, class A", "10.0.0.1:80", false},
		{"private, class B", "172.31.0.1:80", false},
		{"private, class C", "192.168.0.1:80", false},
		{"a carrier's own", "100.64.0.1:80", false},
		{"metadata of most clouds", "169.254.169.254:80", false},
		{"metadata of Amazon by IPv6", "[fd00:ec2::254]:80", false},
		{"metadata of Oracle", "192.0.0.192:80", false},
		{"metadata of Alibaba", "100.100.100.200:80", false},
		{"the platform of Azure", "168.63.129.16:80", false},
		{"link-local", "[fe80::1%eth0]:80", false},
		{"unique local", "[fd12::1]:80", false},
		{"unspecified", "0.0.0.0:80", false},
		{"unspecified of IPv6", "[::]:80", false},
		{"loopback mapped into IPv6", "[::ffff:127.0.0.1]:80", false},
		{"private mapped into IPv6", "[::ffff:10.0.0.1]:80", false},
		{"private behind NAT64", "[64:ff9b::a00:1]:80", false},
		{"private behind 6to4", "[2002:a00:1::]:80", false},
		{"multicast", "224.0.0.1:80", false},
		{"broadcast", "255.255.255.255:80", false},
		{"documentation", "203.0.113.1:80", false},
	}
	control := Guard(inside)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			network := "tcp4"
			if strings.HasPrefix(tt.address, "[") {
				network = "tcp6"
			}
			err := control(network, tt.address, nil)
			if (err == nil) != tt.ok {
				t.Fatalf("address %s: %v, want ok %t", tt.address, err, tt.ok)
			}
			host, _, splitErr := net.SplitHostPort(tt.address)
			if splitErr != nil {
				t.Fatal(splitErr)
			}
			if want := "address " + host + " is not allowed (RECADO_CALLBACK_ALLOW_NETWORKS)"; err != nil && err.Error() != want {
				t.Errorf("error %q, want %q", err, want)
			}
		})
	}
}

// Every notation of the loopback address is refused unless it is allowed.
func TestDeliverToThisMachine(t *testing.T) {
	called := 0
	e := serve(t, func(http.ResponseWriter, *http.Request) { called++ })
	u, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	at := func(host string) domain.Endpoint {
		return domain.Endpoint{URL: "http://" + host + ":" + u.Port() + "/", Secret: secret}
	}
	hosts := []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0"}
	shut, open := New(nil), home(t)
	t.Cleanup(shut.Close)
	for _, host := range hosts {
		try := deliver(t.Context(), shut, at(host), hello)
		if try.OK || !strings.HasSuffix(try.Error, "is not allowed (RECADO_CALLBACK_ALLOW_NETWORKS)") || called != 0 {
			t.Errorf("host %s: %+v and %d calls, want it not allowed", host, try, called)
		}
	}
	for i, host := range hosts[:3] {
		if try := deliver(t.Context(), open, at(host), hello); !try.OK || called != i+1 {
			t.Errorf("host %s: %+v and %d calls, want it allowed", host, try, called)
		}
	}
}

// A proxy would connect to addresses that the guard forbids. The test inspects the
// transport, because net/http reads the environment only once per process.
func TestDeliverAsksNoProxy(t *testing.T) {
	if home(t).transport.Proxy != nil {
		t.Error("the environment's proxies are used")
	}
}
