package waha_test

import (
	"net/http"
	"testing"

	"recado/adapters/messenger/waha"
)

func TestSettings(t *testing.T) {
	tests := []struct {
		setting, value string
		ok             bool
	}{
		{"session", "default", true},
		{"session", "acme_2-b", true},
		{"session", "acme 2", false},
		{"session", "a/b", false},
		{"base_url", "http://waha:3000", true},
		{"base_url", "https://example.com/waha", true},
		{"base_url", "http://waha:3000/api/sendText", false},
		{"base_url", "http://waha:3000/dashboard", false},
		{"base_url", "waha:3000", false},
		{"api_key", "Bearer abc", false},
		{"hmac_key", "${WAHA_HMAC}", false},
	}
	for _, s := range waha.New(http.DefaultClient).ConnectionSettings() {
		for _, test := range tests {
			if test.setting != s.Name {
				continue
			}
			if err := s.Check(test.value); (err == nil) != test.ok {
				t.Errorf("%s %q: %v", test.setting, test.value, err)
			}
		}
	}
}
