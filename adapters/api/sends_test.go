package api

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

// A limited connector says how much it takes, and hears of courtesies.
type limited struct {
	domain.Connector
	shown chan domain.Courtesy
}

func (limited) Limits() []domain.Limit {
	return []domain.Limit{
		{Type: domain.TypeText, Text: 10},
		{Type: domain.TypeImage, Text: 5, Size: 100, MIMEs: []string{"image/png"}},
		{Type: domain.TypeVoice},
		{Type: domain.TypeInteractive, Text: 100, Choices: domain.ChoiceLimit{Buttons: 1}},
	}
}

func (l limited) Show(_ context.Context, _ domain.Connection, s domain.Courtesy) error {
	l.shown <- s
	return nil
}

var uploadedPhoto = domain.StoredMedia{
	ID: "med_1", Company: "acme", State: domain.MediaKept, MIME: "image/png", Name: "a.png", Size: 100, SHA: "ab", Seconds: 0,
}

func sending1(fields string) string { return `{"chat_id":"` + string(hello.ID) + `",` + fields + `}` }

func TestSendsReachTheStore(t *testing.T) {
	ask := func(typ domain.MessageType, change func(*domain.SendRequested)) domain.SendRequested {
		f := domain.SendRequested{ID: "msg_00000000000000000000000009", Chat: hello.ID, By: "ana", Origin: domain.OriginEmployee, Type: typ}
		change(&f)
		return f
	}
	content := func(c domain.Content) func(*domain.SendRequested) {
		return func(f *domain.SendRequested) { f.Content = &c }
	}
	tests := []struct {
		name, body string
		want       domain.SendRequested
	}{
		{
			"a file with a caption", `"type":"image","text":"Hola","media":{"id":"med_1"}`,
			ask(domain.TypeImage, func(f *domain.SendRequested) {
				f.Text, f.Media = "Hola", &domain.Media{ID: "med_1", MIME: "image/png", Name: "a.png", Size: 100, SHA: "ab"}
			}),
		},
		{
			"a place", `"type":"location","location":{"latitude":40.4168,"longitude":-3.7038,"name":"Sol"}`,
			ask(domain.TypeLocation, content(domain.Content{Location: &domain.Location{Latitude: "40.4168", Longitude: "-3.7038", Name: "Sol"}})),
		},
		{
			"a contact", `"type":"contacts","contacts":[{"name":"Ada","phones":["+34600110022"],"organization":"ACME"}]`,
			ask(domain.TypeContacts, content(domain.Content{Contacts: []domain.Card{{Name: "Ada", Phones: []string{"+34600110022"}, Organization: "ACME"}}})),
		},
		{
			"buttons", `"type":"interactive","text":"¿Viene?","interactive":{"header":"Cita","footer":"ACME","buttons":[{"id":"yes","title":"Sí"}]}`,
			ask(domain.TypeInteractive, func(f *domain.SendRequested) {
				f.Text = "¿Viene?"
				f.Content = &domain.Content{Interactive: &domain.Interactive{Header: "Cita", Footer: "ACME", Buttons: []domain.Button{{ID: "yes", Title: "Sí"}}}}
			}),
		},
		{
			"a list", `"type":"interactive","text":"Elija","interactive":{"list":{"button":"Ver","sections":[{"title":"Hoy","rows":[{"id":"1","title":"10:00","description":"libre"}]}]}}`,
			ask(domain.TypeInteractive, func(f *domain.SendRequested) {
				f.Text = "Elija"
				f.Content = &domain.Content{Interactive: &domain.Interactive{List: &domain.List{Button: "Ver", Sections: []domain.Section{
					{Title: "Hoy", Rows: []domain.Button{{ID: "1", Title: "10:00", Description: "libre"}}},
				}}}}
			}),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := applied(domain.Applied, hello, queued)
			store.file = &uploadedPhoto
			s := newServer(t, store)
			answer := s.as(t, "ana-key", "POST", "/v1/messages", sending1(tt.body))
			if answer.Code != 202 || len(s.updates) != 1 {
				t.Fatalf("= %d %s", answer.Code, answer.Body)
			}
			if diff := cmp.Diff(tt.want, s.updates[0].Fact); diff != "" {
				t.Errorf("update (-want +got):\n%s", diff)
			}
		})
	}
}

// Rule 59: what the messenger does not take is refused before it is accepted, with the limit.
func TestWhatDoesNotFitIsRefused(t *testing.T) {
	big, tiff, theirs := uploadedPhoto, uploadedPhoto, uploadedPhoto
	big.Size, tiff.MIME, theirs.Connection = 200, "image/tiff", "waba-1"
	image := `"type":"image","media":{"id":"med_1"}`
	tests := []struct {
		name, body string
		file       *domain.StoredMedia
		code       string
		detail     string
	}{
		{"a long text", `"type":"text","text":"` + strings.Repeat("ñ", 11) + `"`, nil, "too_long", "WhatsApp takes at most 10 characters."},
		{"a long caption", image + `,"text":"Buenos días"`, &uploadedPhoto, "too_long", "WhatsApp takes at most 5 characters."},
		{"a big file", image, &big, "media_not_accepted", "WhatsApp takes at most 0.0 MiB; this has 0.0 MiB."},
		{"a file of another type", image, &tiff, "media_not_accepted", "WhatsApp takes image/png; this is image/tiff."},
		{"too many buttons", `"type":"interactive","text":"a","interactive":{"buttons":[{"id":"1","title":"a"},{"id":"2","title":"b"}]}`, nil, "too_many", "WhatsApp takes at most 1 button."},
		{"a file that was not uploaded", image, nil, "invalid_request", "validation failed"},
		{"a file of a client", image, &theirs, "invalid_request", "validation failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := archive()
			store.file = tt.file
			s := newServer(t, store)
			s.api.Connectors = map[domain.Kind]domain.Connector{domain.WABA: limited{}}
			answer := s.as(t, "ana-key", "POST", "/v1/messages", sending1(tt.body))
			if p := said(t, answer); answer.Code != 422 || p.Code != tt.code || p.Detail != tt.detail || len(p.Errors) != 1 {
				t.Errorf("= %d %s, want %s: %s", answer.Code, answer.Body, tt.code, tt.detail)
			}
			if len(s.updates) > 0 {
				t.Errorf("the store got %v", s.updates)
			}
		})
	}
}

func TestATypeThatCannotBeSentNamesTheKindsThatCan(t *testing.T) {
	store := archive()
	store.receipt = domain.Receipt{Results: []domain.Result{{Err: domain.ErrUnsupportedType}}}
	answer := newServer(t, store).as(t, "ana-key", "PATCH", message2, `{"text":"Hola"}`)
	want := "This connection cannot send the type edit; these kinds can: whatsapp_business, telegram_personal, telegram_bot."
	if p := said(t, answer); answer.Code != 422 || p.Code != "unsupported_type" || p.Detail != want {
		t.Errorf("= %d %s", answer.Code, answer.Body)
	}
}

// An edit of a file changes its caption, where the messenger has one.
func TestACaptionIsEdited(t *testing.T) {
	tests := []struct {
		file domain.MessageType
		text string
		code int
		why  string
	}{
		{domain.TypeImage, "Sol", 202, ""},
		{domain.TypeImage, "Buenos días", 422, "too_long"},
		{domain.TypeVoice, "Sol", 409, "not_editable"},
	}
	for _, tt := range tests {
		t.Run(string(tt.file)+" "+tt.text, func(t *testing.T) {
			file := queued
			file.Connection, file.Type, file.ProviderID = "bot-1", tt.file, "700/1"
			store := archive()
			store.messages, store.receipt = []domain.Message{file}, applied(domain.Applied, silent, file).receipt
			s := newServer(t, store)
			s.api.Connectors = map[domain.Kind]domain.Connector{domain.TelegramBot: limited{}}
			answer := s.as(t, "ana-key", "PATCH", "/v1/messages/"+string(file.ID), `{"text":"`+tt.text+`"}`)
			if answer.Code != tt.code || len(s.updates) != map[bool]int{true: 1}[tt.why == ""] {
				t.Fatalf("= %d %s, the store got %v", answer.Code, answer.Body, s.updates)
			}
			if tt.why != "" && said(t, answer).Code != tt.why {
				t.Errorf("= %s", answer.Body)
			}
		})
	}
}

func TestActionsReachTheStore(t *testing.T) {
	act := func(typ domain.MessageType, text string) domain.ActionRequested {
		return domain.ActionRequested{
			ID: "msg_00000000000000000000000009", Target: lost.ID, By: "ana", Origin: domain.OriginEmployee, Type: typ, Text: text,
		}
	}
	tests := []struct {
		call, body string
		want       domain.ActionRequested
	}{
		{"POST " + message2 + "/reaction", `{"emoji":"👍"}`, act(domain.TypeReaction, "👍")},
		{"POST " + message2 + "/reaction", `{"emoji":""}`, act(domain.TypeReaction, "")},
		{"PATCH " + message2, `{"text":"No"}`, act(domain.TypeEdit, "No")},
		{"DELETE " + message2, "", act(domain.TypeDelete, "")},
	}
	for _, tt := range tests {
		t.Run(tt.call+tt.body, func(t *testing.T) {
			store := archive()
			reacted := queued
			reacted.Type, reacted.Target = tt.want.Type, lost.ID
			store.receipt = applied(domain.Applied, hello, reacted).receipt
			s := newServer(t, store)
			method, target, _ := strings.Cut(tt.call, " ")
			answer := s.as(t, "ana-key", method, target, tt.body)
			if answer.Code != 202 || len(s.updates) != 1 || s.updates[0].Connection != "waba-1" {
				t.Fatalf("= %d %s, the store got %v", answer.Code, answer.Body, s.updates)
			}
			if diff := cmp.Diff(tt.want, s.updates[0].Fact); diff != "" {
				t.Errorf("update (-want +got):\n%s", diff)
			}
			if len(s.hints) == 0 || !strings.Contains(answer.Body.String(), `"target_id":"`+string(lost.ID)+`"`) {
				t.Errorf("hints %v, answer %s", s.hints, answer.Body)
			}
		})
	}
}

// Typing and read marks are promised to nobody: the call is answered at once, and only
// what an open chat of a connector that has them is shown.
func TestCourtesies(t *testing.T) {
	shown := make(chan domain.Courtesy, 10)
	f := archive()
	notice := domain.Message{ID: "msg_notice", Chat: hello.ID, Direction: domain.Inbound, Type: domain.TypeSystem, ProviderID: "a name of ours"}
	f.messages = append([]domain.Message{notice}, f.messages...) // which the messenger does not know
	s := newServer(t, f)
	s.api.Connectors = map[domain.Kind]domain.Connector{domain.WABA: limited{shown: shown}, domain.TelegramBot: limited{shown: shown}}
	call := func(target, body string) {
		t.Helper()
		if answer := s.as(t, "ana-key", "POST", target, body); answer.Code != 202 || answer.Body.Len() > 0 {
			t.Errorf("%s = %d %s, want 202", target, answer.Code, answer.Body)
		}
	}
	wait := func(want domain.Courtesy) {
		t.Helper()
		select {
		case got := <-shown:
			if got != want {
				t.Errorf("shown %+v, want %+v", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("nothing was shown, want %+v", want)
		}
	}
	call(chat1+"/typing", "")
	wait(domain.Courtesy{Typing: true, Peer: hello.Peer, Message: asked.ProviderID})
	call(chat1+"/typing", "") // too soon
	call(chat1+"/read", `{"through_seq":7}`)
	wait(domain.Courtesy{Peer: hello.Peer, Message: asked.ProviderID})
	call("/v1/chats/"+string(silent.ID)+"/typing", "") // on the blacklist
	if len(shown) > 0 {
		t.Errorf("shown %+v", <-shown)
	}
	if answer := s.as(t, "eva-key", "POST", chat1+"/typing", ""); answer.Code != 403 {
		t.Errorf("without the right = %d", answer.Code)
	}
	if answer := s.as(t, "ana-key", "POST", "/v1/chats/chat_9/typing", ""); answer.Code != 404 {
		t.Errorf("in no chat = %d", answer.Code)
	}
}

// A messenger that hangs takes the courtesies of its own connection along, and no others.
func TestCourtesiesOfAConnectionLeaveRoomForOthers(t *testing.T) {
	c := newCourtesies()
	var end func()
	begin := func(over domain.ConnectionID, chat int) bool {
		ends, ok := c.begin(over, shown{domain.ChatID(fmt.Sprint(over, chat)), true}, now)
		if ok && over == "hangs" {
			end = ends
		}
		return ok
	}
	for i := range courtesiesOfOne {
		if !begin("hangs", i) {
			t.Fatalf("courtesy %d is left out", i)
		}
	}
	if begin("hangs", courtesiesOfOne) || !begin("works", 1) {
		t.Error("it takes more than its own")
	}
	end()
	if !begin("hangs", courtesiesOfOne) {
		t.Error("it gets no room back")
	}
}
