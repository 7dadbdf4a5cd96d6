package waba

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"recado/domain"
)

func TestCheckCredentials(t *testing.T) {
	tests := []struct {
		name   string
		status int
		answer string
		want   string // in the error; empty: none
	}{
		{"a token that may use the number", 200, `{"id":"106540352242922"}`, "<nil>"},
		{"a token that was revoked", 401, `{"error":{"message":"Error validating access token","code":190}}`, "Error validating access token (code 190)"},
		{"a gateway that is lost", 502, `<html>`, "HTTP status 502, without a word of Meta"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			meta := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodGet || r.URL.Path != "/v26.0/106540352242922" || r.Header.Get("Authorization") != "Bearer a-token" {
					t.Errorf("got %s %s with %q", r.Method, r.URL, r.Header.Get("Authorization"))
				}
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.answer)
			}))
			defer meta.Close()
			err := New(meta.Client(), nil).CheckCredentials(t.Context(), domain.Connection{Settings: domain.Settings{
				accessToken: "a-token", phoneNumberID: "106540352242922", baseURL: domain.Secret(meta.URL + "/v26.0"),
			}})
			if got := fmt.Sprint(err); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
	err := New(http.DefaultClient, nil).CheckCredentials(t.Context(), domain.Connection{Settings: domain.Settings{
		accessToken: "a-token", phoneNumberID: "1", baseURL: "http://127.0.0.1:1",
	}})
	if err == nil || strings.Contains(err.Error(), "a-token") {
		t.Errorf("nobody is there: %v", err)
	}
}
