package waba

import (
	"testing"
	"time"

	"recado/domain"
)

// Rule 57: 90 days before a version of the Graph API ends, the connection has a problem.
func TestWatchVersion(t *testing.T) {
	now := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		base string
		want domain.SignalLevel
	}{
		{"", ""},
		{"https://graph.facebook.com/v23.0", ""},
		{"https://graph.facebook.com/v21.0/", domain.LevelWarning},
		{"https://graph.facebook.com/v20.0", domain.LevelCritical},
		{"https://waba-v2.360dialog.io", ""},
	}
	for _, tt := range tests {
		seen := watchVersion(domain.Connection{Settings: domain.Settings{baseURL: domain.Secret(tt.base)}}, now)
		var level domain.SignalLevel
		for _, p := range seen.Problems {
			level = p.Level
		}
		if level != tt.want {
			t.Errorf("%q: %+v, want %q", tt.base, seen.Problems, tt.want)
		}
	}
}
