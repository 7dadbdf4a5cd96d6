package waba_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/messenger/waba"
	"recado/adapters/messenger/waba/wabatest"
	"recado/domain"
)

func message(change func(*domain.Outgoing)) domain.Outgoing {
	m := domain.Outgoing{ID: "msg_1", Peer: "16505551234", Type: domain.TypeText, Text: "Hola <b> & ñ", Attempt: 1}
	change(&m)
	return m
}

func TestSendWrites(t *testing.T) {
	const named = `"messaging_product":"whatsapp","biz_opaque_callback_data":"msg_1"`
	const common = `"messaging_product":"whatsapp","biz_opaque_callback_data":"msg_1","type":"text","text":{"body":"Hola <b> & ñ","preview_url":false}`
	tests := []struct {
		name string
		m    domain.Outgoing
		want string
	}{
		{
			"to a phone", message(func(m *domain.Outgoing) {}),
			`{"recipient_type":"individual","to":"+16505551234",` + common + `}`,
		},
		{
			"to a user without a phone", message(func(m *domain.Outgoing) { m.Peer = "US.13491208655302741918" }),
			`{"recipient_type":"individual","recipient":"US.13491208655302741918",` + common + `}`,
		},
		{
			"to a group", message(func(m *domain.Outgoing) { m.Peer, m.IsGroup = "Y2FwaV9ncm91cDox", true }),
			`{"recipient_type":"group","to":"Y2FwaV9ncm91cDox",` + common + `}`,
		},
		{
			"to a group named by digits", message(func(m *domain.Outgoing) { m.Peer, m.IsGroup = "555555555", true }),
			`{"recipient_type":"group","to":"555555555",` + common + `}`,
		},
		{
			"a reply", message(func(m *domain.Outgoing) { m.ReplyTo = "wamid.quoted" }),
			`{"recipient_type":"individual","to":"+16505551234","context":{"message_id":"wamid.quoted"},` + common + `}`,
		},
		{
			"a template", message(func(m *domain.Outgoing) {
				m.Type, m.Text = domain.TypeTemplate, "how it reads is not sent"
				m.Template = &domain.Template{Name: "order_ready", Language: "es_MX", Components: []byte(`[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]`)}
			}),
			`{"recipient_type":"individual","to":"+16505551234",` + named + `,"type":"template","template":{"name":"order_ready",
			"language":{"code":"es_MX","policy":"deterministic"},"components":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}}`,
		},
		{
			"a template without parameters", message(func(m *domain.Outgoing) {
				m.Type, m.Template = domain.TypeTemplate, &domain.Template{Name: "hello_world", Language: "en_US"}
			}),
			`{"recipient_type":"individual","to":"+16505551234",` + named + `,"type":"template","template":{"name":"hello_world",
			"language":{"code":"en_US","policy":"deterministic"}}}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := wabatest.NewServer(t)
			a := waba.New(http.DefaultClient, nil).Send(t.Context(), connection(server.URL+"/v23.0/"), test.m)
			sends := server.Sends()
			if a.Fate != domain.FateAccepted || len(sends) != 1 || a.ProviderID != domain.ProviderID(sends[0].ID) {
				t.Fatalf("Send = %+v, the server has %+v", a, sends)
			}
			var got, want any
			if err := errors.Join(json.Unmarshal(sends[0].Body, &got), json.Unmarshal([]byte(test.want), &want)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if sends[0].PhoneNumberID != "106540352242922" || sends[0].Token != "EAAJB-token-of-acme" {
				t.Errorf("sent from %q with %q", sends[0].PhoneNumberID, sends[0].Token)
			}
		})
	}
}

func TestSendLearnsOtherNames(t *testing.T) {
	toGroup := func(m *domain.Outgoing) { m.Peer, m.IsGroup = "Y2FwaV9ncm91cDox", true }
	tests := []struct {
		name     string
		m        domain.Outgoing
		contacts string
		want     []domain.PeerID
	}{
		{"the same name", message(func(m *domain.Outgoing) {}), `[{"input":"+16505551234","wa_id":"16505551234"}]`, nil},
		{"a wa_id and a user id", message(func(m *domain.Outgoing) {}), `[{"wa_id":"6505551234","user_id":"US.1"}]`, []domain.PeerID{"6505551234", "US.1"}},
		{"a phone behind a user id", message(func(m *domain.Outgoing) { m.Peer = "US.1" }), `[{"wa_id":"16505551234","user_id":"US.1"}]`, []domain.PeerID{"16505551234"}},
		{"a group has no other names", message(toGroup), `[{"wa_id":"16505551234"}]`, nil},
		{"no contacts", message(func(m *domain.Outgoing) {}), `[]`, nil},
		{"contacts that cannot be read", message(func(m *domain.Outgoing) {}), `[{"wa_id":[7]}]`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := wabatest.NewServer(t)
			server.Answer(wabatest.Answer{Body: `{"contacts":` + test.contacts + `,"messages":[{"id":"wamid.1"}]}`})
			a := waba.New(http.DefaultClient, nil).Send(t.Context(), connection(server.URL), test.m)
			if a.Fate != domain.FateAccepted {
				t.Fatalf("Send = %+v", a)
			}
			if diff := cmp.Diff(test.want, a.Peers); diff != "" {
				t.Errorf("Peers (-want +got):\n%s", diff)
			}
		})
	}
}

// What cannot be sent is refused before anybody is called.
func TestSendRefusesByItself(t *testing.T) {
	server := wabatest.NewServer(t)
	badToken, badURL := connection(server.URL), connection("http://[::1")
	badToken.Settings["access_token"] = "EAAJB\nX-Evil: 1"
	tests := []struct {
		name  string
		conn  domain.Connection
		m     domain.Outgoing
		cause string
	}{
		{"a template", connection(server.URL), message(func(m *domain.Outgoing) { m.Type = domain.TypeTemplate }), "messages of type template"},
		{"a voice message", connection(server.URL), message(func(m *domain.Outgoing) { m.Type = domain.TypeVoice }), "messages of type voice"},
		{"a token of two lines", badToken, message(func(m *domain.Outgoing) {}), "access_token"},
		{"a base_url that is none", badURL, message(func(m *domain.Outgoing) {}), "missing ']'"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := waba.New(http.DefaultClient, nil).Send(t.Context(), test.conn, test.m)
			if a.Fate != domain.FateRefused || a.Failure.Reason != domain.ReasonInvalid || !strings.Contains(a.Failure.Cause.Title, test.cause) {
				t.Errorf("Send = %s %+v, want it refused because of %s", a.Fate, a.Failure, test.cause)
			}
		})
	}
	if sends := server.Sends(); len(sends) != 0 {
		t.Errorf("the server got %+v", sends)
	}
}

func TestSendObeysTheTimeoutOfItsClient(t *testing.T) {
	server := wabatest.NewServer(t)
	server.Answer(wabatest.Answer{Delay: time.Hour})
	client := &http.Client{Timeout: 100 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
	a := waba.New(client, nil).Send(t.Context(), connection(server.URL), message(func(m *domain.Outgoing) {}))
	if a.Fate != domain.FateUnknown {
		t.Errorf("Send = %+v, want an unknown fate", a)
	}
}

// A connection that broke while it was idle takes nothing: the message did not
// leave, and it is ours to send it again, not net/http's.
func TestSendOnADeadConnection(t *testing.T) {
	server := wabatest.NewServer(t)
	var dead atomic.Bool
	var dials atomic.Int32
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		dials.Add(1)
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return mortal{conn, &dead}, err
	}}
	defer transport.CloseIdleConnections()
	c := waba.New(&http.Client{Transport: transport}, nil)
	if a := c.Send(t.Context(), connection(server.URL), message(func(m *domain.Outgoing) {})); a.Fate != domain.FateAccepted {
		t.Fatalf("the first Send = %+v", a)
	}
	dead.Store(true)
	a := c.Send(t.Context(), connection(server.URL), message(func(m *domain.Outgoing) {}))
	if a.Fate != domain.FateNeverLeft || a.Failure.Reason != domain.ReasonUnreachable {
		t.Errorf("Send = %s %+v, want it never left", a.Fate, a.Failure)
	}
	if len(server.Sends()) != 1 || dials.Load() != 1 {
		t.Errorf("%d messages came over %d connections, want 1 over 1", len(server.Sends()), dials.Load())
	}
}

// A mortal connection writes nothing once it is dead.
type mortal struct {
	net.Conn
	dead *atomic.Bool
}

func (m mortal) Write(b []byte) (int, error) {
	if m.dead.Load() {
		return 0, errors.New("broken pipe")
	}
	return m.Conn.Write(b)
}
