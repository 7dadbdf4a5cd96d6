package waba_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/waba"
	"recado/adapters/messenger/waba/wabatest"
	"recado/domain"
)

// published is what Meta's own examples are to us; an empty text is a webhook
// that concerns no chat.
var published = map[string]string{
	"Text Message": "text",
	"Text Message with Context (Product Inquiry)": "text",
	"Text Message from Click to WhatsApp Ad":      "text",
	"Reaction Message":                            "reaction",
	"Image Message":                               "image",
	"Location Message":                            "location",
	"Contact Sharing Message":                     "contacts",
	"Unsupported Message":                         "unsupported",
	"Button Message":                              "button",
	"Interactive List Reply Message":              "button",
	"Interactive Button Reply Message":            "button",
	"Order Message":                               "order",
	"System Message":                              "system",
	"Group Create Message":                        "system",
	"Group Settings Update":                       "system",
	"Group Remove Participants":                   "system",
}

func TestParseTakesMetasExamples(t *testing.T) {
	c := waba.New(http.DefaultClient, nil)
	examples := wabatest.Examples(t)
	if len(examples) != len(published) {
		t.Errorf("Meta gives %d examples, want %d", len(examples), len(published))
	}
	for _, e := range examples {
		t.Run(e.Name, func(t *testing.T) {
			connectortest.Sound(t, c, e.Body)
			want, known := published[e.Name]
			if !known {
				t.Fatal("the example is new")
			}
			p := c.Parse(e.Body)
			got := ""
			for _, u := range p.Updates {
				switch f := u.Fact.(type) {
				case domain.MessageArrived:
					got += string(f.Type)
				case domain.MessageReacted:
					got += "reaction"
				default:
					got += fmt.Sprintf("%T", f)
				}
				if u.Account != "106540352242922" || u.At.IsZero() {
					t.Errorf("account %q, time %s", u.Account, u.At)
				}
			}
			ignored := 0
			if want == "" {
				ignored = 1
			}
			if got != want || len(p.Bad) != 0 || p.Ignored != ignored {
				t.Errorf("Parse gives %q, bad %v, ignored %d; want %q", got, p.Bad, p.Ignored, want)
			}
		})
	}
}

func TestParseReadsTimes(t *testing.T) {
	tests := []struct {
		name, stamp, want string
	}{
		{"seconds in a string", `"1749416383"`, "2025-06-08T20:59:43Z"},
		{"seconds", `1749416383`, "2025-06-08T20:59:43Z"},
		{"milliseconds in a string", `"1749416383123"`, "2025-06-08T20:59:43.123Z"},
		{"milliseconds", `1749416383123`, "2025-06-08T20:59:43.123Z"},
		{"a word", `"soon"`, "0001-01-01T00:00:00Z"},
		{"nothing", `null`, "0001-01-01T00:00:00Z"},
		{"zero", `0`, "0001-01-01T00:00:00Z"},
		{"before 1970", `"-5"`, "0001-01-01T00:00:00Z"},
		{"microseconds", `1749416383123456`, "0001-01-01T00:00:00Z"},
		{"more than a number holds", `99999999999999999999`, "0001-01-01T00:00:00Z"},
		{"a list", `[1749416383]`, "0001-01-01T00:00:00Z"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{
				"metadata":{"phone_number_id":"1"},"statuses":[{"id":"wamid.1","status":"read","timestamp":%s}]}}]}]}`, test.stamp)
			p := waba.New(http.DefaultClient, nil).Parse([]byte(body))
			if len(p.Updates) != 1 || p.Updates[0].At.Format("2006-01-02T15:04:05.999Z07:00") != test.want {
				t.Errorf("Parse(%s) = %+v, want one update at %s", test.stamp, p, test.want)
			}
		})
	}
}

// A webhook with an entry that cannot be read is read part by part, and tells
// the same beside it.
func sameBesideWhatIsOdd(t *testing.T, c *waba.Connector, body []byte) {
	t.Helper()
	var hook map[string]json.RawMessage
	var entries []json.RawMessage
	if json.Unmarshal(body, &hook) != nil || json.Unmarshal(hook["entry"], &entries) != nil || string(hook["object"]) != `"whatsapp_business_account"` {
		return
	}
	odd := []byte(`{"object":"whatsapp_business_account","entry":[`)
	for _, entry := range entries {
		odd = append(append(odd, entry...), ',')
	}
	odd = append(odd, "7]}"...)
	alone, beside := c.Parse(body), c.Parse(odd)
	if len(beside.Bad) != len(alone.Bad)+1 || beside.Ignored != alone.Ignored || len(beside.Updates) != len(alone.Updates) {
		t.Fatalf("Parse gives %d updates, %d bad, %d ignored; beside an odd entry %d, %d, %d; body %s", len(alone.Updates), len(alone.Bad),
			alone.Ignored, len(beside.Updates), len(beside.Bad), beside.Ignored, body)
	}
	for i, u := range alone.Updates {
		v := beside.Updates[i]
		if !reflect.DeepEqual(u.Fact, v.Fact) || u.Account != v.Account || !u.At.Equal(v.At) || !bytes.Equal(u.Item(), v.Item()) {
			t.Errorf("update %d is %+v, beside an odd entry %+v; body %s", i, u, v, body)
		}
	}
}

func TestParseReadsTheSameBesideWhatIsOdd(t *testing.T) {
	c := waba.New(http.DefaultClient, nil)
	for name, body := range connectortest.Payloads(t) {
		t.Run(name, func(t *testing.T) { sameBesideWhatIsOdd(t, c, body) })
	}
	for _, value := range []string{
		`{"metadata":{"phone_number_id":"1"}}`,
		`{"metadata":{"phone_number_id":"1"},"messages":[]}`,
		`{"metadata":{"phone_number_id":"1"},"messages":null,"errors":null}`,
		`{"metadata":{"phone_number_id":"1"},"contacts":[null],"messages":[{"id":"wamid.1","from":"1650","type":"unsupported"}]}`,
	} {
		t.Run(value, func(t *testing.T) {
			sameBesideWhatIsOdd(t, c, fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":%s}]}]}`, value))
		})
	}
}

// A batch as large as Meta sends: each item holds its own contact only, so that
// what is put aside stays small.
func TestParseItemsAreSmall(t *testing.T) {
	type object = map[string]any
	var contacts, messages []object
	for i := range 1000 {
		phone := fmt.Sprint(16505550000 + i)
		contacts = append(contacts, object{"wa_id": phone, "profile": object{"name": strings.Repeat("n", 200)}})
		messages = append(messages, object{"from": phone, "type": "text", "text": object{"body": "without a name"}})
	}
	body, err := json.Marshal(object{"object": "whatsapp_business_account", "entry": []any{object{"changes": []any{object{
		"field": "messages", "value": object{"metadata": object{"phone_number_id": "1"}, "contacts": contacts, "messages": messages},
	}}}}})
	if err != nil {
		t.Fatal(err)
	}
	p := waba.New(http.DefaultClient, nil).Parse(body)
	if len(p.Bad) != 1000 {
		t.Fatalf("%d bad items, want 1000", len(p.Bad))
	}
	for _, b := range p.Bad {
		if len(b.Item) > 1000 || strings.Count(string(b.Item), "wa_id") != 1 {
			t.Fatalf("an item has %d bytes: %s", len(b.Item), b.Item)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, body := range connectortest.Payloads(f) {
		f.Add(body)
	}
	c := waba.New(http.DefaultClient, nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		connectortest.Sound(t, c, body)
		sameBesideWhatIsOdd(t, c, body)
	})
}
