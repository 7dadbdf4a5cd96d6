package crm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"
)

func TestExplain(t *testing.T) {
	lookup := func(e net.DNSError) error {
		return &net.OpError{Op: "dial", Net: "tcp", Err: &e}
	}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"no such host", lookup(net.DNSError{Name: "crm.example", Server: "10.96.0.10:53", IsNotFound: true}), "host crm.example is not found"},
		{"no name server answers", lookup(net.DNSError{Name: "crm.example", Server: "10.96.0.10:53", IsTimeout: true}), "host crm.example cannot be looked up"},
		{"time is up", fmt.Errorf("post: %w", context.DeadlineExceeded), "no answer in 15s"},
		{"a forbidden address", &net.OpError{Op: "dial", Err: &forbiddenError{"::1"}}, "address ::1 is not allowed (RECADO_CALLBACK_ALLOW_NETWORKS)"},
		{"anything else", errors.New(`malformed HTTP response "hola"`), "no answer that can be read"},
	}
	d := &Deliverer{Timeout: 15 * time.Second}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := d.explain(tt.err); got != tt.want {
				t.Errorf("%v is told as %q, want %q", tt.err, got, tt.want)
			}
		})
	}
}
