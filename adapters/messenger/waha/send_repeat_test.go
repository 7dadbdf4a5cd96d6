package waha_test

import (
	"net/http"
	"slices"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/waha"
	"recado/domain"
)

// A text that may have left is looked up by its id, and sent again only where WAHA
// certainly does not have it.
func TestATextThatMayHaveLeftIsLookedUp(t *testing.T) {
	tests := []struct {
		name    string
		found   connectortest.Reply
		version connectortest.Reply
		fate    domain.Fate
		posts   int
	}{
		{"WAHA has it", has(string(name)), runsGOWS, domain.FateAccepted, 0},
		{"WAHA does not have it", hasNone, runsGOWS, domain.FateAccepted, 1},
		{"WAHA does not have it, and its engine takes no ids", hasNone, runsWPP, domain.FateUnknown, 0},
		{"WAHA does not have it, and is too old to take ids", hasNone, runsOld, domain.FateUnknown, 0},
		{"WAHA does not have it, and has no version that we know", hasNone, runsOdd, domain.FateUnknown, 0},
		{"WAHA does not have it, and does not tell its engine", hasNone, says(401, "Unauthorized"), domain.FateUnknown, 0},
		{"WAHA cannot look", sessionIs("STARTING"), runsGOWS, domain.FateUnknown, 0},
		{"WAHA fails", exception("Connection Closed"), runsGOWS, domain.FateUnknown, 0},
		{"a proxy fails", connectortest.Reply{Status: 502, Body: "<html>"}, runsGOWS, domain.FateUnknown, 0},
		{"WAHA has another", has("3EB0FFFF"), runsGOWS, domain.FateUnknown, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{lookUp(name): test.found, version: test.version, sendText: takes(string(name))})
			a := send(t, g, message(again))
			posts := 0
			for _, call := range g.calls {
				if call == sendText {
					posts++
				}
			}
			if a.Fate != test.fate || posts != test.posts || a.Failure != nil && a.Failure.Reason != domain.ReasonOutcomeUnknown {
				t.Errorf("Send = %+v %+v after %v", a, a.Failure, g.calls)
			}
		})
	}
}

// Once WAHA took a text under another id than ours, a text without a trace of its id may
// have been sent: over that session nothing is posted again.
func TestASessionThatIgnoresIDsOfOursRepeatsNothing(t *testing.T) {
	other := connection("")
	other.Settings["session"] = "sales"
	tests := []struct {
		name  string
		took  string // the id under which the text before was taken
		conn  domain.Connection
		fate  domain.Fate
		posts int
	}{
		{"it named one as we did", string(name), connection(""), domain.FateAccepted, 2},
		{"it named one otherwise", "3EB0FFFF", connection(""), domain.FateUnknown, 1},
		{"another session named one otherwise", "3EB0FFFF", other, domain.FateAccepted, 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := waha.New(http.DefaultClient)
			g := newGateway(t, map[string]connectortest.Reply{
				"GET /api/default/chats/": hasNone, "GET /api/sales/chats/": hasNone, version: runsGOWS, sendText: takes(test.took),
			})
			c.Send(t.Context(), connection(g.URL), message())
			test.conn.Settings["base_url"] = domain.Secret(g.URL)
			a := c.Send(t.Context(), test.conn, message(again, func(m *domain.Outgoing) { m.ID = "msg_2" }))
			if posts := len(g.sent); a.Fate != test.fate || posts != test.posts {
				t.Errorf("Send = %+v after %v", a, g.calls)
			}
		})
	}
}

// The process may have died after a text left to another spelling of the number, and
// before that was stored: both spellings are looked at before the text is posted again.
func TestATextThatMayHaveLeftToAnotherSpellingIsLookedUp(t *testing.T) {
	const given, other = "34600000131@c.us", "3460000131@c.us"
	otherExists := answers200(`{"numberExists":true,"chatId":"` + other + `"}`)
	tests := []struct {
		name   string
		check  connectortest.Reply
		has    string // the chat where WAHA has the text
		fate   domain.Fate
		reason domain.Reason
		peers  []domain.PeerID
		posted string // the chat
	}{
		{"it left to the other", otherExists, other, domain.FateAccepted, "", []domain.PeerID{"3460000131"}, ""},
		{"it left to the one that was given", otherExists, given, domain.FateAccepted, "", []domain.PeerID{"3460000131"}, ""},
		{"it did not leave", otherExists, "", domain.FateAccepted, "", []domain.PeerID{"3460000131"}, other},
		{"there is no other", answers200(`{"numberExists":true,"chatId":"` + given + `"}`), "", domain.FateAccepted, "", nil, given},
		{"there is no account", answers200(`{"numberExists":false}`), "", domain.FateRefused, domain.ReasonNoAccount, nil, ""},
		{"WhatsApp does not say whether there is another", exception("rate-overlimit"), "", domain.FateNeverLeft, domain.ReasonThrottled, nil, ""},
		{"WhatsApp does not say, and it left to the one that was given", exception("rate-overlimit"), given, domain.FateAccepted, "", nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			replies := map[string]connectortest.Reply{check: test.check, version: runsGOWS, sendText: takes(string(name))}
			for _, chat := range []string{given, other} {
				look := "GET /api/default/chats/" + chat + "/messages/"
				replies[look] = hasNone
				if chat == test.has {
					replies[look] = has(string(name))
				}
			}
			g := newGateway(t, replies)
			a := send(t, g, message(stranger, again))
			if a.Fate != test.fate || a.Failure != nil && a.Failure.Reason != test.reason || !slices.Equal(a.Peers, test.peers) {
				t.Errorf("Send = %+v %+v after %v", a, a.Failure, g.calls)
			}
			posted := ""
			if len(g.sent) > 0 {
				posted, _ = g.sent[0]["chatId"].(string)
			}
			if posted != test.posted {
				t.Errorf("posted to %q, want %q", posted, test.posted)
			}
		})
	}
}

// An error that nobody knows may hide that the text left.
func TestAnUnknownErrorIsLookedInto(t *testing.T) {
	tests := []struct {
		name   string
		found  connectortest.Reply
		fate   domain.Fate
		reason domain.Reason
	}{
		{"the text left", has(string(name)), domain.FateAccepted, ""},
		{"the text did not leave", hasNone, domain.FateRefused, domain.ReasonUnrecognized},
		{"WAHA cannot look", exception("Connection Closed"), domain.FateUnknown, domain.ReasonOutcomeUnknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{
				sendText: exception("Connection Closed"), lookUp(name): test.found, version: runsGOWS,
			})
			a := send(t, g, message())
			if a.Fate != test.fate || a.Failure != nil && a.Failure.Reason != test.reason {
				t.Errorf("Send = %+v %+v", a, a.Failure)
			}
		})
	}
}
