package domain

import (
	"strings"
	"testing"
)

func TestWhatIsPastedWithASettingIsFound(t *testing.T) {
	tests := []struct {
		name  string
		check func(string) error
		value string
		want  string // in the error; empty: it passes
	}{
		{"a secret", CheckSecret, "hunter2", ""},
		{"a secret with a blank in it", CheckSecret, "hunter2 and more", ""},
		{"a secret of any script", CheckSecret, "añil", ""},
		{"a line end after it", CheckSecret, "hunter2\n", "line end"},
		{"a blank before it", CheckSecret, " hunter2", "blank"},
		{"a no-break space after it", CheckSecret, "hunter2\u00a0", "blank"},
		{"a line end in it", CheckSecret, "hunter2\nhunter2", "line end"},
		{"a byte order mark before it", CheckSecret, "\ufeffhunter2", "invisible"},
		{"an invisible mark in it", CheckSecret, "hun\u200bter2", "invisible"},
		{"NUL", CheckSecret, "hunter2\x00", "invisible"},
		{"quotes", CheckSecret, `"hunter2"`, "quotes"},
		{"typographic quotes", CheckSecret, "“hunter2”", "quotes"},
		{"a variable that was not replaced", CheckSecret, "${hunter2}", "variable"},
		{"a token", CheckToken, "EAAG-hunter2_|x", ""},
		{"Bearer", CheckToken, "Bearer hunter2", "without Bearer before it"},
		{"the whole header", CheckToken, "Authorization: Bearer hunter2", "without Authorization: before it"},
		{"a blank in a token", CheckToken, "hunter2 hunter2", "without a blank in it"},
		{"a letter that no header has", CheckToken, "hunter2ñ", "ASCII"},
		{"a base URL", CheckBaseURL, "https://graph.facebook.com/v23.0", ""},
		{"a blank after a URL", CheckBaseURL, "https://graph.facebook.com/v23.0 ", "blank"},
		{"a query", CheckBaseURL, "https://hunter2.example/?a=b", "without user, query"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.check(tt.value)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("it shows the value: %v", err)
			}
		})
	}
}
