package waha_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/waha"
	"recado/domain"
)

func message(changes ...func(*domain.Outgoing)) domain.Outgoing {
	m := domain.Outgoing{ID: "msg_1", Peer: "34600000131", Type: domain.TypeText, Text: "Hola <b> & ñ", Attempt: 1}
	for _, change := range changes {
		change(&m)
	}
	return m
}

func to(peer domain.PeerID) func(*domain.Outgoing) {
	return func(m *domain.Outgoing) { m.Peer, m.IsGroup = peer, strings.HasSuffix(string(peer), "@g.us") }
}

// repliesTo makes it a reply to a message of the peer, or of the company.
func repliesTo(by domain.PeerID) func(*domain.Outgoing) {
	return func(m *domain.Outgoing) { m.ReplyTo, m.ReplyBy = "3EB0A1", by }
}

func stranger(m *domain.Outgoing) { m.Stranger = true }

// again is an attempt after one that may have sent the text.
func again(m *domain.Outgoing) { m.Attempt, m.Maybe = 2, true }

// A gateway plays WAHA: it gives a reply for each method of its API, and keeps what
// comes. With the contract at hand it checks every request; without it,
// TestRequestsThatWAHADoesNotKnowAreFound is skipped and tells why.
type gateway struct {
	URL   string
	serve http.HandlerFunc

	mu    sync.Mutex // guards the fields below
	calls []string
	sent  []map[string]any
}

func newGateway(t *testing.T, replies map[string]connectortest.Reply) *gateway {
	t.Helper()
	var c *contract
	if os.Getenv("RECADO_CONTRACTS") != "" {
		read := published(t)
		c = &read
	}
	g := &gateway{}
	g.serve = func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if c != nil && !strings.HasPrefix(r.URL.Path, "/api/files/") {
			for _, fault := range c.faults(r, body) {
				t.Error(fault)
			}
		}
		if key := r.Header.Get("X-Api-Key"); key != "api-key-of-acme" {
			t.Errorf("%s came with the key %q", r.URL, key)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		call := r.Method + " " + r.URL.RequestURI()
		g.calls = append(g.calls, call)
		if len(body) > 0 {
			var sent map[string]any
			if err := json.Unmarshal(body, &sent); err != nil {
				t.Error(err)
			}
			g.sent = append(g.sent, sent)
		}
		for prefix, reply := range replies {
			if strings.HasPrefix(call, prefix) {
				w.WriteHeader(reply.Status)
				fmt.Fprint(w, reply.Body)
				return
			}
		}
		t.Errorf("nobody expected %s", call)
	}
	server := httptest.NewServer(g.serve)
	t.Cleanup(server.Close)
	g.URL = server.URL
	return g
}

// takes is the answer by which WAHA takes a text as the id.
func takes(id string) connectortest.Reply {
	return connectortest.Reply{Status: 201, Body: fmt.Sprintf(`{"id":"true_34600000131@c.us_%s","timestamp":1767348000,"fromMe":true,"ack":0}`, id)}
}

func has(id string) connectortest.Reply {
	r := takes(id)
	r.Status = 200
	return r
}

var (
	hasNone  = says(404, "Message not found")
	runsGOWS = connectortest.Reply{Status: 200, Body: `{"version":"2026.7.1","engine":"GOWS","tier":"CORE"}`}
	runsWPP  = connectortest.Reply{Status: 200, Body: `{"version":"2026.7.1","engine":"WPP","tier":"CORE"}`}
	runsOld  = connectortest.Reply{Status: 200, Body: `{"version":"2026.4.2","engine":"GOWS","tier":"CORE"}`}
	runsOdd  = connectortest.Reply{Status: 200, Body: `{"version":"dev","engine":"GOWS","tier":"CORE"}`}
)

const (
	sendText = "POST /api/sendText"
	check    = "GET /api/contacts/check-exists?phone=34600000131&session=default"
	version  = "GET /api/server/version"
)

func lookUp(name domain.ProviderID) string {
	return "GET /api/default/chats/34600000131@c.us/messages/" + string(name) + "?downloadMedia=false"
}

// A bubbled gateway is called without a network, so that time can be that of a bubble.
type bubbled struct{ g *gateway }

func inBubble(g *gateway) http.RoundTripper { return bubbled{g} }

func (b bubbled) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	b.g.serve(w, r)
	return w.Result(), nil
}

func send(t *testing.T, g *gateway, m domain.Outgoing) domain.SendResult {
	t.Helper()
	return waha.New(http.DefaultClient).Send(t.Context(), connection(g.URL+"/"), m)
}

// name is the id that we give the message msg_1.
var name = waha.New(http.DefaultClient).NameOf("wa-1", "msg_1")

func TestOurIDsHaveTheFormOfWhatsApps(t *testing.T) {
	if len(name) != 22 || !strings.HasPrefix(string(name), "3EB0") || strings.Trim(string(name), "0123456789ABCDEF") != "" {
		t.Errorf("a message is named %s", name)
	}
	c := waha.New(http.DefaultClient)
	if other := c.NameOf("wa-1", "msg_2"); other == name || c.NameOf("wa-1", "msg_1") != name {
		t.Errorf("two messages are named %s, or one has two names", other)
	}
}

func TestSendWrites(t *testing.T) {
	tests := []struct {
		name  string
		m     domain.Outgoing
		chat  string
		reply any
	}{
		{"to a number", message(), "34600000131@c.us", nil},
		{"to a hidden number", message(to("187650012345678@lid")), "187650012345678@lid", nil},
		{"to a group", message(to("120363025246125486@g.us")), "120363025246125486@g.us", nil},
		{"a reply to a client", message(repliesTo("34600000131")), "34600000131@c.us", "false_34600000131@c.us_3EB0A1"},
		{"a reply to a client with a hidden number", message(to("187@lid"), repliesTo("187@lid")), "187@lid", "false_187@lid_3EB0A1"},
		{"a reply to ourselves", message(repliesTo("")), "34600000131@c.us", "true_34600000131@c.us_3EB0A1"},
		{"a reply to a member of a group", message(to("1203@g.us"), repliesTo("34600000777")), "1203@g.us", "false_1203@g.us_3EB0A1_34600000777@c.us"},
		{"a reply to a member with a hidden number", message(to("1203@g.us"), repliesTo("187@lid")), "1203@g.us", "false_1203@g.us_3EB0A1_187@lid"},
		{"a reply to ourselves in a group", message(to("1203@g.us"), repliesTo("")), "1203@g.us", "true_1203@g.us_3EB0A1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{sendText: takes(string(name))})
			a := send(t, g, test.m)
			if a.Fate != domain.FateAccepted || a.ProviderID != name || len(g.sent) != 1 {
				t.Fatalf("Send = %+v after %v", a, g.calls)
			}
			want := map[string]any{"session": "default", "chatId": test.chat, "text": "Hola <b> & ñ", "id": string(name)}
			if test.reply != nil {
				want["reply_to"] = test.reply
			}
			if fmt.Sprint(g.sent[0]) != fmt.Sprint(want) {
				t.Errorf("sent %v, want %v", g.sent[0], want)
			}
		})
	}
}

// A place and contacts go out under an id of ours as a text does.
func TestSendWritesPlacesAndContacts(t *testing.T) {
	of := func(typ domain.MessageType, content domain.Content) domain.Outgoing {
		return message(func(m *domain.Outgoing) { m.Type, m.Text, m.Content = typ, "", &content })
	}
	tests := []struct {
		name string
		m    domain.Outgoing
		path string
		want map[string]any
	}{
		{
			"a place", of(domain.TypeLocation, domain.Content{Location: &domain.Location{Latitude: "40.4168", Longitude: "-3.7038", Name: "Sol", Address: "Madrid"}}),
			"POST /api/sendLocation",
			map[string]any{"latitude": 40.4168, "longitude": -3.7038, "title": "Sol, Madrid"},
		},
		{
			"a place without a name", of(domain.TypeLocation, domain.Content{Location: &domain.Location{Latitude: "40.4168", Longitude: "-3.7038"}}),
			"POST /api/sendLocation",
			map[string]any{"latitude": 40.4168, "longitude": -3.7038, "title": ""},
		},
		{
			"contacts", of(domain.TypeContacts, domain.Content{Contacts: []domain.Card{{Name: "Ada", Phones: []string{"+34600110022"}}, {Name: "Taxi; 24 h"}}}),
			"POST /api/sendContactVcard",
			map[string]any{"contacts": []any{
				map[string]any{"vcard": "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nTEL:+34600110022\r\nEND:VCARD\r\n"},
				map[string]any{"vcard": "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Taxi\\; 24 h\r\nEND:VCARD\r\n"},
			}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{test.path: takes(string(name))})
			if a := send(t, g, test.m); a.Fate != domain.FateAccepted || a.ProviderID != name || len(g.sent) != 1 {
				t.Fatalf("Send = %+v after %v", a, g.calls)
			}
			maps.Copy(test.want, map[string]any{"session": "default", "chatId": "34600000131@c.us", "id": string(name)})
			if diff := cmp.Diff(test.want, g.sent[0]); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}

// Engines write the id in different places.
func TestSendReadsTheID(t *testing.T) {
	for _, body := range []string{
		`{"id":"true_34600000131@c.us_3EB0"}`,
		`{"id":{"fromMe":true,"id":"3EB0","_serialized":"true_34600000131@c.us_3EB0"}}`,
		`{"key":{"remoteJid":"34600000131@s.whatsapp.net","fromMe":true,"id":"3EB0"},"status":"PENDING"}`,
	} {
		g := newGateway(t, map[string]connectortest.Reply{sendText: {Status: 201, Body: body}})
		if a := send(t, g, message()); a.ProviderID != "3EB0" {
			t.Errorf("of %s Send = %+v", body, a)
		}
	}
}

// A text that WAHA took is sent with its first ack. In a group there may be none.
func TestWhatWAHATookIsPending(t *testing.T) {
	acked := strings.ReplaceAll(takes(string(name)).Body, `"ack":0`, `"ack":1`)
	tests := []struct {
		name    string
		m       domain.Outgoing
		reply   connectortest.Reply
		pending bool
	}{
		{"without an ack", message(), takes(string(name)), true},
		{"with an ack", message(), connectortest.Reply{Status: 201, Body: acked}, false},
		{"in a group", message(to("120363025246125486@g.us")), takes(string(name)), false},
		{"found", message(again), has(string(name)), true},
		{"found with an ack", message(again), connectortest.Reply{Status: 200, Body: acked}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{sendText: test.reply, lookUp(name): test.reply})
			if a := send(t, g, test.m); a.Fate != domain.FateAccepted || a.Pending != test.pending {
				t.Errorf("Send = %+v", a)
			}
		})
	}
}

// Whom the company writes to first is looked up before.
func TestStrangersAreLookedUp(t *testing.T) {
	exists := func(body string) connectortest.Reply { return connectortest.Reply{Status: 200, Body: body} }
	tests := []struct {
		name   string
		check  connectortest.Reply
		fate   domain.Fate
		reason domain.Reason
		peers  []domain.PeerID
		chat   string
	}{
		{"there is an account", exists(`{"numberExists":true,"chatId":"34600000131@c.us"}`), domain.FateAccepted, "", nil, "34600000131@c.us"},
		{"it has another spelling", exists(`{"numberExists":true,"chatId":"3460000131@c.us"}`), domain.FateAccepted, "", []domain.PeerID{"3460000131"}, "3460000131@c.us"},
		{"there is none", exists(`{"numberExists":false}`), domain.FateRefused, domain.ReasonNoAccount, nil, ""},
		{"WhatsApp limits how often is asked", exception("rate-overlimit"), domain.FateRefused, domain.ReasonThrottled, nil, ""},
		{"the session starts", sessionIs("STARTING"), domain.FateRefused, domain.ReasonUnavailable, nil, ""},
		{"the answer says nothing", exists(`{}`), domain.FateRefused, domain.ReasonUnavailable, nil, ""},
		{"an error that nobody knows", exception("Connection Closed"), domain.FateRefused, domain.ReasonUnavailable, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{check: test.check, sendText: takes(string(name))})
			a := send(t, g, message(stranger))
			if a.Fate != test.fate || a.Failure != nil && a.Failure.Reason != test.reason || !slices.Equal(a.Peers, test.peers) {
				t.Errorf("Send = %+v", a)
			}
			if exists := strings.Contains(test.check.Body, `"numberExists":true`); a.Found != exists {
				t.Errorf("found %t", a.Found)
			}
			chat := ""
			if len(g.sent) == 1 {
				chat, _ = g.sent[0]["chatId"].(string)
			}
			if chat != test.chat {
				t.Errorf("sent to %q after %v", chat, g.calls)
			}
		})
	}
}

// WAHA may know for how long WhatsApp lets the account write to nobody new.
func TestWhenStrangersMayBeWrittenToAgain(t *testing.T) {
	hour := time.Now().Add(time.Hour)
	tests := []struct {
		name, me string
		wait     time.Duration
	}{
		{"nothing", `{}`, 0},
		{"in words", fmt.Sprintf(`{"reachoutTimelock":{"isActive":true,"timeEnforcementEnds":%q}}`, hour.UTC().Format(time.RFC3339Nano)), time.Hour},
		{"in seconds", fmt.Sprintf(`{"reachoutTimelock":{"isActive":true,"timeEnforcementEnds":%d}}`, hour.Unix()), time.Hour},
		{"it is over", `{"reachoutTimelock":{"timeEnforcementEnds":1700000000}}`, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{
				sendText: exception("server returned error 463"), "GET /api/sessions/default": answers200(`{"name":"default","status":"WORKING","me":` + test.me + `}`),
			})
			a := send(t, g, message())
			if a.Reason() != domain.ReasonStrangers || a.RetryAfter > test.wait || a.RetryAfter < test.wait-time.Minute {
				t.Errorf("Send = %+v", a)
			}
		})
	}
}

// An engine that finds no hidden number of a peer may be wrong about it: WhatsApp is asked
// whether there is an account, once.
func TestANumberWithoutAHiddenOneIsLookedUp(t *testing.T) {
	noLid := exception("no LID found for 34600000131@s.whatsapp.net from server")
	exists, existsNot := answers200(`{"numberExists":true}`), answers200(`{"numberExists":false}`)
	tests := []struct {
		name   string
		m      domain.Outgoing
		check  connectortest.Reply
		fate   domain.Fate
		reason domain.Reason
		calls  []string
	}{
		{"there is no account", message(), existsNot, domain.FateRefused, domain.ReasonNoAccount, []string{sendText, check}},
		{"there is an account", message(), exists, domain.FateRefused, domain.ReasonRestricted, []string{sendText, check}},
		{"there is an account: it was just looked up", message(stranger), exists, domain.FateRefused, domain.ReasonRestricted, []string{check, sendText}},
		{"WhatsApp does not say", message(), exception("rate-overlimit"), domain.FateRefused, domain.ReasonThrottled, []string{sendText, check}},
		{"it is a hidden number", message(to("187@lid")), existsNot, domain.FateRefused, domain.ReasonRestricted, []string{sendText}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{sendText: noLid, check: test.check})
			a := send(t, g, test.m)
			if a.Fate != test.fate || a.Reason() != test.reason || !slices.Equal(g.calls, test.calls) {
				t.Errorf("Send = %+v %+v after %v", a, a.Failure, g.calls)
			}
		})
	}
}

// WhatsApp is asked for a number every three seconds. Who would wait long is told to
// come back; answers do not wait.
func TestNumbersAreLookedUpSlowly(t *testing.T) {
	g := newGateway(t, map[string]connectortest.Reply{
		"GET /api/contacts/check-exists": answers200(`{"numberExists":true}`), sendText: takes(string(name)),
	})
	synctest.Test(t, func(t *testing.T) {
		c, began := waha.New(&http.Client{Transport: inBubble(g)}), time.Now()
		fates := map[domain.Fate]int{}
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				a := c.Send(t.Context(), connection("http://waha"), message(stranger, to(domain.PeerID(fmt.Sprint("3460000014", i)))))
				mu.Lock()
				defer mu.Unlock()
				fates[a.Fate]++
				if a.Fate == domain.FateNeverLeft && (a.RetryAfter <= 0 || a.Reason() != domain.ReasonUnavailable) {
					t.Errorf("Send = %+v", a)
				}
			})
		}
		all.Wait()
		if took := time.Since(began); took != 3*time.Second || fates[domain.FateAccepted] != 2 || fates[domain.FateNeverLeft] != 2 {
			t.Errorf("after %s: %v", took, fates)
		}
	})
}

// A number that exists is asked for once: the store keeps the answer.
func TestANumberIsLookedUpOnce(t *testing.T) {
	g := newGateway(t, map[string]connectortest.Reply{
		check: {Status: 200, Body: `{"numberExists":true,"chatId":"34600000131@c.us"}`}, sendText: takes(string(name)),
	})
	c := waha.New(http.DefaultClient)
	first := c.Send(t.Context(), connection(g.URL), message(stranger))
	again := c.Send(t.Context(), connection(g.URL), message(stranger, func(m *domain.Outgoing) { m.Found = first.Found }))
	if want := []string{check, sendText, sendText}; !slices.Equal(g.calls, want) || !first.Found || again.Found {
		t.Errorf("called %v, want %v; found %t, then %t", g.calls, want, first.Found, again.Found)
	}
}

// What WAHA repeats of the request is not shown.
func TestAnErrorHidesTheText(t *testing.T) {
	g := newGateway(t, map[string]connectortest.Reply{sendText: exception("server returned error 479 for Hola <b> & ñ with api-key-of-acme")})
	a := send(t, g, message())
	if want := "server returned error 479 for [text] with [secret]"; a.Failure.Cause.Title != want {
		t.Errorf("the cause is %q, want %q", a.Failure.Cause.Title, want)
	}
}
