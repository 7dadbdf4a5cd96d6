package telegramplay_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"recado/adapters/messenger/simulator"
	"recado/adapters/messenger/telegram"
	"recado/adapters/messenger/telegram/telegramplay"
	"recado/adapters/messenger/telegram/telegramtest"
	"recado/domain"
)

const token = "a-token_of_the_clinic"

var settings = domain.Settings{"token": token, "secret_token": "secret-of_acme", "base_url": "http://simulator/gateway"}

var account = domain.Connection{ID: "tg-1", Kind: domain.TelegramPersonal, Hook: "tg-1", Settings: settings}

// A world is a simulated gateway, and what it told Recado. Everything that passes
// is compared with the schema of the contract.
type world struct {
	t      *testing.T
	update telegramtest.Schema
	answer telegramtest.Schema
	*simulator.Simulator

	mu    sync.Mutex // guards facts
	facts []domain.Fact
}

// run plays until the test ends, in the bubble of a test.
func run(t *testing.T) (w *world, stop func()) {
	w = &world{t: t, update: telegramtest.ReadSchema(t, "..", "update"), answer: telegramtest.ReadSchema(t, "..", "answer")}
	w.Simulator = simulator.New(simulator.Config{
		Seed: 7, Recado: "http://recado", Steady: true, Transport: w, Players: []simulator.Player{telegramplay.Gateway{}},
		Connections: []simulator.Connection{{Connection: account, HookSecrets: settings}},
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		w.Run(ctx)
	}()
	return w, func() { cancel(); <-ended }
}

func (w *world) conforms(s telegramtest.Schema, body []byte) {
	if err := s.Validate(body); err != nil {
		w.t.Errorf("%v: %s", err, body)
	}
}

// RoundTrip is the network, both to Recado and to the gateway.
func (w *world) RoundTrip(r *http.Request) (answer *http.Response, err error) {
	if r.URL.Host == "simulator" {
		defer func() {
			if why, ok := recover().(error); ok && errors.Is(why, http.ErrAbortHandler) {
				answer, err = nil, io.ErrUnexpectedEOF
			}
		}()
		rec := httptest.NewRecorder()
		w.Handler().ServeHTTP(rec, r)
		if !strings.Contains(r.URL.Path, "/file/") {
			w.conforms(w.answer, rec.Body.Bytes())
		}
		return rec.Result(), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c := telegram.NewPersonal(http.DefaultClient)
	if err := c.Verify(settings, r.Header, body); err != nil {
		w.t.Errorf("%v: %s", err, body)
	}
	w.conforms(w.update, body)
	parsed := c.Parse(body)
	if len(parsed.Bad) > 0 || parsed.Ignored > 0 {
		w.t.Errorf("%s was read as %+v", body, parsed)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, u := range parsed.Updates {
		w.facts = append(w.facts, u.Fact)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, nil
}

func (w *world) send(id domain.MessageID, peer domain.PeerID, text string) domain.SendResult {
	return w.sends(domain.Outgoing{ID: id, Peer: peer, Type: domain.TypeText, Text: text})
}

func (w *world) sends(m domain.Outgoing) domain.SendResult {
	m.Attempt = 1
	return telegram.NewPersonal(&http.Client{Transport: w}).Send(w.t.Context(), account, m)
}

// count counts the facts that are like this.
func count[F domain.Fact](w *world, is func(F) bool) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, fact := range w.facts {
		if f, ok := fact.(F); ok && is(f) {
			n++
		}
	}
	return n
}

// Everything that a gateway tells and answers is as the contract says.
func TestTheGatewayKeepsItsContract(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, stop := run(t)
		kim := w.Client("Kim")
		for i := range 300 {
			if _, err := kim.WritesTo("tg-1", "Hi"); err != nil {
				t.Fatal(err)
			}
			if i%3 == 0 {
				w.send(domain.MessageID("msg_"+strings.Repeat("x", i%40)), "8655340517", "Good morning")
			}
			time.Sleep(5 * time.Second)
		}
		if _, err := kim.Sends("tg-1", simulator.Voice, ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		stop()
		for what, n := range map[string]int{
			"edits":       count(w, func(domain.MessageEdited) bool { return true }),
			"deletions":   count(w, func(domain.MessageDeleted) bool { return true }),
			"reactions":   count(w, func(domain.MessageReacted) bool { return true }),
			"echoes":      count(w, func(m domain.MessageArrived) bool { return m.Direction == domain.Outbound }),
			"reads":       count(w, func(s domain.StatusReported) bool { return s.Status == domain.Read }),
			"voices":      count(w, func(m domain.MessageArrived) bool { return m.Type == domain.TypeVoice }),
			"words of it": count(w, func(s domain.StatusReported) bool { return s.Message != "" }),
		} {
			if n == 0 {
				t.Errorf("no %s came", what)
			}
		}
	})
}

// The same client_id is one message, also when its answer was lost.
func TestTheGatewayRecognisesARepeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, stop := run(t)
		defer stop()
		if a := w.send("msg_1", "8655120003", "Hola"); a.Fate != domain.FateUnknown {
			t.Errorf("without an answer Send = %+v", a)
		}
		again := w.send("msg_1", "8655120003", "Hola")
		third := w.send("msg_1", "8655120003", "Hola")
		if again.Fate != domain.FateAccepted || again.ProviderID != third.ProviderID {
			t.Errorf("the repeats are %+v and %+v", again, third)
		}
		if other := w.send("msg_1", "8655120003", "Adiós"); other.Fate != domain.FateRefused || other.Failure.Cause.HTTPStatus != http.StatusConflict {
			t.Errorf("another text with its id: %+v", other)
		}
	})
}

// A place and a contact are taken like a text: once, and not without what they need.
func TestTheGatewayTakesPlacesAndContacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, stop := run(t)
		defer stop()
		const sol, home = "40.4168", "40.5"
		place := func(latitude json.Number, name string) *domain.Content {
			return &domain.Content{Location: &domain.Location{Latitude: latitude, Longitude: "-3.7038", Name: name}}
		}
		card := func(name string) *domain.Content {
			return &domain.Content{Contacts: []domain.Card{{Name: name, Phones: []string{"+34600110022"}}}}
		}
		for _, tt := range []struct {
			id          domain.MessageID
			typ         domain.MessageType
			sent, other *domain.Content
		}{
			{"msg_place", domain.TypeLocation, place(sol, ""), place(home, "")},
			{"msg_venue", domain.TypeLocation, place(sol, "Sol"), place(sol, "Sol 2")},
			{"msg_contact", domain.TypeContacts, card("Ada"), card("Eva")},
		} {
			m := domain.Outgoing{ID: tt.id, Peer: "8655340517", Type: tt.typ, Content: tt.sent}
			first, again := w.sends(m), w.sends(m)
			if first.Fate != domain.FateAccepted || again.ProviderID != first.ProviderID {
				t.Errorf("%s: %+v, and again %+v", tt.id, first, again)
			}
			m.Content = tt.other
			if other := w.sends(m); other.Fate != domain.FateRefused || other.Failure.Cause.HTTPStatus != http.StatusConflict {
				t.Errorf("another one with the id %s: %+v", tt.id, other)
			}
		}
		for what, content := range map[string]*domain.Content{"": card("Ada"), "a name": card("")} {
			m := domain.Outgoing{ID: domain.MessageID("msg_without " + what), Peer: "8655340517", Type: domain.TypeContacts, Content: content}
			if a := w.sends(m); (a.Fate == domain.FateAccepted) != (what == "") || what != "" && a.Reason() != domain.ReasonInvalid {
				t.Errorf("without %s: %+v", what, a)
			}
		}
	})
}

// An account is written to by a phone number, which is another name of its user.
func TestTheGatewayLooksUp(t *testing.T) {
	w := &world{t: t, answer: telegramtest.ReadSchema(t, "..", "answer"), update: telegramtest.ReadSchema(t, "..", "update")}
	w.Simulator = simulator.New(simulator.Config{
		Seed: 7, Steady: true, Players: []simulator.Player{telegramplay.Gateway{}},
		Connections: []simulator.Connection{{Connection: account, HookSecrets: settings}},
	})
	tests := []struct {
		peer domain.PeerID
		want string
	}{
		{"+34655120391", "8655120391"},
		{"@luciacampos", "8655120391"},
		{"+34633000000", string(domain.ReasonNoAccount)},
		{"@nobody_here", string(domain.ReasonNoAccount)},
		{"8633000001", string(domain.ReasonStrangers)},
		{"8633000002", string(domain.ReasonPairThrottled)},
		{"8633000005", string(domain.ReasonUnavailable)},
		{"8633000006", string(domain.ReasonPeerRefuses)},
		{"-5", string(domain.ReasonNoAccount)},
	}
	for i, tt := range tests {
		a := w.send(domain.MessageID("msg_"+string(rune('a'+i))), tt.peer, "Hola")
		got := string(a.Reason())
		if a.Fate == domain.FateAccepted {
			got = string(a.Peers[0])
		}
		if got != tt.want {
			t.Errorf("to %s: %s, want %s", tt.peer, got, tt.want)
		}
	}
}
