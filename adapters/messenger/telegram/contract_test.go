package telegram_test

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/telegram"
	"recado/domain"
)

// Each message that goes out calls a method that Telegram publishes, with parameters
// that it has and those that it wants.
func TestEachTypeIsSentAsPublished(t *testing.T) {
	methods := published(t).Methods
	connectortest.EachSample(t, telegram.New(http.DefaultClient), connection, func(typ domain.MessageType) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			name := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
			method, known := methods[name]
			given := parameters(t, r)
			if !known {
				t.Errorf("there is no method %s", name)
			}
			for _, f := range method.Fields {
				if f.Required && !slices.Contains(given, f.Name) {
					t.Errorf("%s wants %s", name, f.Name)
				}
			}
			for _, p := range given {
				if !slices.ContainsFunc(method.Fields, func(f describedField) bool { return f.Name == p }) {
					t.Errorf("%s has no %s", name, p)
				}
			}
			answer := taken
			if slices.Contains(domain.FileTypes, typ) {
				answer = made(typ).Body
			}
			_, _ = io.WriteString(w, answer) // who went away needs no answer
		}
	})
}

// parameters lists the names of what a method is called with.
func parameters(t *testing.T, r *http.Request) (names []string) {
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // of none: JSON
	if kind != "multipart/form-data" {
		var body map[string]json.RawMessage
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Error(err)
		}
		for name := range body {
			names = append(names, name)
		}
		return names
	}
	form := multipart.NewReader(r.Body, params["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return names
		}
		names = append(names, part.FormName())
	}
}
