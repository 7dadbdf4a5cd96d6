package crm

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	tests := []struct {
		name   string
		header string
		want   time.Duration
		asked  bool
	}{
		{"none", "", 0, false},
		{"seconds", "120", 2 * time.Minute, true},
		{"no wait", "0", 0, true},
		{"less than none", "-5", 0, true},
		{"a date", "Fri, 02 Jan 2026 12:05:00 GMT", 5 * time.Minute, true},
		{"a date as RFC 850 writes it", "Friday, 02-Jan-26 12:05:00 GMT", 5 * time.Minute, true},
		{"a date as C writes it", "Fri Jan  2 12:05:00 2026", 5 * time.Minute, true},
		{"a date that is over", "Fri, 02 Jan 2026 11:59:59 GMT", 0, true},
		{"more seconds than a Duration holds", "9223372036854775807", 9223372036 * time.Second, true},
		{"a fraction", "1.5", 0, false},
		{"words", "soon", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, asked := retryAfter(tt.header, noon); got != tt.want || asked != tt.asked {
				t.Errorf("Retry-After %q: %s, %t, want %s, %t", tt.header, got, asked, tt.want, tt.asked)
			}
		})
	}
}

func TestExcerpt(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"nothing", "", ""},
		{"text", `{"error":"¿qué?"}`, `{"error":"¿qué?"}`},
		{"control characters", "a\x1b[2J\r\n\x00", `a\x1b[2J\r\n\x00`},
		{"what turns text around", "a\u202eb", `a\u202eb`},
		{"not UTF-8", "caf\xe9 ", "caf\ufffd "},
		{"a long text", strings.Repeat("x", 2000), strings.Repeat("x", 1024)},
		{"a long text is not cut within a character", "x" + strings.Repeat("ñ", 1000), "x" + strings.Repeat("ñ", 511)},
	}
	for _, tt := range tests {
		if got := excerpt([]byte(tt.body)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestRetryAfterIsNeverNegative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		header := rapid.OneOf(rapid.String(), rapid.StringMatching(`-?[0-9]{1,25}`)).Draw(t, "header")
		if got, _ := retryAfter(header, noon); got < 0 {
			t.Errorf("Retry-After %q: %s", header, got)
		}
	})
}
