package waba_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/waba"
	"recado/adapters/messenger/waba/wabatest"
	"recado/domain"
)

// alsoDocumented lists what Meta's pages document and its OpenAPI's examples lack.
// https://developers.facebook.com/documentation/business-messaging/whatsapp/messages/audio-messages
var alsoDocumented = []string{"recipient_type", "biz_opaque_callback_data", "audio.voice", "image.caption"}

// Each message that goes out has fields that Meta's own examples of its type have.
func TestEachTypeIsSentAsPublished(t *testing.T) {
	var contract struct {
		Paths map[string]struct {
			Post struct {
				RequestBody struct {
					Content map[string]struct {
						Examples map[string]struct{ Value map[string]any }
					}
				} `yaml:"requestBody"`
			}
		}
	}
	wabatest.ReadContract(t, &contract)
	known := map[string]map[string]bool{} // by the type of Meta: the paths of fields
	for _, e := range contract.Paths["/{Version}/{Phone-Number-ID}/messages"].Post.RequestBody.Content["application/json"].Examples {
		typ, _ := e.Value["type"].(string)
		if known[typ] == nil {
			known[typ] = map[string]bool{}
		}
		fieldPaths("", e.Value, known[typ])
	}
	connectortest.EachSample(t, waba.New(http.DefaultClient, nil), connection, func(domain.MessageType) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/media") {
				_, _ = io.Copy(io.Discard, r.Body)
				_, _ = io.WriteString(w, `{"id":"1"}`)
				return
			}
			var body map[string]any
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			typ, _ := body["type"].(string)
			given := map[string]bool{}
			fieldPaths("", body, given)
			for _, path := range slices.Sorted(maps.Keys(given)) {
				if !known[typ][path] && !slices.Contains(alsoDocumented, path) {
					t.Errorf("no example of type %s has the field %s", typ, path)
				}
			}
			_, _ = io.WriteString(w, `{"messages":[{"id":"wamid.1"}]}`)
		}
	})
}

// fieldPaths adds the paths of the fields of a value: "contacts.name.first_name".
func fieldPaths(at string, v any, paths map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			path := strings.TrimPrefix(at+"."+name, ".")
			paths[path] = true
			fieldPaths(path, value, paths)
		}
	case []any:
		for _, value := range v {
			fieldPaths(at, value, paths)
		}
	}
}
