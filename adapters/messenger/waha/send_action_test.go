package waha_test

import (
	"fmt"
	"strings"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/domain"
)

func action(typ domain.MessageType, by domain.PeerID, text string) domain.Outgoing {
	return message(func(m *domain.Outgoing) {
		m.Type, m.Text, m.Target, m.TargetType, m.TargetBy = typ, text, "3EB0A1", domain.TypeText, by
	})
}

// The name of a message says who wrote it.
func TestActions(t *testing.T) {
	const ours = "/api/default/chats/34600000131@c.us/messages/true_34600000131@c.us_3EB0A1"
	inGroup := action(domain.TypeReaction, "34600000777", "👍")
	inGroup.Peer, inGroup.IsGroup = "120363025246125486@g.us", true
	caption := action(domain.TypeEdit, "", "A las siete")
	caption.TargetType = domain.TypeImage
	tests := []struct {
		name string
		m    domain.Outgoing
		call string
		body string // empty: none
	}{
		{"a reaction to what the client wrote", action(domain.TypeReaction, "34600000131", "👍"), "PUT /api/reaction", "map[messageId:false_34600000131@c.us_3EB0A1 reaction:👍 session:default]"},
		{"to what we wrote", action(domain.TypeReaction, "", "👍"), "PUT /api/reaction", "map[messageId:true_34600000131@c.us_3EB0A1 reaction:👍 session:default]"},
		{"in a group", inGroup, "PUT /api/reaction", "map[messageId:false_120363025246125486@g.us_3EB0A1_34600000777@c.us reaction:👍 session:default]"},
		{"it is taken back", action(domain.TypeReaction, "34600000131", ""), "PUT /api/reaction", "map[messageId:false_34600000131@c.us_3EB0A1 reaction: session:default]"},
		{"an edit", action(domain.TypeEdit, "", "A las seis"), "PUT " + ours, "map[text:A las seis]"},
		{"an edit of a caption", caption, "PUT " + ours, "map[text:A las siete]"},
		{"a deletion", action(domain.TypeDelete, "", ""), "DELETE " + ours, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{test.call: answers200(`{}`)})
			a := send(t, g, test.m)
			var bodies []string
			for _, sent := range g.sent {
				bodies = append(bodies, fmt.Sprint(sent))
			}
			if a.Fate != domain.FateAccepted || len(g.calls) != 1 || strings.Join(bodies, ";") != test.body {
				t.Errorf("Send = %+v after %v with %v", a, g.calls, bodies)
			}
		})
	}
}

// What cannot be changed fails, and does not stop the connection.
func TestActionsThatFail(t *testing.T) {
	tests := []struct {
		name   string
		m      domain.Outgoing
		reply  connectortest.Reply
		reason domain.Reason
		fate   domain.Fate
	}{
		{"the message is gone", action(domain.TypeDelete, "", ""), hasNone, domain.ReasonInvalid, domain.FateRefused},
		{"the session is gone", action(domain.TypeDelete, "", ""), says(404, "Session not found"), domain.ReasonUnauthorized, domain.FateRefused},
		{"the session starts", action(domain.TypeReaction, "", "👍"), sessionIs("STARTING"), domain.ReasonUnavailable, domain.FateRefused},
		{"an error that nobody knows", action(domain.TypeReaction, "", "👍"), exception("Connection Closed"), domain.ReasonOutcomeUnknown, domain.FateUnknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, map[string]connectortest.Reply{"": test.reply})
			if a := send(t, g, test.m); a.Fate != test.fate || a.Reason() != test.reason {
				t.Errorf("Send = %+v %+v", a, a.Failure)
			}
		})
	}
}
