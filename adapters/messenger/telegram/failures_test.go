package telegram_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/telegram"
	"recado/domain"
)

// descriptions lists every error that Telegram is known to give to a send,
// written out from the contract: what an employee sees, and whether the message
// is tried again.
var descriptions = []struct {
	status int
	text   string
	code   domain.Code
	retry  bool
}{
	{400, "Bad Request: chat not found", e1, P},
	{400, "Bad Request: private chat not found", e1, P},
	{400, "Bad Request: user not found", e1, P},
	{400, "Bad Request: PEER_ID_INVALID", e1, P},
	{400, "Bad Request: INPUT_USER_DEACTIVATED", e1, P},
	{403, "Forbidden: user is deactivated", e1, P},
	{403, "Forbidden: INPUT_USER_DEACTIVATED", e1, P},

	{403, "Forbidden: bot was blocked by the user", e6, P},
	{403, "Forbidden: USER_IS_BLOCKED", e6, P},
	{400, "Bad Request: USER_IS_BLOCKED", e6, P},
	{403, "Forbidden: bot can't initiate conversation with a user", e6, P},
	{403, "Forbidden: bot can't send messages to bots", e6, P},
	{403, "Forbidden: bot can't send messages to the user", e6, P},
	{403, "Forbidden: bot was kicked from the group chat", e6, P},
	{403, "Forbidden: bot was kicked from the supergroup chat", e6, P},
	{403, "Forbidden: bot was kicked from the channel chat", e6, P},
	{403, "Forbidden: bot is not a member of the group chat", e6, P},
	{403, "Forbidden: bot is not a member of the supergroup chat", e6, P},
	{403, "Forbidden: bot is not a member of the channel chat", e6, P},
	{403, "Forbidden: the group chat was deleted", e6, P},
	{403, "Forbidden: something new", e6, P},

	{400, "Bad Request: group chat was upgraded to a supergroup chat", e6, P}, // without the new id
	{400, "Bad Request: message is too long", e6, P},
	{400, "Bad Request: message text is empty", e6, P},
	{400, "Bad Request: can't parse entities: Can't find end tag", e6, P},
	{400, "Bad Request: message caption is too long", e6, P},
	{400, "Bad Request: message to be replied not found", e6, P},
	{400, "Bad Request: wrong file identifier/HTTP URL specified", e6, P},
	{400, "Bad Request: failed to get HTTP URL content", e6, T},
	{400, "Bad Request: wrong type of the web page content", e6, P},
	{400, "Bad Request: file is too big", e6, P},
	{400, "Bad Request: PHOTO_INVALID_DIMENSIONS", e6, P},
	{400, "Bad Request: VOICE_MESSAGES_FORBIDDEN", e6, P},
	{400, "Bad Request: have no rights to send a message", e6, P},
	{400, "Bad Request: not enough rights to send text messages to the chat", e6, P},
	{400, "Bad Request: need administrator rights in the channel chat", e6, P},
	{400, "Bad Request: CHAT_WRITE_FORBIDDEN", e6, P},
	{400, "Bad Request: CHAT_RESTRICTED", e6, P},
	{400, "Bad Request: TOPIC_CLOSED", e6, P},
	{400, "Bad Request: message thread not found", e6, P},
	{400, "Bad Request: USER_BANNED_IN_CHANNEL", e6, P},
	{400, "Bad Request: BUSINESS_PEER_USAGE_MISSING", e6, P},
	{400, "Bad Request: BUSINESS_CONNECTION_INVALID", e6, P},
	{400, "Bad Request: something new", e6, P},

	{401, "Unauthorized", e6, P},
	{404, "Not Found", e6, P},
	{406, "PRIVACY_PREMIUM_REQUIRED", e6, P},
	{409, "Conflict: terminated by other getUpdates request", e6, P},
	{413, "Request Entity Too Large", e6, P},
	{421, "Misdirected Request", e6, P},
	{429, "Too Many Requests: retry after 30", e6, T},
	{500, "Internal Server Error: restart", e6, T},
	{500, "Internal Server Error", e6, T},
	{502, "Bad Gateway", e6, T},
	{503, "Service Unavailable", e6, T},
	{504, "Gateway Timeout", e6, T},
}

func TestErrors(t *testing.T) {
	for _, want := range descriptions {
		t.Run(fmt.Sprint(want.status, " ", want.text), func(t *testing.T) {
			a := answerTo(t, says(want.status, want.text))
			if a.Fate != domain.FateRefused || a.Failure.Code() != want.code || retried(a) != want.retry || a.MovedTo != "" {
				t.Errorf("%s %s, retry %t; want it refused as %s, retry %t", a.Fate, a.Failure.Code(), retried(a), want.code, want.retry)
			}
			cause := domain.Cause{Source: "telegram_bot", HTTPStatus: want.status, Code: fmt.Sprint(want.status), Title: want.text}
			if a.Failure.Cause != cause {
				t.Errorf("the cause is %+v, want %+v", a.Failure.Cause, cause)
			}
		})
	}
}

// Exactly the answers that the contract calls the end of a connection suspend it.
func TestWhatSuspendsAConnection(t *testing.T) {
	for _, row := range descriptions {
		ends := row.status == 401 || row.status == 404
		a := answerTo(t, says(row.status, row.text))
		if got := domain.Policies[a.Failure.Reason].Suspend; got != ends {
			t.Errorf("%d %s suspends: %t, want %t", row.status, row.text, got, ends)
		}
	}
}

// The waits that the contract names, in order, and no other try after them.
func TestWaits(t *testing.T) {
	tests := []struct {
		status int
		text   string
		want   []time.Duration
	}{
		{500, "Internal Server Error: restart", []time.Duration{time.Second, 5500 * time.Millisecond, 30 * time.Second}},
		{400, "Bad Request: failed to get HTTP URL content", []time.Duration{10 * time.Second}},
		{403, "Forbidden: bot was blocked by the user", nil},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			b := backoff(answerTo(t, says(test.status, test.text)))
			for i, want := range test.want {
				got, again := b.Wait(i+1, "msg_1")
				if !again || got < want || got > want+want/10 {
					t.Errorf("wait %d = %s, %t; want %s and up to a tenth", i+1, got, again, want)
				}
			}
			if _, again := b.Wait(len(test.want)+1, "msg_1"); again {
				t.Errorf("there is another try after %d", len(test.want)+1)
			}
		})
	}
}

// answerTo sends a message to a Telegram that gives the reply.
func answerTo(t *testing.T, r connectortest.Reply) domain.SendResult {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(r.Status)
		fmt.Fprint(w, r.Body)
	}))
	defer server.Close()
	return telegram.New(server.Client()).Send(t.Context(), connection(server.URL), message())
}

func retried(a domain.SendResult) bool {
	_, again := backoff(a).Wait(1, "")
	return again
}

func backoff(a domain.SendResult) domain.Backoff {
	if a.Retry != nil {
		return *a.Retry
	}
	return domain.Policies[a.Failure.Reason].Retry
}
