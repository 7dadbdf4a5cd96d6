package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"recado/domain"
)

func TestConnectorsAreOfKnownKindsAndNameTheirSettingsOnce(t *testing.T) {
	for kind, c := range connectors(Config{}) {
		if !slices.Contains(domain.Kinds(), kind) {
			t.Errorf("kind %s is none of %v", kind, domain.Kinds())
		}
		for _, settings := range [][]domain.Setting{c.HookSettings(), c.ConnectionSettings()} {
			taken := []string{"id", "kind", "hook"}
			for _, s := range settings {
				if slices.Contains(taken, s.Name) {
					t.Errorf("kind %s: the setting %s is there twice", kind, s.Name)
				}
				taken = append(taken, s.Name)
			}
		}
	}
}

func TestMessengerClientFollowsNoRedirect(t *testing.T) {
	calls := 0
	messenger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	defer messenger.Close()
	answer, err := messengerClient().Post(messenger.URL, "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusTemporaryRedirect || calls != 1 {
		t.Errorf("status %d after %d calls, want %d after 1", answer.StatusCode, calls, http.StatusTemporaryRedirect)
	}
}
