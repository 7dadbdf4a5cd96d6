package telegram_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/messenger/telegram"
	"recado/domain"
)

// of makes a message of a type, with what it has beside its text.
func of(typ domain.MessageType, text string, content domain.Content) domain.Outgoing {
	return message(func(m *domain.Outgoing) { m.Type, m.Text, m.Content = typ, text, content.OrNil() })
}

// act makes an action on a message of the company.
func act(typ domain.MessageType, on domain.ProviderID, kind domain.MessageType, text string) domain.Outgoing {
	return message(func(m *domain.Outgoing) { m.Type, m.Text, m.Target, m.TargetType = typ, text, on, kind })
}

// Each kind of message without bytes is one call, with exactly this body.
func TestSendWritesEachKind(t *testing.T) {
	rows := []domain.Button{{ID: "1", Title: "10:00", Description: "libre"}, {ID: "2", Title: "11:00"}}
	for name, test := range map[string]struct {
		m            domain.Outgoing
		method, want string
	}{
		"a place": {
			of(domain.TypeLocation, "", domain.Content{Location: &domain.Location{Latitude: "40.4168", Longitude: "-3.7038"}}),
			"sendLocation", `{"chat_id":3527065,"latitude":40.4168,"longitude":-3.7038}`,
		},
		"a place with a name": {
			of(domain.TypeLocation, "", domain.Content{Location: &domain.Location{Latitude: "40.4168", Longitude: "-3.7038", Name: "Sol", Address: "Madrid"}}),
			"sendVenue", `{"chat_id":3527065,"latitude":40.4168,"longitude":-3.7038,"title":"Sol","address":"Madrid"}`,
		},
		"a contact": {
			of(domain.TypeContacts, "", domain.Content{Contacts: []domain.Card{{Name: "Ada", Phones: []string{"+34600110022"}}}}),
			"sendContact", `{"chat_id":3527065,"phone_number":"+34600110022","first_name":"Ada"}`,
		},
		"buttons": {
			of(domain.TypeInteractive, "¿Viene?", domain.Content{Interactive: &domain.Interactive{
				Header: "Cita", Footer: "ACME", Buttons: []domain.Button{{ID: "yes", Title: "Sí"}, {ID: "no", Title: "No"}},
			}}),
			"sendMessage", `{"chat_id":3527065,"text":"Cita\n\n¿Viene?\n\nACME","reply_markup":{"inline_keyboard":[[{"text":"Sí","callback_data":"yes"}],[{"text":"No","callback_data":"no"}]]}}`,
		},
		"a list": {
			of(domain.TypeInteractive, "Elija", domain.Content{Interactive: &domain.Interactive{List: &domain.List{Button: "Ver", Sections: []domain.Section{{Title: "Hoy", Rows: rows}}}}}),
			"sendMessage", `{"chat_id":3527065,"text":"Elija","reply_markup":{"inline_keyboard":[[{"text":"10:00","callback_data":"1"}],[{"text":"11:00","callback_data":"2"}]]}}`,
		},
		"a link": {
			of(domain.TypeInteractive, "Pague aquí", domain.Content{Interactive: &domain.Interactive{Link: &domain.LinkButton{Title: "Pagar", URL: "https://example.com/1"}}}),
			"sendMessage", `{"chat_id":3527065,"text":"Pague aquí","reply_markup":{"inline_keyboard":[[{"text":"Pagar","url":"https://example.com/1"}]]}}`,
		},
		"in a topic": {
			message(func(m *domain.Outgoing) { m.Topic = "7" }), "sendMessage", `{"chat_id":3527065,"message_thread_id":7,"text":"Hola <b> & ñ"}`,
		},
		"a photo that Telegram has": {
			message(func(m *domain.Outgoing) {
				m.Type, m.Media = domain.TypeImage, &domain.MediaUpload{Known: "photo:AgAC"}
			}),
			"sendPhoto", `{"chat_id":3527065,"photo":"AgAC","caption":"Hola <b> & ñ"}`,
		},
		"a reaction": {
			act(domain.TypeReaction, "3527065/41", domain.TypeText, "👍"),
			"setMessageReaction", `{"chat_id":3527065,"message_id":41,"reaction":[{"type":"emoji","emoji":"👍"}]}`,
		},
		"a reaction that is taken off": {
			act(domain.TypeReaction, "3527065/41", domain.TypeText, ""), "setMessageReaction", `{"chat_id":3527065,"message_id":41,"reaction":[]}`,
		},
		"an edit": {
			act(domain.TypeEdit, "3527065/41", domain.TypeText, "Adiós"), "editMessageText", `{"chat_id":3527065,"message_id":41,"text":"Adiós"}`,
		},
		"an edit of a caption": {
			act(domain.TypeEdit, "3527065/41", domain.TypeImage, "Adiós"), "editMessageCaption", `{"chat_id":3527065,"message_id":41,"caption":"Adiós"}`,
		},
		"a delete": {act(domain.TypeDelete, "3527065/41", domain.TypeText, ""), "deleteMessage", `{"chat_id":3527065,"message_id":41}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, takenIn(3527065, 77))
			a := telegram.New(http.DefaultClient).Send(t.Context(), connection(s.URL), test.m)
			paths, bodies := s.got()
			if a.Fate != domain.FateAccepted || len(bodies) != 1 {
				t.Fatalf("Send = %+v after %d calls", a, len(bodies))
			}
			var got, want any
			if err := errors.Join(json.Unmarshal(bodies[0], &got), json.Unmarshal([]byte(test.want), &want)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if want := "POST /bot" + botToken + "/" + test.method; paths[0] != want {
				t.Errorf("sent to %q, want %q", paths[0], want)
			}
		})
	}
}

// A file is one form: the parameters, and behind them the bytes with their name and type.
func TestSendWritesTheForm(t *testing.T) {
	for typ, want := range map[domain.MessageType]struct{ method, form string }{
		domain.TypeImage: {"sendPhoto", "caption=Hola; chat_id=3527065; photo=0123456789 (a.bin, image/png)"},
		domain.TypeVideo: {"sendVideo", "caption=Hola; chat_id=3527065; duration=3; video=0123456789 (a.bin, image/png)"},
		domain.TypeAudio: {"sendAudio", "caption=Hola; chat_id=3527065; duration=3; audio=0123456789 (a.bin, image/png)"},
		domain.TypeVoice: {"sendVoice", "caption=Hola; chat_id=3527065; duration=3; voice=0123456789 (a.bin, image/png)"},
		domain.TypeFile:  {"sendDocument", "caption=Hola; chat_id=3527065; document=0123456789 (a.bin, image/png)"},
	} {
		t.Run(string(typ), func(t *testing.T) {
			var method, got string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				method, got = r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], formOf(t, r)
				_, _ = io.WriteString(w, takenIn(3527065, 77))
			}))
			defer server.Close()
			m := message(func(m *domain.Outgoing) { m.Type, m.Text, m.Media = typ, "Hola", tenBytes() })
			if a := telegram.New(http.DefaultClient).Send(t.Context(), connection(server.URL), m); a.Fate != domain.FateAccepted {
				t.Fatalf("Send = %+v", a)
			}
			if method != want.method || got != want.form {
				t.Errorf("%s with %s\nwant %s with %s", method, got, want.method, want.form)
			}
		})
	}
}

// tenBytes is a file that was uploaded to be sent.
func tenBytes() *domain.MediaUpload {
	return &domain.MediaUpload{
		ID: "med_1", MIME: "image/png", Name: "a.bin", Size: 10, Seconds: 3,
		Open: func(context.Context) (io.ReadSeekCloser, error) {
			return struct {
				io.ReadSeeker
				io.Closer
			}{strings.NewReader("0123456789"), io.NopCloser(nil)}, nil
		},
	}
}

// formOf writes a form in a line, in the order of its parts.
func formOf(t *testing.T, r *http.Request) string {
	_, parameters, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	form := multipart.NewReader(r.Body, parameters["boundary"])
	var parts []string
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return strings.Join(parts, "; ")
		}
		if err != nil {
			t.Error(err)
			return ""
		}
		value, err := io.ReadAll(part)
		if err != nil {
			t.Error(err)
		}
		text := part.FormName() + "=" + string(value)
		if part.FileName() != "" {
			text += " (" + part.FileName() + ", " + part.Header.Get("Content-Type") + ")"
		}
		parts = append(parts, text)
	}
}
