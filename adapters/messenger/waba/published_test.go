package waba_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"recado/adapters/messenger/waba"
	"recado/adapters/messenger/waba/wabatest"
	"recado/domain"
)

// notMessages lists the types of messages that are no client's message, with what
// they say of another message.
var notMessages = map[string]struct {
	reason, body string
	is           func(domain.Fact) bool
}{
	"reaction": {
		"it is shown beside the message", `"reaction":{"message_id":"wamid.0","emoji":"👍"}`,
		func(f domain.Fact) bool { _, ok := f.(domain.MessageReacted); return ok },
	},
	"edit": {
		"it replaces a message's content", `"edit":{"original_message_id":"wamid.0","message":{"type":"text","text":{"body":"w1"}}}`,
		func(f domain.Fact) bool { _, ok := f.(domain.MessageEdited); return ok },
	},
	"revoke": {
		"it takes a message back", `"revoke":{"original_message_id":"wamid.0"}`,
		func(f domain.Fact) bool { _, ok := f.(domain.MessageDeleted); return ok },
	},
}

func TestWhatIsNoMessageChangesOne(t *testing.T) {
	c := waba.New(http.DefaultClient, nil)
	for typ, n := range notMessages {
		p := c.Parse(fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{
			"metadata":{"phone_number_id":"1"},"messages":[{"id":"wamid.1","from":"34600000001","timestamp":"1749416383","type":%q,%s}]}}]}]}`, typ, n.body))
		if len(p.Updates) != 1 || !n.is(p.Updates[0].Fact) {
			t.Errorf("%s: %s, but Parse gives %+v", typ, n.reason, p)
		}
	}
}

// Each type of message, and each field of changes, that Meta's description of its
// API has is one that the tests play. A new one fails here.
func TestEveryPublishedTypeIsPlayed(t *testing.T) {
	var s struct {
		Components struct {
			Schemas struct {
				IncomingMessage struct {
					Discriminator struct{ Mapping map[string]string }
				} `yaml:"IncomingMessage"`
				Change struct {
					Properties struct {
						Field struct{ Enum []string }
					}
				} `yaml:"Change"`
			}
		}
	}
	wabatest.ReadContract(t, &s)
	types := s.Components.Schemas.IncomingMessage.Discriminator.Mapping
	fields := s.Components.Schemas.Change.Properties.Field.Enum
	if len(types) < 10 || len(fields) == 0 {
		t.Fatalf("the description has %d types and %d fields", len(types), len(fields))
	}
	for typ := range types {
		played := slices.ContainsFunc(documentedTypes, func(d documented) bool { return d.typ == typ })
		if _, noMessage := notMessages[typ]; !played && !noMessage {
			t.Errorf("messages of type %q are not played", typ)
		}
	}
	for _, field := range fields {
		if !waba.ReadsField(field) {
			t.Errorf("changes of the field %q are ignored", field)
		}
	}
}
