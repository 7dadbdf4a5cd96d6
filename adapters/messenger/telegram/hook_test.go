package telegram_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"recado/adapters/messenger/telegram"
	"recado/domain"
)

// A press is acknowledged by its id, and an error of it hides the token.
func TestAcknowledge(t *testing.T) {
	s := newServer(t, `{"ok":true,"result":true}`, `{"ok":false,"error_code":400,"description":"query is too old, /bot`+botToken+`"}`)
	c := telegram.New(http.DefaultClient)
	if err := c.Acknowledge(t.Context(), connection(s.URL), "q7"); err != nil {
		t.Fatal(err)
	}
	err := c.Acknowledge(t.Context(), connection(s.URL), "q8")
	if err == nil || !strings.Contains(err.Error(), "too old") || strings.Contains(err.Error(), botToken) {
		t.Errorf("the error is %v", err)
	}
	paths, bodies := s.got()
	if paths[0] != "POST /bot"+botToken+"/answerCallbackQuery" || string(bodies[0]) != `{"callback_query_id":"q7"}` {
		t.Errorf("sent %s to %s", bodies[0], paths[0])
	}
}

// The webhook is set with the secret and every kind of update that Parse reads.
func TestSetHook(t *testing.T) {
	s := newServer(t, `{"ok":true,"result":true}`)
	err := telegram.New(http.DefaultClient).SetHook(t.Context(), connection(s.URL), "https://recado.example/webhooks/telegram_bot/bot-1")
	if err != nil {
		t.Fatal(err)
	}
	_, bodies := s.got()
	var asked struct {
		URL    string
		Secret string   `json:"secret_token"`
		Kinds  []string `json:"allowed_updates"`
	}
	if err := json.Unmarshal(bodies[0], &asked); err != nil {
		t.Fatal(err)
	}
	if asked.URL != "https://recado.example/webhooks/telegram_bot/bot-1" || asked.Secret == "" || !slices.Contains(asked.Kinds, "my_chat_member") {
		t.Errorf("asked %+v", asked)
	}
	for _, kind := range asked.Kinds {
		if p := telegram.New(http.DefaultClient).Parse(fmt.Appendf(nil, `{"update_id":1,%q:"x"}`, kind)); len(p.Bad) != 1 {
			t.Errorf("updates of the kind %s are asked for and not read", kind)
		}
	}
}

func TestWatch(t *testing.T) {
	const hook = "https://recado.example/webhooks/telegram_bot/bot-1"
	failed := fmt.Sprintf(`{"url":%q,"pending_update_count":"250","last_error_date":%d,"last_error_message":"Connection refused"}`, hook, time.Now().Unix())
	long := fmt.Sprintf(`{"url":%q,"pending_update_count":3,"last_error_date":%d,"last_error_message":"Connection refused"}`, hook, time.Now().Add(-time.Hour).Unix())
	tests := []struct {
		name, info, want string
		waiting          int64
	}{
		{"all is well", fmt.Sprintf(`{"url":%q,"pending_update_count":0}`, hook), "", 0},
		{"another URL", `{"url":"https://other.example/x?secret=1"}`, "critical the webhook of the bot goes to another URL https://other.example/x", 0},
		{"no URL", `{"url":""}`, "critical the bot has no webhook run recado hooks --set", 0},
		{"an error now", failed, "warning Telegram cannot deliver webhooks Connection refused", 250},
		{"an error long ago", long, "", 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, `{"ok":true,"result":`+tt.info+`}`)
			seen, err := telegram.New(http.DefaultClient).Watch(t.Context(), connection(s.URL), hook)
			var got []string
			for _, p := range seen.Problems {
				got = append(got, fmt.Sprintf("%s %s %s", p.Level, p.Title, p.Details))
			}
			if err != nil || strings.Join(got, ";") != tt.want || seen.Waiting != tt.waiting {
				t.Errorf("saw %v, %d waiting, %v", got, seen.Waiting, err)
			}
		})
	}
	s := newServer(t, `{"ok":false,"error_code":401,"description":"Unauthorized"}`)
	if seen, err := telegram.New(http.DefaultClient).Watch(t.Context(), domain.Connection(connection(s.URL)), hook); err == nil {
		t.Errorf("saw %+v", seen)
	}
}

// The answer to a business message is named in the chat of the business connection.
func TestSendNamesABusinessMessage(t *testing.T) {
	s := newServer(t, takenIn(7001, 9))
	a := telegram.New(http.DefaultClient).Send(t.Context(), connection(s.URL), message(to("7001/b:BC7")))
	if a.ProviderID != "7001/b:BC7/9" || a.Peers != nil {
		t.Errorf("Send = %+v", a)
	}
	if _, bodies := s.got(); !strings.Contains(string(bodies[0]), `"business_connection_id":"BC7"`) {
		t.Errorf("sent %s", bodies[0])
	}
}
