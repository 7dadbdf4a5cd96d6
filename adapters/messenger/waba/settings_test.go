package waba

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"recado/domain"
)

// What can never work is refused by the name of its setting, and without its value.
func TestSettingsThatCanNeverWork(t *testing.T) {
	tests := []struct {
		name, setting, value string
		want                 string // in the error; empty: it passes
	}{
		{"an app secret", appSecret, "0123456789abcdef0123456789abcdef", ""},
		{"an app secret with a line end", appSecret, "hunter2\n", "line end"},
		{"a previous app secret with a line end", previousAppSecret, "hunter2\n", "line end"},
		{"a verify token with a blank", verifyToken, "hunter2 ", "blank"},
		{"a token", accessToken, "EAAG", ""},
		{"a token with its scheme", accessToken, "Bearer hunter2", "without Bearer"},
		{"a token in quotes", accessToken, "'hunter2'", "quotes"},
		{"an id", phoneNumberID, "106540352242922", ""},
		{"a phone number", phoneNumberID, "+1 555 123 4567", "not the phone number"},
		{"a phone number with a plus", phoneNumberID, "+15551234567", "not the phone number"},
		{"an id with a line end", phoneNumberID, "106540352242922\n", "digits only"},
		{"the API", baseURL, "https://graph.facebook.com/v26.0", ""},
		{"a gateway's", baseURL, "https://waba-v2.360dialog.io", ""},
		{"a number's", baseURL, "https://graph.facebook.com/v26.0/106540352242922", "without a phone number ID"},
		{"a method's", baseURL, "https://graph.facebook.com/v26.0/106540352242922/messages", "without a phone number ID"},
		{"a gateway's method", baseURL, "https://waba-v2.360dialog.io/messages", "a method"},
		{"a URL with a token", baseURL, "https://graph.facebook.com/v26.0?access_token=hunter2", "query"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := New(http.DefaultClient, nil)
			all := append(c.HookSettings(), c.ConnectionSettings()...)
			i := slices.IndexFunc(all, func(s domain.Setting) bool { return s.Name == tt.setting })
			err := all[i].Check(tt.value)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("it shows the value: %v", err)
			}
		})
	}
}
