package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/julienschmidt/httprouter"

	"recado/domain"
)

const sendHello = `{"chat_id":"chat_00000000000000000000000001","type":"text","text":"Hola"}`

// said reads a problem, and checks that it is one.
func said(t *testing.T, answer *httptest.ResponseRecorder) problem {
	t.Helper()
	var p problem
	if err := json.Unmarshal(answer.Body.Bytes(), &p); err != nil {
		t.Fatalf("%d %s: %v", answer.Code, answer.Body, err)
	}
	if got := answer.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type = %q", got)
	}
	if p.Status != answer.Code || p.Title == "" || p.Code == "" || p.Detail == "" {
		t.Errorf("%d with the problem %+v", answer.Code, p)
	}
	return p
}

func TestRefusalsHaveAStatus(t *testing.T) {
	tests := []struct {
		refusal domain.Refusal
		status  int
		code    string
	}{
		{domain.ErrNotFound, 404, "not_found"},
		{domain.ErrChatBlocked, 409, "chat_blocked"},
		{domain.ErrUnsupportedChat, 422, "unsupported_chat"},
		{domain.ErrClientRefConflict, 409, "client_ref_conflict"},
		{domain.ErrNotSentYet, 409, "reply_to_not_sent"},
		{domain.ErrNotFailed, 409, "retry_of_not_failed"},
		{domain.ErrForbidden, 403, "forbidden"},
		{domain.ErrSubscriptionNotPaid, 402, "subscription_not_paid"},
		{domain.ErrTariffNotAllowed, 403, "tariff_not_allowed"},
		{domain.ErrVoiceNotAvailable, 403, "voice_not_available_on_tariff"},
		{domain.ErrUnsupportedType, 422, "unsupported_type"},
		{domain.ErrDeclaredInFile, 409, "declared_in_file"},
		{domain.ErrEndpointExists, 409, "endpoint_exists"},
		{domain.ErrTooManyEndpoints, 409, "too_many_endpoints"},
		{domain.ErrAlreadyDelivered, 409, "already_delivered"},
		{domain.ErrTargetNotSent, 409, "message_not_sent"},
		{domain.ErrNotEditable, 409, "not_editable"},
	}
	for _, tt := range tests {
		s := newServer(t, &fakeStore{receipt: domain.Receipt{Results: []domain.Result{{Err: tt.refusal}}}})
		for target, body := range map[string]string{"/v1/messages": sendHello, chat1 + "/block": "", chat1 + "/no-reply-needed": `{"through_seq":1}`} {
			if tt.status == 409 && body != sendHello {
				continue // only a send is refused so
			}
			if tt.status == 402 && target != chat1+"/block" {
				continue // only the blacklist is refused so
			}
			answer := s.as(t, "ana-key", "POST", target, body)
			if p := said(t, answer); answer.Code != tt.status || p.Code != tt.code {
				t.Errorf("%s refused as %s = %d %s, want %d %s", target, tt.refusal, answer.Code, p.Code, tt.status, tt.code)
			}
		}
		if len(s.hints) > 0 || s.log.Len() > 0 {
			t.Errorf("%s hinted %v and logged %s", tt.refusal, s.hints, &s.log)
		}
	}
}

func TestEveryRefusalHasALine(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "../../domain/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared, listed := 0, 0
	ast.Inspect(f, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if typ, ok := v.Type.(*ast.Ident); ok && typ.Name == "Refusal" {
				declared += len(v.Names)
			}
		}
		return true
	})
	for _, row := range problems {
		if r, ok := row.err.(domain.Refusal); ok {
			listed++
			if row.code != string(r) {
				t.Errorf("the code of %s is %s", r, row.code)
			}
		}
	}
	if declared == 0 || listed != declared {
		t.Errorf("%d refusals are declared, %d have a line", declared, listed)
	}
}

func TestInvalidRequestsNameTheField(t *testing.T) {
	message := func(fields string) string { return `{"type":"text","text":"Hola"` + fields + `}` }
	chat := `,"chat_id":"chat_1"`
	tests := []struct {
		name   string
		call   string
		body   string
		status int
		code   string
		fields []string
	}{
		{"no body", "POST /v1/messages", "", 400, "invalid_request", nil},
		{"no JSON", "POST /v1/messages", "{", 400, "invalid_request", []string{"body"}},
		{"not UTF-8", "POST /v1/messages", message(`,"client_ref":"` + "\xff" + `"`), 400, "invalid_request", []string{"body"}},
		{"a list", "POST /v1/messages", "[]", 422, "invalid_request", []string{"body"}},
		{"too large", "POST /v1/messages", message(`,"client_ref":"` + strings.Repeat("x", 1<<20) + `"`), 413, "too_large", nil},
		{"a misspelt filter", "GET /v1/chats?unansered=true", "", 422, "invalid_request", []string{"query.unansered"}},
		{"an unknown field", "POST /v1/messages", message(chat + `,"txt":"x"`), 422, "invalid_request", []string{"body.txt"}},
		{"a field once more in capitals", "POST /v1/messages", message(chat + `,"TEXT":""`), 422, "invalid_request", []string{"body.TEXT"}},
		{"two wrong fields", "POST /v1/messages", message(chat + `,"client_ref":"","reply_to":5`), 422, "invalid_request", []string{"body.client_ref", "body.reply_to"}},
		{"a retry that replies to another message", "POST /v1/messages", message(chat + `,"reply_to":"msg_1","retry_of":"msg_2"`), 422, "invalid_request", []string{"body.reply_to"}},
		{"no type", "POST /v1/messages", `{"chat_id":"chat_1","text":"Hola"}`, 422, "invalid_request", []string{"body.type"}},
		{"an unknown type", "POST /v1/messages", `{"chat_id":"chat_1","type":"poem"}`, 422, "invalid_request", []string{"body.type"}},
		{"an image without a file", "POST /v1/messages", `{"chat_id":"chat_1","type":"image"}`, 422, "invalid_request", []string{"body.media"}},
		{"a text with a file", "POST /v1/messages", message(chat + `,"media":{"id":"med_1"}`), 422, "invalid_request", []string{"body.media"}},
		{"a location without a place", "POST /v1/messages", `{"chat_id":"chat_1","type":"location"}`, 422, "invalid_request", []string{"body.location"}},
		{"a place outside of the world", "POST /v1/messages", `{"chat_id":"chat_1","type":"location","location":{"latitude":91,"longitude":0}}`, 422, "invalid_request", []string{"body.location.latitude"}},
		{"contacts of nobody", "POST /v1/messages", `{"chat_id":"chat_1","type":"contacts","contacts":[]}`, 422, "invalid_request", []string{"body.contacts"}},
		{"a contact without a number", "POST /v1/messages", `{"chat_id":"chat_1","type":"contacts","contacts":[{"name":"Ada","phones":[]}]}`, 422, "invalid_request", []string{"body.contacts[0].phones"}},
		{"nothing to choose from", "POST /v1/messages", `{"chat_id":"chat_1","type":"interactive","text":"Elija","interactive":{}}`, 422, "invalid_request", []string{"body.interactive"}},
		{"two forms to choose from", "POST /v1/messages", `{"chat_id":"chat_1","type":"interactive","text":"Elija","interactive":{"buttons":[{"id":"1","title":"a"}],"link":{"title":"b","url":"https://b.example/"}}}`, 422, "invalid_request", []string{"body.interactive"}},
		{"a link that a browser would run", "POST /v1/messages", `{"chat_id":"chat_1","type":"interactive","text":"Elija","interactive":{"link":{"title":"b","url":"javascript:alert(1)"}}}`, 422, "invalid_request", []string{"body.interactive.link.url"}},
		{"a reaction that is a text", "POST " + message2 + "/reaction", `{"emoji":"much more than one"}`, 422, "invalid_request", []string{"body.emoji"}},
		{"an edit without a text", "PATCH " + message2, `{"text":""}`, 422, "invalid_request", []string{"body.text"}},
		{"a read mark without a place", "POST " + chat1 + "/read", `{}`, 422, "invalid_request", []string{"body.through_seq"}},
		{"no template", "POST /v1/messages", `{"chat_id":"chat_1","type":"template"}`, 422, "invalid_request", []string{"body.template"}},
		{"a template with a text", "POST /v1/messages", message(chat + `,"template":{"name":"a","language":"es"}`), 422, "invalid_request", []string{"body.template"}},
		{"a template of no name", "POST /v1/messages", `{"chat_id":"chat_1","type":"template","template":{"name":"Not a name","language":"es"}}`, 422, "invalid_request", []string{"body.template.name"}},
		{"a template in no language", "POST /v1/messages", `{"chat_id":"chat_1","type":"template","template":{"name":"a","language":"spanish"}}`, 422, "invalid_request", []string{"body.template.language"}},
		{"a template with a NUL", "POST /v1/messages", `{"chat_id":"chat_1","type":"template","template":{"name":"a","language":"es","components":[{"text":"\u0000"}]}}`, 422, "invalid_request", []string{"body.template.components"}},
		{"a long template", "POST /v1/messages", `{"chat_id":"chat_1","type":"template","template":{"name":"a","language":"es","components":["` + strings.Repeat("x", 17000) + `"]}}`, 422, "invalid_request", []string{"body.template.components"}},
		{"no text", "POST /v1/messages", `{"chat_id":"chat_1","type":"text"}`, 422, "invalid_request", []string{"body.text"}},
		{"an empty text", "POST /v1/messages", `{"chat_id":"chat_1","type":"text","text":""}`, 422, "invalid_request", []string{"body.text"}},
		{"a long text", "POST /v1/messages", `{"chat_id":"chat_1","type":"text","text":"` + strings.Repeat("ñ", 4097) + `"}`, 422, "invalid_request", []string{"body.text"}},
		{"a text with NUL", "POST /v1/messages", `{"chat_id":"chat_1","type":"text","text":"a\u0000b"}`, 422, "invalid_request", []string{"body.text"}},
		{"a long client_ref", "POST /v1/messages", message(chat + `,"client_ref":"` + strings.Repeat("r", 129) + `"`), 422, "invalid_request", []string{"body.client_ref"}},
		{"nobody to send to", "POST /v1/messages", message(""), 422, "invalid_request", []string{"body.chat_id"}},
		{"a chat and a connection", "POST /v1/messages", message(chat + `,"connection_id":"waba-1"`), 422, "invalid_request", []string{"body.chat_id"}},
		{"a chat and a peer", "POST /v1/messages", message(chat + `,"peer_id":"1"`), 422, "invalid_request", []string{"body.chat_id"}},
		{"a connection without a peer", "POST /v1/messages", message(`,"connection_id":"waba-1"`), 422, "invalid_request", []string{"body.peer_id"}},
		{"a peer without a connection", "POST /v1/messages", message(`,"peer_id":"1"`), 422, "invalid_request", []string{"body.connection_id"}},
		{"a peer that is none", "POST /v1/messages", message(`,"connection_id":"waba-1","peer_id":"a b"`), 422, "invalid_request", []string{"body.peer_id"}},
		{"no through_seq", "POST " + chat1 + "/no-reply-needed", `{}`, 422, "invalid_request", []string{"body.through_seq"}},
		{"another field beside through_seq", "POST " + chat1 + "/no-reply-needed", `{"through_seq":1,"all":true}`, 422, "invalid_request", []string{"body.all"}},
		{"a through_seq with an exponent", "POST " + chat1 + "/no-reply-needed", `{"through_seq":1e3}`, 422, "invalid_request", []string{"body"}},
		{"a negative through_seq", "POST " + chat1 + "/no-reply-needed", `{"through_seq":-1}`, 422, "invalid_request", []string{"body.through_seq"}},
		{"limit of none", "GET /v1/chats?limit=0", "", 422, "invalid_request", []string{"query.limit"}},
		{"limit of too many", "GET " + chat1 + "/messages?limit=201", "", 422, "invalid_request", []string{"query.limit"}},
		{"limit in words", "GET /v1/chats?limit=ten", "", 422, "invalid_request", []string{"query.limit"}},
		{"a cursor of another list", "GET " + chat1 + "/messages?cursor=" + chatCursor(hello), "", 422, "invalid_request", []string{"query.cursor"}},
		{"a cursor of nowhere", "GET /v1/chats?cursor=x", "", 422, "invalid_request", []string{"query.cursor"}},
		{"an id that is not text", "GET /v1/chats/%ff%00", "", 422, "invalid_request", []string{"path.id"}},
		{"an endpoint with an id that no URL can carry", "POST /v1/endpoints", `{"id":"a b","url":"https://crm.example/","events":[]}`, 422, "invalid_request", []string{"body.id"}},
		{"an endpoint without events", "POST /v1/endpoints", `{"url":"https://crm.example/"}`, 422, "invalid_request", []string{"body.events"}},
		{"an event that is none", "POST /v1/endpoints", `{"url":"https://crm.example/","events":["message.create"]}`, 422, "invalid_request", []string{"body.events[0]"}},
		{"an address that is none", "POST /v1/endpoints", `{"url":"crm.example","events":[]}`, 422, "invalid_request", []string{"body.url"}},
		{"an address with a password", "PATCH /v1/endpoints/hooks", `{"url":"https://ana:secret@crm.example/"}`, 422, "invalid_request", []string{"body.url"}},
		{"a secret that is short", "POST /v1/endpoints", `{"url":"https://crm.example/","events":[],"secret":"whsec_c2VjcmV0"}`, 422, "invalid_request", []string{"body.secret"}},
		{"a secret that is a private key", "POST /v1/endpoints/hooks/rotate-secret", `{"secret":"whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}`, 422, "invalid_request", []string{"body.secret"}},
		{"an overlap of more than a week", "POST /v1/endpoints/hooks/rotate-secret", `{"overlap_seconds":604801}`, 422, "invalid_request", []string{"body.overlap_seconds"}},
		{"the secret of an endpoint by a change", "PATCH /v1/endpoints/hooks", `{"secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}`, 422, "invalid_request", []string{"body.secret"}},
		{"a state that is none", "GET /v1/endpoints/hooks/deliveries?state=lost", "", 422, "invalid_request", []string{"query.state"}},
		{"a time that is none", "GET /v1/endpoints/hooks/deliveries?since=yesterday", "", 422, "invalid_request", []string{"query.since"}},
		{"a cursor of chats for deliveries", "GET /v1/endpoints/hooks/deliveries?cursor=" + chatCursor(hello), "", 422, "invalid_request", []string{"query.cursor"}},
		{"a connection that is not text", "GET /v1/chats?connection=%00", "", 422, "invalid_request", []string{"query.connection"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, archive())
			method, target, _ := strings.Cut(tt.call, " ")
			answer := s.as(t, "ana-key", method, target, tt.body)
			p := said(t, answer)
			if answer.Code != tt.status || p.Code != tt.code {
				t.Errorf("= %d %s, want %d %s: %s", answer.Code, p.Code, tt.status, tt.code, answer.Body)
			}
			var fields []string
			for _, f := range p.Errors {
				fields = append(fields, f.Field)
				if f.Message == "" || strings.Contains(f.Message, "Go ") {
					t.Errorf("the mend of %s is %q", f.Field, f.Message)
				}
			}
			if diff := cmp.Diff(tt.fields, fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s%s", diff, answer.Body)
			}
			if len(s.companies) > 0 {
				t.Error("the store was asked")
			}
		})
	}
}

func TestOtherMediaTypesAreRefused(t *testing.T) {
	r := httptest.NewRequest("POST", "/v1/messages", strings.NewReader("a=b"))
	r.Header.Set("Authorization", "Bearer ana-key")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer := newServer(t, archive()).do(t, r)
	if p := said(t, answer); answer.Code != 415 || p.Code != "unsupported_media_type" {
		t.Errorf("= %d %s", answer.Code, answer.Body)
	}
}

func TestATruncatedBody(t *testing.T) {
	r := httptest.NewRequest("POST", "/v1/messages", iotest.ErrReader(errors.New("unexpected EOF")))
	r.Header.Set("Authorization", "Bearer ana-key")
	answer := newServer(t, archive()).do(t, r)
	if p := said(t, answer); answer.Code != 400 || p.Code != "invalid_request" {
		t.Errorf("= %d %s", answer.Code, answer.Body)
	}
}

func TestStoreErrors(t *testing.T) {
	away := fmt.Errorf("read chats: dial 10.0.0.1: %w", domain.ErrUnavailable)
	left := fmt.Errorf("read chats: dial 10.0.0.1: %w", context.Canceled)
	broken := &domain.DataError{Err: errors.New("column 10.0.0.1 is gone")}
	tests := []struct {
		name   string
		store  fakeStore
		status int
		code   string
		retry  string
		logs   int
	}{
		{"the store is away", fakeStore{err: away}, 503, "unavailable", "1", 0},
		{"the store is away when the key is looked up", fakeStore{keysErr: away}, 503, "unavailable", "1", 0},
		{"the caller left", fakeStore{err: left}, 503, "unavailable", "1", 0},
		{"the store is broken", fakeStore{err: broken}, 500, "internal", "", 1},
		{"the store is broken when the key is looked up", fakeStore{keysErr: broken}, 500, "internal", "", 1},
		{"a panic", fakeStore{panics: "at 10.0.0.1"}, 500, "internal", "", 1},
	}
	for _, tt := range tests {
		s := newServer(t, &tt.store)
		for _, c := range calls {
			s.log.Reset()
			method, target, _ := strings.Cut(c.call, " ")
			answer := s.as(t, "ana-key", method, target, c.body)
			p := said(t, answer)
			if answer.Code != tt.status || p.Code != tt.code || answer.Header().Get("Retry-After") != tt.retry {
				t.Errorf("%s, %s = %d %s %v", tt.name, c.call, answer.Code, p.Code, answer.Header())
			}
			if strings.Contains(answer.Body.String(), "10.0.0.1") {
				t.Errorf("%s, %s tells internals: %s", tt.name, c.call, answer.Body)
			}
			log := s.log.String()
			if strings.Count(log, "request failed") != tt.logs || strings.Contains(log, "Hola") || strings.Contains(log, "ana-key") {
				t.Errorf("%s, %s logs, %d lines wanted: %s", tt.name, c.call, tt.logs, log)
			}
		}
	}
}

func TestACallOfAStoreThatHangsEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, &fakeStore{hangs: true})
		begun := time.Now()
		if answer := s.as(t, "ana-key", "GET", "/v1/chats", ""); answer.Code != 503 || time.Since(begun) != callTimeout {
			t.Errorf("answered %d after %s", answer.Code, time.Since(begun))
		}
	})
}

// http.ErrAbortHandler must reach the server, which then closes the connection.
func TestAnAbortIsNotAnswered(t *testing.T) {
	s := newServer(t, &fakeStore{panics: http.ErrAbortHandler})
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("panic %v", p)
		}
	}()
	s.as(t, "ana-key", "GET", "/v1/chats", "")
	t.Error("it was answered")
}

func TestUnknownRoutes(t *testing.T) {
	s := newServer(t, archive())
	s.router.POST("/webhooks", func(http.ResponseWriter, *http.Request, httprouter.Params) {})
	tests := []struct {
		method, target string
		status         int
		code           string // empty: no problem, the router's own answer
	}{
		{"GET", "/v1/nothing", 404, "not_found"},
		{"GET", "/v1", 404, "not_found"},
		{"DELETE", "/v1/chats", 405, "method_not_allowed"},
		{"GET", "/v1/openapi.yaml", 404, "not_found"},
		{"GET", "/v1/openapi-3.0.json", 404, "not_found"},
		{"GET", "/docs", 404, ""},
		{"GET", "/webhooks", 405, ""},
		{"GET", "/v10", 404, ""},
	}
	for _, tt := range tests {
		answer := s.as(t, "ana-key", tt.method, tt.target, "")
		if answer.Code != tt.status {
			t.Errorf("%s %s = %d, want %d", tt.method, tt.target, answer.Code, tt.status)
		}
		if tt.code == "" {
			if strings.Contains(answer.Header().Get("Content-Type"), "problem") {
				t.Errorf("%s %s answers with a problem", tt.method, tt.target)
			}
		} else if p := said(t, answer); p.Code != tt.code {
			t.Errorf("%s %s = %s, want %s", tt.method, tt.target, p.Code, tt.code)
		}
	}
}
