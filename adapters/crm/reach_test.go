package crm

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"recado/domain"
)

func TestReach(t *testing.T) {
	plain, secure, closed := httptest.NewServer(nil), httptest.NewTLSServer(nil), httptest.NewServer(nil)
	defer plain.Close()
	defer secure.Close()
	closed.Close()
	loopback := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	trusting := New(loopback)
	trusting.transport.TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig
	tests := []struct {
		name string
		d    *Deliverer
		url  string
		want string
	}{
		{"it is there", New(loopback), plain.URL, "<nil>"},
		{"it is away", New(loopback), closed.URL, "connection refused"},
		{"it is where events may not go", New(nil), plain.URL, "address 127.0.0.1 is not allowed (RECADO_CALLBACK_ALLOW_NETWORKS)"},
		{"its certificate is its own", New(loopback), secure.URL, "the TLS certificate is signed by an unknown authority"},
		{"it is no URL", New(loopback), "crm", "url is malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := tt.d.Reach(t.Context(), domain.Endpoint{URL: tt.url})
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
	got, err := trusting.Reach(t.Context(), domain.Endpoint{URL: secure.URL})
	if err != nil || got.CertificateEnds.Before(time.Now()) {
		t.Errorf("its certificate ends on %v, %v", got.CertificateEnds, err)
	}
}
