package api

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recado/domain"
)

func TestCursorsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moment := rapid.Custom(func(t *rapid.T) time.Time {
			return rapid.SampledFrom([]time.Time{{}, time.UnixMilli(rapid.Int64Range(-1e12, 1e14).Draw(t, "ms")).UTC()}).Draw(t, "time")
		})
		name := rapid.StringMatching(`[0-9A-Z]{26}`).Draw(t, "id")
		c := domain.Chat{ID: domain.ChatID("chat_" + name), LastInboundAt: moment.Draw(t, "last"), CreatedAt: moment.Draw(t, "created")}
		place, err := parseChatCursor(chatCursor(c))
		if want := (domain.ChatCursor{LastInboundAt: c.LastInboundAt, CreatedAt: c.CreatedAt, ID: c.ID}); err != nil || place != want {
			t.Errorf("parseChatCursor = %v, %v, want %v", place, err, want)
		}
		m := domain.Message{ID: domain.MessageID("msg_" + name), At: moment.Draw(t, "at")}
		at, err := parseMessageCursor(messageCursor(m))
		if want := (domain.MessageCursor{At: m.At, ID: m.ID}); err != nil || at != want {
			t.Errorf("parseMessageCursor = %v, %v, want %v", at, err, want)
		}
	})
}

func TestInvalidCursors(t *testing.T) {
	write := base64.RawURLEncoding.EncodeToString
	tests := map[string]string{
		"no base64":              "%%%",
		"nothing in it":          write([]byte(" ")),
		"another list":           messageCursor(asked),
		"no time":                write([]byte("chats " + string(hello.ID) + " 1")),
		"a time too many":        write([]byte("chats " + string(hello.ID) + " 1 2 3")),
		"a time in words":        write([]byte("chats " + string(hello.ID) + " 1 now")),
		"a time beyond all":      write([]byte("chats " + string(hello.ID) + " 1 99999999999999999999")),
		"an id of another form":  write([]byte("chats chat_1 1 2")),
		"an id with NUL in it":   write([]byte("chats chat_\x000000000000000000000000001 1 2")),
		"a cursor and some more": chatCursor(hello) + "AA",
	}
	for name, cursor := range tests {
		if _, err := parseChatCursor(cursor); err == nil || err.Error() != "invalid cursor" {
			t.Errorf("%s = %v", name, err)
		}
	}
}

// Following the cursors shows every chat once.
func TestPagesCoverTheList(t *testing.T) {
	s := newServer(t, archive())
	first := s.as(t, "ana-key", "GET", "/v1/chats?connection=waba-1&q=Luz+M.&unanswered=true&blocked=true&limit=1", "")
	if want := (domain.ChatQuery{Connection: "waba-1", Search: "Luz M.", Unanswered: true, Blocked: true, Limit: 2}); s.chatsBy != want {
		t.Errorf("the store was asked for %+v, want %+v", s.chatsBy, want)
	}
	s.as(t, "ana-key", "GET", "/v1/chats?limit=200&cursor="+next(t, first.Body.String()), "")
	want := domain.ChatQuery{Limit: 201, After: domain.ChatCursor{LastInboundAt: hello.LastInboundAt, CreatedAt: hello.CreatedAt, ID: hello.ID}}
	if s.chatsBy != want {
		t.Errorf("the store was asked for %+v, want %+v", s.chatsBy, want)
	}
	page := s.as(t, "ana-key", "GET", chat1+"/messages?limit=1", "")
	s.as(t, "ana-key", "GET", chat1+"/messages?cursor="+next(t, page.Body.String()), "")
	if want := (domain.MessageQuery{Chat: hello.ID, Limit: 51, After: domain.MessageCursor{At: lost.At, ID: lost.ID}}); s.messageBy != want {
		t.Errorf("the store was asked for %+v, want %+v", s.messageBy, want)
	}
}

func next(t *testing.T, body string) string {
	t.Helper()
	var p page[struct{}]
	if err := json.NewDecoder(strings.NewReader(body)).Decode(&p); err != nil || p.NextCursor == nil {
		t.Fatalf("no next_cursor in %s: %v", body, err)
	}
	return *p.NextCursor
}
