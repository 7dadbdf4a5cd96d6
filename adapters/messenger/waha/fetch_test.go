package waha_test

import (
	"io"
	"net/http"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/waha"
	"recado/domain"
)

// A file is fetched from where the connection says that WAHA is, whatever host WAHA
// names. When WAHA has deleted it, it is asked for it anew.
func TestFetch(t *testing.T) {
	const (
		source = "34600000131@c.us 3AAA01"
		served = source + " /api/files/default/3AAA01.oga"
		file   = "GET /api/files/default/3AAA01.oga"
		anew   = "GET /api/files/default/new.oga"
		ask    = "GET /api/default/chats/34600000131@c.us/messages/3AAA01?downloadMedia=true"
	)
	holds := func(media string) connectortest.Reply {
		return answers200(`{"id":"false_34600000131@c.us_3AAA01","hasMedia":true,"media":` + media + `}`)
	}
	again := holds(`{"url":"http://localhost:3000/api/files/default/new.oga","mimetype":"audio/ogg"}`)
	content := answers200("the voice")
	tests := []struct {
		name    string
		source  string
		replies map[string]connectortest.Reply
		calls   int
		lost    domain.MediaCause
		fails   domain.Reason // empty: the file comes
	}{
		{"it is there", served, map[string]connectortest.Reply{file: content}, 1, "", ""},
		{"WAHA deleted it", served, map[string]connectortest.Reply{file: says(404, "File not found"), ask: again, anew: content}, 3, "", ""},
		{"WAHA had not fetched it", source, map[string]connectortest.Reply{ask: again, anew: content}, 2, "", ""},
		{"the message is gone", source, map[string]connectortest.Reply{ask: says(404, "Message not found")}, 1, domain.MediaGone, domain.ReasonUnauthorized},
		{"there is no such session", source, map[string]connectortest.Reply{ask: says(404, "Session not found")}, 1, "", domain.ReasonUnauthorized},
		{"the message lost its file", source, map[string]connectortest.Reply{ask: answers200(`{"id":"false_1@c.us_3AAA01","hasMedia":false,"media":null}`)}, 1, domain.MediaGone, domain.ReasonMedia},
		{"WhatsApp does not give it", source, map[string]connectortest.Reply{ask: holds(`{"url":null,"error":{"message":"failed"}}`)}, 1, "", domain.ReasonMedia},
		{"WAHA keeps it elsewhere", source, map[string]connectortest.Reply{ask: holds(`{"url":"https://bucket.s3.amazonaws.com/3AAA01.oga"}`)}, 1, domain.MediaForbidden, domain.ReasonInvalid},
		{"the session starts", source, map[string]connectortest.Reply{ask: sessionIs("STARTING")}, 1, "", domain.ReasonUnavailable},
		{"the file cannot be read now", served, map[string]connectortest.Reply{file: says(503, "Busy")}, 1, "", domain.ReasonOutcomeUnknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := newGateway(t, test.replies)
			f, a := waha.New(http.DefaultClient).Fetch(t.Context(), connection(g.URL+"/"), domain.StoredMedia{Source: test.source})
			if len(g.calls) != test.calls {
				t.Errorf("the calls are %v", g.calls)
			}
			if test.fails != "" {
				if a.Reason() != test.fails || f.Lost != test.lost || f.Body != nil {
					t.Errorf("Fetch = %+v, %+v", f, a)
				}
				return
			}
			if a.Fate != domain.FateAccepted {
				t.Fatalf("Fetch = %+v", a)
			}
			defer f.Body.Close()
			if got, err := io.ReadAll(f.Body); err != nil || string(got) != "the voice" {
				t.Errorf("read %q, %v", got, err)
			}
		})
	}
}
