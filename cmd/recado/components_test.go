package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// What a template's components hold leaves as it came, through the API, the store
// and the connector: no digit is lost, nothing changes its place.
func TestTemplateComponentsLeaveAsTheyCame(t *testing.T) {
	const components = `[{"type":"body","parameters":[` +
		`{"type":"payment","n":12345678901234567890,"f":0.10,"e":1E3,"z":-0,"s":"7615917337495251231","u":"\u00e9 \ud83d\ude00","null":null}]},` +
		`{"type":"carousel","cards":[{"card_index":0,"components":[{"b":[[[[1.0]]]],"a":{}}]}]}]`
	t.Parallel()
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			sent := make(chan string, 1)
			meta := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				select {
				case sent <- string(body):
				default:
				}
				io.WriteString(w, `{"messaging_product":"whatsapp","contacts":[{"input":"1","wa_id":"34600110022"}],"messages":[{"id":"wamid.1"}]}`)
			}))
			defer meta.Close()
			w := newWorld(t, on)
			w.declare(meta.URL, "http://127.0.0.1:1")
			w.start()
			var accepted struct {
				ID       string
				Template struct{ Components json.RawMessage }
			}
			status, err := w.call(anaKey, http.MethodPost, "/v1/messages", json.RawMessage(
				`{"connection_id":"waba-1","peer_id":"34600110022","type":"template","template":{"name":"pago","language":"es","components":`+components+`}}`), &accepted)
			if err != nil || status != http.StatusAccepted {
				t.Fatalf("answered %d, %v", status, err)
			}
			if got := string(accepted.Template.Components); got != components {
				t.Errorf("the API shows %s", got)
			}
			select {
			case body := <-sent:
				if !strings.Contains(body, components) {
					t.Errorf("Meta gets %s", body)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("nothing is sent")
			}
		})
	}
}
