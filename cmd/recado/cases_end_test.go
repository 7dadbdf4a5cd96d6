package main

import (
	"encoding/json"
	"net/http"
	"strings"
)

// An end is what can be seen from outside when a case was played.
type end struct {
	chats    []map[string]any // with their messages
	sent     []map[string]any // what the messengers got
	outcomes map[string]int   // of updates, by kind/outcome
	waba     map[string]any   // the subscription
	events   string           // all events
	dump     string           // all of it
}

// end looks at the installation. What the sentinel did is left out.
func (i *installation) end() end {
	e := end{outcomes: i.outcomes(), sent: i.messenger.sentBodies(), events: i.crm.text()}
	for _, c := range pages[map[string]any](i.world, anaKey, "/v1/chats?limit=200") {
		if c["peer_id"] == sentinelPeer {
			continue
		}
		id, _ := c["id"].(string)
		c["messages"] = pages[map[string]any](i.world, anaKey, "/v1/chats/"+id+"/messages?limit=200")
		e.chats = append(e.chats, c)
	}
	for _, s := range pages[map[string]any](i.world, anaKey, "/v1/subscriptions") {
		if s["id"] == "acme-waba" {
			e.waba = s
		}
	}
	e.dump = asJSON(e.chats) + e.events + asJSON(e.sent) + asJSON(e.waba)
	return e
}

func (e end) messages() []map[string]any {
	var all []map[string]any
	for _, c := range e.chats {
		messages, _ := c["messages"].([]map[string]any)
		all = append(all, messages...)
	}
	return all
}

// has reports whether each of the words can be seen anywhere.
func (e end) has(words ...string) bool {
	for _, word := range words {
		if !strings.Contains(e.dump, word) {
			return false
		}
	}
	return true
}

// says reports whether a message's text has the words.
func (e end) says(words string) bool {
	for _, m := range e.messages() {
		if text, _ := m["text"].(string); strings.Contains(text, words) {
			return true
		}
	}
	return false
}

// lastSent is a field of what a messenger got last.
func (e end) lastSent(field string) any {
	if len(e.sent) == 0 {
		return nil
	}
	return e.sent[len(e.sent)-1][field]
}

// at follows the names into an object.
func at(v any, names ...string) any {
	for _, name := range names {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}

func asJSON(v any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // of what was decoded
	return strings.TrimSpace(b.String())
}

// view calls the API and wants it to answer 2xx.
func (i *installation) view(method, path string, in any) map[string]any {
	i.t.Helper()
	var out map[string]any
	status, err := i.call(anaKey, method, path, in, &out)
	if err != nil || status >= http.StatusMultipleChoices {
		i.t.Fatalf("%s %s: %d %v %v", method, path, status, err, out)
	}
	return out
}
