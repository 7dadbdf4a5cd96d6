package telegram_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/messenger/telegram"
	"recado/domain"
)

func message(changes ...func(*domain.Outgoing)) domain.Outgoing {
	m := domain.Outgoing{ID: "msg_1", Peer: "3527065", Type: domain.TypeText, Text: "Hola <b> & ñ", Attempt: 1}
	for _, change := range changes {
		change(&m)
	}
	return m
}

func to(peer domain.PeerID) func(*domain.Outgoing) {
	return func(m *domain.Outgoing) { m.Peer = peer }
}

func replying(id domain.ProviderID) func(*domain.Outgoing) {
	return func(m *domain.Outgoing) { m.ReplyTo = id }
}

// A server plays Telegram: it keeps what comes and gives the replies in turn.
type server struct {
	URL string

	mu     sync.Mutex // guards the fields below
	paths  []string
	bodies [][]byte
}

func newServer(t *testing.T, replies ...string) *server {
	s := &server{}
	http := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.paths, s.bodies = append(s.paths, r.Method+" "+r.URL.Path), append(s.bodies, body)
		fmt.Fprint(w, replies[min(len(s.bodies), len(replies))-1])
	}))
	t.Cleanup(http.Close)
	s.URL = http.URL
	return s
}

// got returns the paths and the bodies of the calls so far.
func (s *server) got() ([]string, [][]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paths, s.bodies
}

func takenIn(chat int64, number int) string {
	return fmt.Sprintf(`{"ok":true,"result":{"message_id":%d,"date":1767348000,"chat":{"id":%d,"type":"supergroup"}}}`, number, chat)
}

func TestSendWrites(t *testing.T) {
	const text = `"text":"Hola <b> & ñ"`
	tests := []struct {
		name string
		m    domain.Outgoing
		want string
	}{
		{"to a person", message(), `{"chat_id":3527065,` + text + `}`},
		{"to a group", message(to("-1002012345678")), `{"chat_id":-1002012345678,` + text + `}`},
		{"to a public name", message(to("@deltaller")), `{"chat_id":"@deltaller",` + text + `}`},
		{
			"a reply", message(replying("3527065/41")),
			`{"chat_id":3527065,` + text + `,"reply_parameters":{"message_id":41,"allow_sending_without_reply":true}}`,
		},
		{
			"a reply in a chat with a public name", message(to("@deltaller"), replying("-1002012345678/8")),
			`{"chat_id":"@deltaller",` + text + `,"reply_parameters":{"message_id":8,"allow_sending_without_reply":true}}`,
		},
		{"a reply to a message of the group that it was", message(to("-1002012345678"), replying("-4012345678/8")), `{"chat_id":-1002012345678,` + text + `}`},
		{"a reply to a name that is none of Telegram's", message(replying("wamid.7")), `{"chat_id":3527065,` + text + `}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, takenIn(3527065, 77))
			a := telegram.New(http.DefaultClient).Send(t.Context(), connection(s.URL+"/"), test.m)
			paths, bodies := s.got()
			if a.Fate != domain.FateAccepted || a.ProviderID != "3527065/77" || len(bodies) != 1 {
				t.Fatalf("Send = %+v after %d calls", a, len(bodies))
			}
			var got, want any
			if err := errors.Join(json.Unmarshal(bodies[0], &got), json.Unmarshal([]byte(test.want), &want)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if want := "POST /bot" + botToken + "/sendMessage"; paths[0] != want {
				t.Errorf("sent to %q, want %q", paths[0], want)
			}
		})
	}
}

func TestSendNames(t *testing.T) {
	tests := []struct {
		name   string
		m      domain.Outgoing
		answer string
		id     domain.ProviderID
		peers  []domain.PeerID
	}{
		{"a person", message(), takenIn(3527065, 77), "3527065/77", nil},
		{"a public name has an id too", message(to("@deltaller")), takenIn(-1002012345678, 9), "-1002012345678/9", []domain.PeerID{"-1002012345678"}},
		{"Telegram will send it later", message(), takenIn(3527065, 0), "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, test.answer)
			a := telegram.New(http.DefaultClient).Send(t.Context(), connection(s.URL), test.m)
			if diff := cmp.Diff(domain.SendResult{Fate: domain.FateAccepted, ProviderID: test.id, Peers: test.peers}, a); diff != "" {
				t.Errorf("Send (-want +got):\n%s", diff)
			}
		})
	}
}

const movedAway = `{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1002012345678}}`

// A group that became a supergroup gets the message at its new id, at once, and
// the answer tells of the id, whatever becomes of the message there.
func TestSendFollowsAGroupOnce(t *testing.T) {
	const gone = `{"ok":false,"error_code":403,"description":"Forbidden: bot was kicked from the supergroup chat"}`
	tests := []struct {
		name  string
		there string
		fate  domain.Fate
		id    domain.ProviderID
	}{
		{"it is taken there", takenIn(-1002012345678, 2), domain.FateAccepted, "-1002012345678/2"},
		{"it is refused there", gone, domain.FateRefused, ""},
		{"it is sent away again", strings.ReplaceAll(movedAway, "5678", "9999"), domain.FateRefused, ""},
		{"there is no answer there", "", domain.FateUnknown, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, movedAway, test.there)
			a := telegram.New(http.DefaultClient).Send(t.Context(), connection(s.URL), message(to("-4012345678"), replying("-4012345678/8")))
			if a.Fate != test.fate || a.ProviderID != test.id || a.MovedTo != "-1002012345678" {
				t.Errorf("Send = %+v, want it %s as %q and the new id", a, test.fate, test.id)
			}
			_, bodies := s.got()
			if len(bodies) != 2 || !strings.HasPrefix(string(bodies[1]), `{"chat_id":-1002012345678,`) || strings.Contains(string(bodies[1]), "reply") {
				t.Errorf("Telegram was sent %s", bodies)
			}
		})
	}
}

func TestSendDoesNotGoRound(t *testing.T) {
	s := newServer(t, movedAway)
	a := telegram.New(http.DefaultClient).Send(t.Context(), connection(s.URL), message(to("-1002012345678")))
	if _, bodies := s.got(); a.Fate != domain.FateRefused || a.MovedTo != "" || len(bodies) != 1 {
		t.Errorf("Send = %+v after %d calls, want it refused after 1", a, len(bodies))
	}
}

// What cannot be sent is refused before anybody is called, and the cause hides
// the token that stands in the URL.
func TestSendRefusesByItself(t *testing.T) {
	s := newServer(t, takenIn(1, 1))
	tests := []struct {
		name  string
		conn  domain.Connection
		m     domain.Outgoing
		cause string
	}{
		{"a voice message", connection(s.URL), message(func(m *domain.Outgoing) { m.Type = domain.TypeVoice }), "messages of type voice"},
		{"a base_url that is none", connection("http://[::1"), message(), "missing ']'"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := telegram.New(http.DefaultClient).Send(t.Context(), test.conn, test.m)
			if a.Fate != domain.FateRefused || a.Failure.Reason != domain.ReasonInvalid || !strings.Contains(a.Failure.Cause.Title, test.cause) {
				t.Errorf("Send = %s %+v, want it refused because of %s", a.Fate, a.Failure, test.cause)
			}
			if strings.Contains(fmt.Sprintf("%+v", a.Failure), botToken) {
				t.Errorf("the token stands in %+v", a.Failure)
			}
		})
	}
	if _, bodies := s.got(); len(bodies) != 0 {
		t.Errorf("Telegram was sent %s", bodies)
	}
}

// A token that holds what no path may hold stays one piece of the path, and
// stays hidden in both of its forms.
func TestSendEscapesTheToken(t *testing.T) {
	s := newServer(t, `{"ok":false,"error_code":404,"description":"Not Found: /bot7:A%2F..%2FB%3F/sendMessage of 7:A/../B?"}`)
	conn := connection(s.URL)
	conn.Settings["token"] = "7:A/../B?\n"
	a := telegram.New(http.DefaultClient).Send(t.Context(), conn, message())
	if paths, _ := s.got(); len(paths) != 1 || paths[0] != "POST /bot7:A/../B?/sendMessage" {
		t.Errorf("sent to %q", paths)
	}
	if want := "Not Found: /bot[secret]/sendMessage of [secret]"; a.Failure.Cause.Title != want {
		t.Errorf("the cause is %q, want %q", a.Failure.Cause.Title, want)
	}
}
