package wire_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/wire"
	"recado/domain"
)

// What all messengers have in common is tested with each of them, by
// connectortest; here is what they cannot show.

// A transport that does not tell how far it came may have sent everything.
func TestASilentTransportIsNotTrusted(t *testing.T) {
	transport := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("no luck with s3cret") })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://messenger.invalid", nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = wire.New(&http.Client{Transport: transport}).Once(req)
	a := wire.NoResponse(err, wire.Hider("", "s3cret"))
	if a.Fate != domain.FateUnknown || a.Failure.Cause.Details != "no luck with [secret]" {
		t.Errorf("NoResponse = %s %+v, want it unknown, without the secret", a.Fate, a.Failure)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestHider(t *testing.T) {
	tests := []struct {
		name, text string
		secrets    []string
		said, want string
	}{
		{"a secret", "", []string{"abc"}, "bad abc, abc", "bad [secret], [secret]"},
		{"no secret", "", []string{""}, "as it is", "as it is"},
		{"a secret that begins as another", "", []string{"abc", "abcdef"}, "abcdef abc", "[secret] [secret]"},
		{"a text", "Hola Ana", nil, "cannot parse 'Hola Ana'", "cannot parse '[text]'"},
		{"a text that was trimmed", " Hola\n", nil, "cannot parse 'Hola'", "cannot parse '[text]'"},
		{"a text of two letters", "no", nil, "not now", "not now"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := wire.Hider(test.text, test.secrets...)(test.said); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 10, 0, 0, 0, time.UTC)
	tests := []struct {
		header string
		want   time.Duration
	}{
		{"7", 7 * time.Second},
		{" 7 ", 7 * time.Second},
		{"Fri, 02 Jan 2026 10:01:00 GMT", time.Minute},
		{"Fri, 02 Jan 2026 09:59:00 GMT", 0},
		{"31536000", 24 * time.Hour},
		{"Sat, 02 Jan 2027 10:00:00 GMT", 24 * time.Hour},
		{"soon", 0},
		{"-7", 0},
		{"", 0},
	}
	for _, test := range tests {
		t.Run(test.header, func(t *testing.T) {
			r := wire.Reply{Header: http.Header{"Retry-After": {test.header}}}
			if got := r.RetryAfter(now); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestBriefAndClean(t *testing.T) {
	if got := wire.Brief("a\x00" + strings.Repeat("ñ", 1000)); got != "a\uFFFD"+strings.Repeat("ñ", 498) {
		t.Errorf("Brief gives %d bytes: %q", len(got), got)
	}
}
