package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/messenger/waba/wabatest"
)

// exampleMessages says which message each example webhook of Meta becomes; empty:
// none that a CRM hears of.
var exampleMessages = map[string]string{
	"Button Message":                              `button "Unsubscribe"`,
	"Contact Sharing Message":                     `contacts "Lucía Gómez: +1 (983) 555-2319"`,
	"Group Create Message":                        `system "group_create\nyour-group-subject\nyour-group-description\n16505551234\n16505551235"`,
	"Group Remove Participants":                   "", // it has the type, the request and the people of the one above
	"Group Settings Update":                       `system "group_settings_update"`,
	"Image Message":                               `image "Taj Mahal"`,
	"Interactive Button Reply Message":            `button "Cancel"`,
	"Interactive List Reply Message":              `button "Priority Mail Express\nNext Day to 2 Days"`,
	"Location Message":                            `location "Philz Coffee\n101 Forest Ave, Palo Alto, CA 94301\n37.44221496582, -122.16165924072\nhttps://philzcoffee.com/"`,
	"Order Message":                               `order "2 × di9ozbzfi4, 30 USD\n1 × nqryix03ez, 25 USD"`,
	"Reaction Message":                            "", // to a message that this installation never saw
	"System Message":                              `system "User Sheena Nelson changed from 16505551234 to 12195555358"`,
	"Text Message":                                `text "Does it come in another color?"`,
	"Text Message from Click to WhatsApp Ad":      `text "Hello! Can I get more info on this?"`,
	"Text Message with Context (Product Inquiry)": `text "Is this still available?"`,
	"Unsupported Message":                         `unsupported "unsupported: Message type unknown\nMessage type is currently not supported."`,
}

// The examples that Meta publishes, each with its own id, become chats, messages and
// callbacks when they are signed and posted to the program.
func TestExamplesOfMeta(t *testing.T) {
	examples := wabatest.Examples(t)
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, on, nil)
			var want, said, stored []string
			for i, e := range examples {
				line, ok := exampleMessages[e.Name]
				if !ok {
					t.Errorf("nobody says what becomes of the example %q", e.Name)
				}
				if line != "" {
					want = append(want, line)
				}
				if status := s.post(withID(t, e.Body, fmt.Sprintf("wamid.example%d", i))); status != http.StatusOK {
					t.Errorf("%s: status %d", e.Name, status)
				}
			}
			eventually(t, "the CRM heard of every message", 10*time.Second, func() bool { return len(s.crm.heard("acme", 0)) > len(want) })
			s.metric(line{words: []string{"", `recado_updates_total{kind="waba",outcome="repeated"}`, "1"}})
			s.metric(line{words: []string{"", `recado_updates_total{kind="waba",outcome="orphan"}`, "1"}})
			for _, e := range s.crm.heard("acme", 0) {
				if e.Type != "message.created" { // the number that changed
					continue
				}
				said = append(said, fmt.Sprintf("%s %q", e.Data.Message.Type, e.Data.Message.Text))
			}
			for _, chat := range pages[struct{ ID string }](s.world, anaKey, "/v1/chats?limit=200") {
				for _, m := range pages[struct{ Type, Text string }](s.world, anaKey, "/v1/chats/"+chat.ID+"/messages?limit=200") {
					stored = append(stored, fmt.Sprintf("%s %q", m.Type, m.Text))
				}
			}
			for _, lines := range [][]string{want, said, stored} {
				slices.Sort(lines)
			}
			if diff := cmp.Diff(want, said); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want, stored); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
		})
	}
}

// withID replaces the id of a webhook's messages, since several examples share one.
func withID(t *testing.T, body []byte, id string) []byte {
	t.Helper()
	var hook struct {
		Object string `json:"object"`
		Entry  []struct {
			ID      string `json:"id"`
			Changes []struct {
				Field string         `json:"field"`
				Value map[string]any `json:"value"`
			} `json:"changes"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(body, &hook); err != nil {
		t.Fatal(err)
	}
	for _, e := range hook.Entry {
		for _, c := range e.Changes {
			messages, _ := c.Value["messages"].([]any)
			for _, m := range messages {
				m.(map[string]any)["id"] = id
			}
		}
	}
	again, err := json.Marshal(hook)
	if err != nil {
		t.Fatal(err)
	}
	return again
}
