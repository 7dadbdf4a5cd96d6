package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	chat1    = "/v1/chats/chat_00000000000000000000000001"
	message2 = "/v1/messages/msg_00000000000000000000000002"
	file1    = "/v1/media/med_00000000000000000000000001"
)

const someSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func archive() *fakeStore {
	return &fakeStore{
		chats: []domain.Chat{hello, silent}, messages: []domain.Message{lost, offered, asked}, usage: []domain.Usage{onTrial, paid},
		staff: []domain.Employee{ana, crm, eva}, links: []domain.Connection{open, shut},
		ends: []domain.EndpointState{well, broken}, log: []domain.Delivery{taken, waits},
	}
}

// Each call's answer is a golden file of testdata, named as the row.
func TestCallsAnswer(t *testing.T) {
	tests := []struct {
		name   string
		store  *fakeStore
		call   string
		body   string
		status int
	}{
		{"chats", archive(), "GET /v1/chats", "", 200},
		{"chats, a page of one", archive(), "GET /v1/chats?limit=1", "", 200},
		{"chats, none", &fakeStore{}, "GET /v1/chats", "", 200},
		{"chat", archive(), "GET " + chat1, "", 200},
		{"messages", archive(), "GET " + chat1 + "/messages", "", 200},
		{"messages, a page of one", archive(), "GET " + chat1 + "/messages?limit=1", "", 200},
		{"message", archive(), "GET " + message2, "", 200},
		{"subscriptions", archive(), "GET /v1/subscriptions", "", 200},
		{"subscription changed", archive(), "PATCH /v1/subscriptions/acme-waba", `{"tariff":"avanzada","waba_dialogs":200}`, 200},
		{"connections", archive(), "GET /v1/connections", "", 200},
		{"connection resumed", archive(), "POST /v1/connections/bot-1/resume", "", 200},
		{"endpoints", archive(), "GET /v1/endpoints", "", 200},
		{"endpoint", archive(), "GET /v1/endpoints/hooks", "", 200},
		{"endpoint created", archive(), "POST /v1/endpoints", `{"url":"https://new.example/","events":["message.created"],"secret":"v1,` + someSecret + `"}`, 201},
		{"endpoint changed", archive(), "PATCH /v1/endpoints/hooks", `{"url":"https://new.example/","events":["*"],"batch":true}`, 200},
		{"endpoint tested", archive(), "POST /v1/endpoints/hooks/test", "", 200},
		{"secret rotated", archive(), "POST /v1/endpoints/hooks/rotate-secret", `{"secret":"` + someSecret + `","overlap_seconds":60}`, 200},
		{"endpoint enabled", archive(), "POST /v1/endpoints/hooks/enable", "", 200},
		{"deliveries", archive(), "GET /v1/endpoints/hooks/deliveries", "", 200},
		{"deliveries, a page of one", archive(), "GET /v1/endpoints/hooks/deliveries?limit=1", "", 200},
		{"delivery", archive(), "GET /v1/deliveries/dlv_7", "", 200},
		{"delivery retried", archive(), "POST /v1/deliveries/dlv_7/retry", "", 202},
		{"replay started", archive(), "POST /v1/endpoints/hooks/replay", `{"since":"2026-01-02T03:04:05.678Z","types":["chat.blocked"]}`, 202},
		{"replay that runs", replaying(), "POST /v1/endpoints/hooks/replay", `{}`, 200},
		{"replays", replaying(), "GET /v1/endpoints/hooks/replays", "", 200},
		{"replay", replaying(), "GET /v1/endpoints/hooks/replays/rep_1", "", 200},
		{"replay stopped", replaying(), "DELETE /v1/endpoints/hooks/replays/rep_1", "", 200},
		{"file uploaded", archive(), "POST /v1/media?name=hello.txt", "hello", 201},
		{"events", happened(), "GET /v1/events", "", 200},
		{"events, none", &fakeStore{}, "GET /v1/events", "", 200},
		{"employees", archive(), "GET /v1/employees", "", 200},
		{"failures", archive(), "GET /v1/failures", "", 200},
		{"message sent", applied(domain.Applied, hello, queued), "POST /v1/messages", `{"chat_id":"` + string(hello.ID) + `","type":"text","text":"Hola"}`, 202},
		{"message of a campaign sent", applied(domain.Applied, hello, campaign), "POST /v1/messages", `{"chat_id":"` + string(hello.ID) + `","type":"text","text":"Rebajas","bulk":true}`, 202},
		{"message sent again", applied(domain.Repeated, hello, queued), "POST /v1/messages", `{"chat_id":"` + string(hello.ID) + `","type":"text","text":"Hola","client_ref":"r-2"}`, 200},
		{"chat blocked", applied(domain.Applied, silent, domain.Message{}), "POST " + chat1 + "/block", "", 200},
		{"chat unblocked", applied(domain.Repeated, hello, domain.Message{}), "POST " + chat1 + "/unblock", "", 200},
		{"no reply needed", applied(domain.Applied, hello, domain.Message{}), "POST " + chat1 + "/no-reply-needed", `{"through_seq":7}`, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, tt.store)
			method, target, _ := strings.Cut(tt.call, " ")
			answer := s.as(t, "ana-key", method, target, tt.body)
			if answer.Code != tt.status || answer.Header().Get("Content-Type") != "application/json" {
				t.Errorf("%s = %d %s, want %d: %s", tt.call, answer.Code, answer.Header().Get("Content-Type"), tt.status, answer.Body)
			}
			golden(t, tt.name, answer)
		})
	}
}

// golden compares the answer, indented, with testdata.
func golden(t *testing.T, name string, answer *httptest.ResponseRecorder) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, answer.Body.Bytes(), "", "  "); err != nil {
		t.Fatalf("%s: %v", answer.Body, err)
	}
	file := filepath.Join("testdata", strings.NewReplacer(",", "", " ", "-").Replace(name)+".json")
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestCommandsReachTheStore(t *testing.T) {
	peer := domain.SendRequested{
		ID: "msg_00000000000000000000000009", Peer: "79990000000", By: "ana", Origin: domain.OriginEmployee, Type: domain.TypeText, Text: "Hola",
	}
	inChat := domain.SendRequested{
		ID: "msg_00000000000000000000000009", Chat: hello.ID, By: "crm", Origin: domain.OriginAPI, Type: domain.TypeText, Text: "Hola",
		ReplyTo: asked.ID, ClientRef: "r-2", KeepUnanswered: true,
	}
	callback, send := domain.CallbackLane("crm"), domain.SendLane("waba-1")
	tests := []struct {
		name    string
		key     string
		target  string
		body    string
		outcome domain.Outcome
		want    domain.Update
		hints   []domain.Lane
	}{
		{
			"a message to a phone number as people write it", "ana-key", "/v1/messages",
			`{"connection_id":"waba-1","peer_id":"+7 (999) 000-00-00","type":"text","text":"Hola"}`,
			domain.Applied,
			domain.Update{Connection: "waba-1", Fact: peer},
			[]domain.Lane{callback, send},
		},
		{
			"a template", "ana-key", "/v1/messages",
			`{"chat_id":"` + string(hello.ID) + `","type":"template","text":"Su pedido","template":{"name":"order_ready","language":"es","components":[{"type":"body"}]}}`,
			domain.Applied,
			domain.Update{Fact: domain.SendRequested{
				ID: "msg_00000000000000000000000009", Chat: hello.ID, By: "ana", Origin: domain.OriginEmployee, Type: domain.TypeTemplate, Text: "Su pedido",
				Template: &domain.Template{Name: "order_ready", Language: "es", Components: []byte(`[{"type":"body"}]`)},
			}},
			[]domain.Lane{callback, send},
		},
		{
			"a bot's answer in a chat", "crm-key", "/v1/messages",
			`{"chat_id":"` + string(hello.ID) + `","type":"text","text":"Hola","reply_to":"` + string(asked.ID) + `","client_ref":"r-2","clear_unanswered":false}`,
			domain.Applied,
			domain.Update{Fact: inChat},
			[]domain.Lane{callback, send},
		},
		{
			"a failed message tried again", "ana-key", "/v1/messages",
			`{"chat_id":"` + string(hello.ID) + `","type":"text","text":"Hola","retry_of":"` + string(asked.ID) + `"}`,
			domain.Applied,
			domain.Update{Fact: domain.SendRequested{
				ID: "msg_00000000000000000000000009", Chat: hello.ID, By: "ana", Origin: domain.OriginEmployee, Type: domain.TypeText, Text: "Hola", RetryOf: asked.ID,
			}},
			[]domain.Lane{callback, send},
		},
		{
			"a message that was sent before", "ana-key", "/v1/messages",
			`{"connection_id":"waba-1","peer_id":"79990000000","type":"text","text":"Hola","clear_unanswered":null}`,
			domain.Repeated,
			domain.Update{Connection: "waba-1", Fact: peer},
			[]domain.Lane{callback},
		},
		{
			"a block", "ana-key", chat1 + "/block", "",
			domain.Applied,
			domain.Update{Fact: domain.BlockRequested{Chat: hello.ID, By: "ana", Block: true}},
			[]domain.Lane{callback},
		},
		{
			"an unblock", "ana-key", chat1 + "/unblock", "",
			domain.Applied,
			domain.Update{Fact: domain.BlockRequested{Chat: hello.ID, By: "ana"}},
			[]domain.Lane{callback},
		},
		{
			"no reply needed", "ana-key", chat1 + "/no-reply-needed", `{"through_seq":7}`,
			domain.Applied,
			domain.Update{Fact: domain.NoReplyNeeded{Chat: hello.ID, ThroughSeq: 7}},
			[]domain.Lane{callback},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, applied(tt.outcome, hello, queued))
			s.as(t, tt.key, "POST", tt.target, tt.body)
			tt.want.Company, tt.want.Rights, tt.want.Received = "acme", keys[domain.Secret(tt.key)].Granted(), now
			if diff := cmp.Diff([]domain.Update{tt.want}, s.updates); diff != "" {
				t.Errorf("updates (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.hints, s.hints); diff != "" {
				t.Errorf("hints (-want +got):\n%s", diff)
			}
		})
	}
}
