package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

// Nothing of another company is seen or changed: every operation of the OpenAPI
// document is called with every id of another company that it can take, and answers
// as it does to ids that nothing has. An operation that takes an id of a kind that
// is unknown here fails the test.
func TestNoCallReachesAnotherCompany(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			m := newMatrix(t, on)
			before := m.seenByZeta()
			calls := 0
			for path, item := range m.document.Paths.Map() {
				for method, op := range item.Operations() {
					for _, c := range m.calls(method, path, op) {
						m.check(c)
						calls++
					}
				}
			}
			if calls < m.document.Paths.Len() {
				t.Errorf("only %d calls", calls)
			}
			if diff := cmp.Diff(before, m.seenByZeta()); diff != "" {
				t.Errorf("what zeta sees of itself has changed (-before +after):\n%s", diff)
			}
		})
	}
}

// nouns names, for each place where an id of a company's record can stand, the
// record: parts of paths, query parameters and fields of bodies.
var nouns = map[string]string{
	"chats": "chat", "messages": "message", "connections": "connection", "endpoints": "endpoint", "deliveries": "delivery",
	"subscriptions": "subscription", "employees": "employee", "media": "file",
	"chat": "chat", "connection": "connection",
	"chat_id": "chat", "connection_id": "connection", "reply_to": "message",
}

// plain lists query parameters and fields that look like ids and are none of a record.
var plain = []string{
	"limit", "cursor", "unanswered", "blocked", "q", "state", "type", "types", "since", "until", "after", "wait", "as", "name", // parameters
	"id", "peer_id", // fields: chosen by the caller, or the messenger's
}

// bodies are valid bodies of operations for which the required fields alone are
// not enough, by the field that holds the id.
var bodies = map[string]map[string]any{
	"send-message chat_id":       {"text": "x"},
	"send-message connection_id": {"text": "x", "peer_id": "16505551234"},
	"send-message media":         {"type": "file", "chat_id": "own"},
	"send-message reply_to":      {"text": "x", "chat_id": "own"},
	"create-endpoint":            {"url": "https://crm.example/"},
}

// A matrix is an installation whose company zeta has one record of each kind.
type matrix struct {
	*world
	document *openapi3.T
	ownChat  string            // of acme
	theirs   map[string]string // ids of zeta's records, by noun
	nobodys  map[string]string // ids like those, that nothing has
}

func newMatrix(t *testing.T, on string) *matrix {
	m := &matrix{world: newWorld(t, on), theirs: map[string]string{
		"connection": "waba-2", "endpoint": "zeta-crm", "subscription": "zeta-waba", "employee": "zoe",
	}}
	m.declare("http://127.0.0.1:1", newCRM(t).url)
	m.start()
	for _, number := range []string{"106540352242922", "200"} {
		if status := m.post(textBody(number, "16505551234", "secret-of-"+number)); status != http.StatusOK {
			t.Fatalf("webhook answered with %d", status)
		}
	}
	m.ownChat = m.firstID(anaKey, "/v1/chats")
	m.theirs["chat"] = m.firstID(zoeKey, "/v1/chats")
	m.theirs["message"] = m.firstID(zoeKey, "/v1/chats/"+m.theirs["chat"]+"/messages")
	m.theirs["file"] = m.upload(zoeKey, "secret-of-200")
	m.theirs["delivery"] = m.firstID(zoeKey, "/v1/endpoints/zeta-crm/deliveries?state=delivered")
	m.nobodys = map[string]string{}
	for noun, id := range m.theirs {
		m.nobodys[noun] = id[:len(id)-1] + "0"
		if noun == "delivery" || m.nobodys[noun] == id {
			m.nobodys[noun] = id + "00"
		}
	}
	_, text := m.send(call{method: "GET", path: "/v1/openapi.json"}, "")
	var err error
	if m.document, err = openapi3.NewLoader().LoadFromData([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return m
}

// firstID waits until a list has a row, and returns its id.
func (m *matrix) firstID(key, path string) string {
	m.t.Helper()
	var list struct{ Data []struct{ ID string } }
	eventually(m.t, path+" has a row", 10*time.Second, func() bool {
		status, err := m.world.call(key, http.MethodGet, path, nil, &list)
		return err == nil && status == http.StatusOK && len(list.Data) > 0
	})
	return list.Data[0].ID
}

// A call of an operation, in which {noun} stands for an id.
type call struct {
	method, path, body string
	names              bool // the path names a record
}

var parameter = regexp.MustCompile(`([a-z_-]+)/\{\w+\}`)

// calls makes the calls of an operation: one with ids in its path, and one more
// for each query parameter and each field of its body that takes an id.
func (m *matrix) calls(method, path string, op *openapi3.Operation) []call {
	base := call{method: method, names: strings.Contains(path, "{")}
	first := true
	base.path = parameter.ReplaceAllStringFunc(path, func(part string) string {
		list, _, _ := strings.Cut(part, "/")
		noun, known := nouns[list]
		switch {
		case first && !known:
			m.t.Errorf("%s %s: of which record is the id? Add a row to nouns", method, path)
		case !first: // a record of one that is another company's
			return list + "/1"
		}
		first = false
		return list + "/{" + noun + "}"
	})
	var fields *openapi3.Schema
	if op.RequestBody != nil && op.RequestBody.Value.Content["application/json"] != nil {
		fields = op.RequestBody.Value.Content["application/json"].Schema.Value
		base.body = m.body(op.OperationID, "", fields)
	}
	list := []call{base}
	for _, p := range op.Parameters {
		if p := p.Value; p.In == "query" && !slices.Contains(plain, p.Name) {
			c := base
			c.path += "?" + p.Name + "={" + m.noun(method+" "+path, p.Name) + "}"
			list = append(list, c)
		}
	}
	if fields == nil {
		return list
	}
	for _, name := range slices.Sorted(maps.Keys(fields.Properties)) {
		if (strings.HasSuffix(name, "_id") || nouns[name] != "") && !slices.Contains(plain, name) {
			c := base
			c.body = m.body(op.OperationID, name, fields)
			c.names = true
			list = append(list, c)
		}
	}
	return list
}

func (m *matrix) noun(op, name string) string {
	if nouns[name] == "" {
		m.t.Errorf("%s: does %s take an id of a record? Add a row to nouns, or to plain", op, name)
	}
	return nouns[name]
}

// body is a body with the required fields, and with an id in the named one.
func (m *matrix) body(operation, name string, fields *openapi3.Schema) string {
	body := map[string]any{}
	for _, required := range fields.Required {
		body[required] = sample(fields.Properties[required].Value)
	}
	maps.Copy(body, bodies[strings.TrimSpace(operation+" "+name)])
	if body["chat_id"] == "own" {
		body["chat_id"] = m.ownChat
	}
	if name != "" {
		id := "{" + m.noun(operation, name) + "}"
		body[name] = id
		if s := fields.Properties[name].Value; s.Type != nil && s.Type.Includes("object") {
			body[name] = map[string]any{"id": id}
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(text)
}

// sample is a value that fits a schema.
func sample(s *openapi3.Schema) any {
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type.Includes("array"):
		return []any{}
	case s.Type.Includes("boolean"):
		return false
	case s.Type.Includes("integer") || s.Type.Includes("number"):
		return 1
	case s.Type.Includes("object"):
		return map[string]any{}
	case s.Format == "date-time":
		return "2026-01-02T03:04:05Z"
	}
	return "x"
}

// check makes a call as an administrator of acme, with ids of zeta's records, and
// with ids that nothing has.
func (m *matrix) check(c call) {
	m.t.Helper()
	status, text := m.send(withIDs(c, m.theirs), anaKey)
	what := fmt.Sprintf("%s %s %s", c.method, c.path, c.body)
	for noun, id := range m.theirs {
		if strings.Contains(text, `"`+id+`"`) {
			m.t.Errorf("%s shows the %s %s of another company: %s", what, noun, id, text)
		}
	}
	if strings.Contains(text, "secret-of-200") {
		m.t.Errorf("%s shows a message of another company: %s", what, text)
	}
	if !c.names {
		return
	}
	if status != http.StatusNotFound {
		m.t.Errorf("%s is answered %d %s, want 404", what, status, text)
	}
	if status2, text2 := m.send(withIDs(c, m.nobodys), anaKey); status2 != status || text2 != text {
		m.t.Errorf("%s is answered %d %s for a record of another company, and %d %s for none", what, status, text, status2, text2)
	}
}

// withIDs puts ids into a call.
func withIDs(c call, ids map[string]string) call {
	for noun, id := range ids {
		c.path = strings.ReplaceAll(c.path, "{"+noun+"}", url.PathEscape(id))
		c.body = strings.ReplaceAll(c.body, "{"+noun+"}", id)
	}
	return c
}

// nextCursor is where a list goes on; that of the feed holds the time.
var nextCursor = regexp.MustCompile(`"next_cursor":"[^"]*"`)

// seenByZeta is every answer to a GET of zeta's owner.
func (m *matrix) seenByZeta() map[string]string {
	m.t.Helper()
	seen := map[string]string{}
	for path, item := range m.document.Paths.Map() {
		if item.Get == nil {
			continue
		}
		c := withIDs(m.calls(http.MethodGet, path, item.Get)[0], m.theirs)
		status, text := m.send(c, zoeKey)
		if status != http.StatusOK && !strings.HasSuffix(c.path, "/1") {
			m.t.Errorf("%s is answered %d %s to its owner", c.path, status, text)
		}
		seen[c.path] = nextCursor.ReplaceAllString(text, "")
	}
	return seen
}

// send makes a call and returns the status and the body of the answer.
func (m *matrix) send(c call, key string) (int, string) {
	m.t.Helper()
	var body io.Reader
	if c.body != "" {
		body = bytes.NewReader([]byte(c.body))
	}
	request, err := http.NewRequestWithContext(m.t.Context(), c.method, "http://"+m.public+c.path, body)
	if err != nil {
		m.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Content-Type", "application/json")
	answer, err := client.Do(request)
	if err != nil {
		m.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		m.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}
