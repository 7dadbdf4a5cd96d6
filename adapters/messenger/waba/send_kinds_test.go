package waba_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/messenger/waba"
	"recado/domain"
)

// of makes a message of a type, with what it has beside its text.
func of(typ domain.MessageType, text string, content domain.Content) domain.Outgoing {
	return message(func(m *domain.Outgoing) { m.Type, m.Text, m.Content = typ, text, content.OrNil() })
}

// withFile makes a message with a file that Meta has as 4711.
func withFile(typ domain.MessageType, text string) domain.Outgoing {
	return message(func(m *domain.Outgoing) {
		m.Type, m.Text, m.Media = typ, text, &domain.MediaUpload{Name: "factura.pdf", Known: "4711"}
	})
}

// Each kind of message is one call, with exactly this body beside the address.
func TestSendWritesEachKind(t *testing.T) {
	const common = `"messaging_product":"whatsapp","recipient_type":"individual","to":"+16505551234","biz_opaque_callback_data":"msg_1"`
	for name, test := range map[string]struct {
		m    domain.Outgoing
		want string
	}{
		"an image":              {withFile(domain.TypeImage, "Hola"), `"type":"image","image":{"id":"4711","caption":"Hola"}`},
		"an image without text": {withFile(domain.TypeImage, ""), `"type":"image","image":{"id":"4711"}`},
		"a video":               {withFile(domain.TypeVideo, "Hola"), `"type":"video","video":{"id":"4711","caption":"Hola"}`},
		"an audio file":         {withFile(domain.TypeAudio, ""), `"type":"audio","audio":{"id":"4711"}`},
		"a voice message":       {withFile(domain.TypeVoice, ""), `"type":"audio","audio":{"id":"4711","voice":true}`},
		"a file":                {withFile(domain.TypeFile, "Hola"), `"type":"document","document":{"id":"4711","caption":"Hola","filename":"factura.pdf"}`},
		"a place": {
			of(domain.TypeLocation, "", domain.Content{Location: &domain.Location{Latitude: "40.4168", Longitude: "-3.7038", Name: "Sol", Address: "Madrid"}}),
			`"type":"location","location":{"latitude":40.4168,"longitude":-3.7038,"name":"Sol","address":"Madrid"}`,
		},
		"contacts": {
			of(domain.TypeContacts, "", domain.Content{Contacts: []domain.Card{
				{Name: "Ada", Phones: []string{"+34600110022"}, Emails: []string{"ada@example.com"}, Organization: "ACME", URLs: []string{"https://example.com"}},
				{Name: "Bea", Phones: []string{"+34600110033"}},
			}}),
			`"type":"contacts","contacts":[{"name":{"formatted_name":"Ada","first_name":"Ada"},"phones":[{"phone":"+34600110022"}],"emails":[{"email":"ada@example.com"}],
			"org":{"company":"ACME"},"urls":[{"url":"https://example.com"}]},{"name":{"formatted_name":"Bea","first_name":"Bea"},"phones":[{"phone":"+34600110033"}]}]`,
		},
		"buttons": {
			of(domain.TypeInteractive, "¿Viene?", domain.Content{Interactive: &domain.Interactive{
				Header: "Cita", Footer: "ACME", Buttons: []domain.Button{{ID: "yes", Title: "Sí"}, {ID: "no", Title: "No"}},
			}}),
			`"type":"interactive","interactive":{"type":"button","header":{"type":"text","text":"Cita"},"body":{"text":"¿Viene?"},"footer":{"text":"ACME"},
			"action":{"buttons":[{"type":"reply","reply":{"id":"yes","title":"Sí"}},{"type":"reply","reply":{"id":"no","title":"No"}}]}}`,
		},
		"a list": {
			of(domain.TypeInteractive, "Elija", domain.Content{Interactive: &domain.Interactive{List: &domain.List{
				Button: "Ver", Sections: []domain.Section{{Title: "Hoy", Rows: []domain.Button{{ID: "1", Title: "10:00", Description: "libre"}}}},
			}}}),
			`"type":"interactive","interactive":{"type":"list","body":{"text":"Elija"},
			"action":{"button":"Ver","sections":[{"title":"Hoy","rows":[{"id":"1","title":"10:00","description":"libre"}]}]}}`,
		},
		"a link": {
			of(domain.TypeInteractive, "Pague aquí", domain.Content{Interactive: &domain.Interactive{Link: &domain.LinkButton{Title: "Pagar", URL: "https://example.com/1"}}}),
			`"type":"interactive","interactive":{"type":"cta_url","body":{"text":"Pague aquí"},"action":{"name":"cta_url","parameters":{"display_text":"Pagar","url":"https://example.com/1"}}}`,
		},
		"a reaction": {
			message(func(m *domain.Outgoing) { m.Type, m.Text, m.Target = domain.TypeReaction, "👍", "wamid.1" }),
			`"type":"reaction","reaction":{"message_id":"wamid.1","emoji":"👍"}`,
		},
		"a reaction that is taken off": {
			message(func(m *domain.Outgoing) { m.Type, m.Text, m.Target = domain.TypeReaction, "", "wamid.1" }),
			`"type":"reaction","reaction":{"message_id":"wamid.1","emoji":""}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var bodies [][]byte
			var paths []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				bodies, paths = append(bodies, body), append(paths, r.URL.Path)
				_, _ = io.WriteString(w, `{"messaging_product":"whatsapp","messages":[{"id":"wamid.2"}]}`)
			}))
			defer server.Close()
			a := waba.New(http.DefaultClient, nil).Send(t.Context(), connection(server.URL+"/v26.0"), test.m)
			if a.Fate != domain.FateAccepted || len(bodies) != 1 || !strings.HasSuffix(paths[0], "/106540352242922/messages") {
				t.Fatalf("Send = %+v after calls of %v", a, paths)
			}
			var got, want any
			if err := errors.Join(json.Unmarshal(bodies[0], &got), json.Unmarshal([]byte("{"+common+","+test.want+"}"), &want)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}
