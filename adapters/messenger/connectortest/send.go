package connectortest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"recado/domain"
)

// A Reply is a canned answer of a messenger.
type Reply struct {
	Status int
	Header map[string]string
	Body   string
}

// An Answer is a row of the table of answers.
type Answer struct {
	Name  string
	Reply Reply

	Fate       domain.Fate
	Reason     domain.Reason
	Code       domain.Code // that an employee sees when the tries end
	Retry      bool        // a next try is allowed after the first
	RetryAfter time.Duration
}

// outgoing is the message that is sent. No error may show its text.
var outgoing = domain.Outgoing{
	ID: "msg_01JD6Q3Y7K9ZB2M4N5P6R7S8T9", Peer: "16505551234", Type: domain.TypeText,
	Text: "El código \"de la puerta\" es 4711\nno lo digas", Attempt: 1,
}

func (s Suite) send(t *testing.T) {
	t.Run("taken", func(t *testing.T) {
		a := s.sendTo(t, reply(s.Accepted))
		if a.Fate != domain.FateAccepted || a.ProviderID != s.AcceptedID || a.Failure != nil {
			t.Errorf("Send = %+v, want it taken as %s", a, s.AcceptedID)
		}
	})
	for _, row := range s.FailureTable {
		t.Run(row.Name, func(t *testing.T) { row.check(t, s.sendTo(t, reply(row.Reply))) })
	}
	for _, row := range s.network(t) {
		t.Run(row.Name, func(t *testing.T) { row.check(t, s.sendTo(t, row.serve)) })
	}
	t.Run("the messenger repeats our secrets and the text", func(t *testing.T) {
		words := append(s.secrets(), outgoing.Text)
		a := s.sendTo(t, reply(s.Refused("Malformed: "+strings.Join(words, " and "))))
		if a.Fate != domain.FateRefused {
			t.Errorf("Send = %+v, want it refused", a)
		}
	})
	t.Run("types", s.types)
	t.Run("nobody can be reached", s.unreachable)
	t.Run("nothing is sent twice", s.once)
	t.Run("the context ends", s.timeout)
}

// types: what the table of messengers says can be sent is sent, and nothing else.
func (s Suite) types(t *testing.T) {
	for _, kind := range domain.MessageTypes {
		t.Run(string(kind), func(t *testing.T) {
			called := false
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				called = true
				if s.fileIn(r) != nil {
					reply(s.Uploaded(kind))(w, r)
					return
				}
				reply(s.Accepted)(w, r)
			}))
			a := s.New(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Send(t.Context(), s.Connection(server.URL), sample(kind))
			server.Close()
			can := s.Kind.Traits().CanSend(kind)
			if called != can || (a.Fate == domain.FateAccepted) != can {
				t.Errorf("the messenger was called: %t, Send = %+v; the kind %s can send the type: %t", called, a, s.Kind, can)
			}
		})
	}
}

func (row Answer) check(t *testing.T, a domain.SendResult) {
	t.Helper()
	if a.Failure == nil {
		t.Fatalf("Send = %+v, want a failure", a)
	}
	backoff := domain.Policies[a.Failure.Reason].Retry
	if a.Retry != nil {
		backoff = *a.Retry
	}
	_, again := backoff.Wait(1, "")
	retry := again && (a.Fate == domain.FateRefused || a.Fate == domain.FateNeverLeft)
	got := Answer{row.Name, row.Reply, a.Fate, a.Failure.Reason, a.Failure.Code(), retry, a.RetryAfter}
	if fmt.Sprint(got) != fmt.Sprint(row) {
		t.Errorf("Send = %s %s %s, retry %t after %s; want %s %s %s, retry %t after %s; cause %+v",
			got.Fate, got.Reason, got.Code, got.Retry, got.RetryAfter,
			row.Fate, row.Reason, row.Code, row.Retry, row.RetryAfter, a.Failure.Cause)
	}
}

// sendTo sends the message to a messenger that serves so.
func (s Suite) sendTo(t *testing.T, serve http.HandlerFunc) domain.SendResult {
	t.Helper()
	server := httptest.NewServer(serve)
	defer server.Close()
	defer server.CloseClientConnections()
	return s.sendOver(t, &http.Transport{DisableKeepAlives: true}, server.URL)
}

func (s Suite) sendOver(t *testing.T, transport *http.Transport, url string) domain.SendResult {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	c := s.New(&http.Client{Transport: transport})
	a := c.Send(ctx, s.Connection(url), outgoing)
	s.secret(t, a)
	return a
}

// secret checks that a result shows no secret and nothing of the text, and
// that each failure has a cause.
func (s Suite) secret(t *testing.T, a domain.SendResult) {
	t.Helper()
	if a.Failure == nil {
		return
	}
	shown := fmt.Sprintf("%+v", *a.Failure)
	hidden := append(s.secrets(), outgoing.Text, strings.Split(outgoing.Text, "\n")[1])
	for _, word := range hidden {
		if strings.Contains(shown, word) {
			t.Errorf("the failure shows %q: %s", word, shown)
		}
	}
	if missing := firstMissing("reason", a.Failure.Reason, "source", a.Failure.Cause.Source,
		"code", a.Failure.Cause.Code, "title", a.Failure.Cause.Title); missing != "" {
		t.Errorf("the failure has no %s: %s", missing, shown)
	}
}

// secrets lists the values of the connection that nobody may see.
func (s Suite) secrets() []string {
	settings := maps.Clone(s.Connection("").Settings)
	for _, setting := range s.New(http.DefaultClient).ConnectionSettings() {
		if setting.Public {
			delete(settings, setting.Name)
		}
	}
	var secrets []string
	for _, secret := range settings {
		secrets = append(secrets, string(secret))
	}
	return secrets
}

func reply(r Reply) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range r.Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(r.Status)
		fmt.Fprint(w, r.Body)
	}
}
