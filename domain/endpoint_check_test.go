package domain

import (
	"strings"
	"testing"
)

func TestCheckEndpointURL(t *testing.T) {
	tests := []struct {
		name string
		url  string
		fix  string // a part of it; empty: the URL is good
	}{
		{"https", "https://crm.example/hooks", ""},
		{"http", "http://crm.example/hooks", ""},
		{"a port", "https://crm.example:8443/hooks", ""},
		{"a query", "https://crm.example/hooks?token=1", ""},
		{"no path", "https://crm.example", ""},
		{"an address of IPv6", "http://[2001:db8::1]:80/", ""},
		{"another writing of the scheme", "HTTPS://crm.example/", ""},
		{"empty", "", "https:// or http://"},
		{"no scheme", "crm.example/hooks", "https:// or http://"},
		{"relative", "/hooks", "https:// or http://"},
		{"relative to a scheme", "//crm.example/hooks", "https:// or http://"},
		{"another scheme", "ftp://crm.example/", "https:// or http://"},
		{"a file", "file:///etc/passwd", "https:// or http://"},
		{"no host", "https:///hooks", "name a host"},
		{"no host but a port", "https://:443/", "name a host"},
		{"no slashes", "https:crm.example", "name a host"},
		{"port 0", "https://crm.example:0/", "1 to 65535"},
		{"a port out of range", "https://crm.example:65536/", "1 to 65535"},
		{"a user", "https://ana@crm.example/", "no user"},
		{"a password", "https://ana:token@crm.example/", "no user"},
		{"a fragment", "https://crm.example/#hooks", "no #fragment"},
		{"a line's end", "https://crm.example/\n", "malformed"},
		{"a port that is a word", "https://crm.example:token/", "malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := CheckEndpointURL(tt.url)
			if (err == nil) != (tt.fix == "") {
				t.Fatalf("url %q: %v, want fix %q", tt.url, err, tt.fix)
			}
			if err != nil && (!strings.Contains(err.Error(), tt.fix) || strings.Contains(err.Error(), "token")) {
				t.Errorf("url %q: %v, want fix %q", tt.url, err, tt.fix)
			}
		})
	}
}
