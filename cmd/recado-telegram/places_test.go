package main

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/gotd/td/tg"

	"recado/cmd/recado-telegram/dc"
	"recado/domain"
)

// Places and contacts go from Recado to Telegram, and from the phone of the account to Recado.
func TestPlacesAndContacts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.logIn()
	for _, tt := range []struct {
		name string
		typ  domain.MessageType
		sent domain.Content
		has  tg.MessageMediaClass
	}{
		{
			"a place", domain.TypeLocation,
			domain.Content{Location: &domain.Location{Latitude: "40.4168", Longitude: "-3.7038"}},
			&tg.MessageMediaGeo{Geo: &tg.GeoPoint{Lat: 40.4168, Long: -3.7038}},
		},
		{
			"a place with a name", domain.TypeLocation,
			domain.Content{Location: &domain.Location{Latitude: "40.4168", Longitude: "-3.7038", Name: "Sol", Address: "Madrid"}},
			&tg.MessageMediaVenue{Geo: &tg.GeoPoint{Lat: 40.4168, Long: -3.7038}, Title: "Sol", Address: "Madrid"},
		},
		{
			"a contact", domain.TypeContacts,
			domain.Content{Contacts: []domain.Card{{Name: "Ada", Phones: []string{"+34600110033"}}}},
			&tg.MessageMediaContact{PhoneNumber: "+34600110033", FirstName: "Ada"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := domain.Outgoing{ID: domain.MessageID(tt.name), Peer: "+" + dc.AnaPhone, Type: tt.typ, Content: &tt.sent}
			sent, before := w.sends(m), w.dc.Messages()
			if sent.Fate != domain.FateAccepted || !reflect.DeepEqual(w.dc.Shared(), tt.has) {
				t.Errorf("it is %+v, and Telegram has %+v", sent, w.dc.Shared())
			}
			if again := w.sends(m); again.ProviderID != sent.ProviderID || w.dc.Messages() != before {
				t.Errorf("a repeat is %+v", again)
			}
			told := func() int {
				return count(w, func(a domain.MessageArrived) bool {
					return a.Type == tt.typ && a.Direction == domain.Outbound && reflect.DeepEqual(a.Content, &tt.sent)
				})
			}
			others := told()
			w.dc.OwnerShares(tt.has)
			w.eventually("what the owner sends on the phone is told", func() bool { return told() > others })
		})
	}
}

// What cannot be sent is refused with words, before Telegram is asked. What can be, waits
// for a login here.
func TestWrongPlacesAndContactsAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const (
		latitude  = "Bad Request: latitude must be a number from -90 to 90: GEO_POINT_INVALID"
		longitude = "Bad Request: longitude must be a number from -180 to 180: GEO_POINT_INVALID"
		venue     = "Bad Request: title and address must not be empty: VENUE_INVALID"
		contact   = "Bad Request: phone_number and first_name must not be empty: CONTACT_INVALID"
		complete  = "Unauthorized: NOT_LOGGED_IN"
	)
	w.eventually("nobody is logged in", func() bool {
		sent := w.sends(hello("msg_1", "2000"))
		return sent.Failure != nil && sent.Failure.Reason == domain.ReasonDisconnected
	})
	for _, tt := range []struct{ method, fields, want string }{
		{"sendLocation", `"latitude":0,"longitude":0`, complete},
		{"sendLocation", `"latitude":-90,"longitude":180`, complete},
		{"sendLocation", `"longitude":-3.7`, latitude},
		{"sendLocation", `"latitude":90.1,"longitude":-3.7`, latitude},
		{"sendLocation", `"latitude":40.4`, longitude},
		{"sendLocation", `"latitude":40.4,"longitude":-180.5`, longitude},
		{"sendLocation", `"latitude":"north","longitude":-3.7`, "Bad Request: PARAMETERS_INVALID"},
		{"sendVenue", `"latitude":40.4,"longitude":-3.7,"title":"Sol","address":"1"`, complete},
		{"sendVenue", `"latitude":40.4,"longitude":-3.7,"address":"Madrid"`, venue},
		{"sendVenue", `"latitude":40.4,"longitude":-3.7,"title":"Sol"`, venue},
		{"sendVenue", `"title":"Sol","address":"Madrid"`, latitude},
		{"sendContact", `"phone_number":"34600110033","first_name":"Ada"`, complete},
		{"sendContact", `"phone_number":"34600110033"`, contact},
		{"sendContact", `"first_name":"Ada"`, contact},
		{"sendContact", `"phone_number":"34600110033","first_name":"Ada","vcard":"` + strings.Repeat("v", 2049) + `"`, "Bad Request: vcard has more than 2048 bytes: CONTACT_INVALID"},
	} {
		var fields map[string]any
		body := []byte(`{"chat_id":2000,"client_id":"msg_1",` + tt.fields + `}`)
		if err := json.Unmarshal(body, &fields); err != nil {
			t.Fatal(err)
		}
		form, kind := formOf(t, fields)
		for as, got := range map[string]string{
			"JSON": w.says(tt.method, "application/json", bytes.NewReader(body)), "a form": w.says(tt.method, kind, form),
		} {
			if got != tt.want {
				t.Errorf("%s of %s as %s is answered with %s, want %s", tt.method, tt.fields[:min(60, len(tt.fields))], as, got, tt.want)
			}
		}
	}
	if got := w.says("sendLocation", "application/json", strings.NewReader(`{"chat_id":2000,"latitude":40.4,"longitude":-3.7}`)); got != "Bad Request: CLIENT_ID_INVALID" {
		t.Errorf("without a client_id it is answered with %s", got)
	}
}

// formOf writes fields as a form, in which texts are not quoted.
func formOf(t *testing.T, fields map[string]any) (body io.Reader, kind string) {
	t.Helper()
	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	for name, v := range fields {
		text, isText := v.(string)
		if !isText {
			data, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			text = string(data)
		}
		if err := parts.WriteField(name, text); err != nil {
			t.Fatal(err)
		}
	}
	parts.Close()
	return &form, parts.FormDataContentType()
}

// says calls a method of the gateway, and returns the description of its error.
func (w *world) says(method, kind string, body io.Reader) string {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.gateway.URL+"/user"+secret+"/"+method, body)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	answer, err := (&http.Client{Transport: w}).Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	var said struct{ Description string }
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		w.t.Fatal(err)
	}
	return said.Description
}
