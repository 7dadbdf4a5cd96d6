package api

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

// The validator must find faults for its verdict to mean anything, and must know
// the version: the first fault is valid in OpenAPI 3.0.
func TestFaultsOfADocumentAreFound(t *testing.T) {
	tests := []struct{ name, right, wrong string }{
		{"a bound that is a boolean", `"minimum":1`, `"minimum":1,"exclusiveMinimum":true`},
		{"a list of types with one that is none", `["string","null"]`, `["string","nil"]`},
		{"a type that is none", `"type":"boolean"`, `"type":"bool"`},
		{"a reference to nothing", `#/components/schemas/May"`, `#/components/schemas/Might"`},
		{"a field that operations do not have", `"summary":`, `"summery":`},
		{"a call of the same name", `"get-chat"`, `"list-chats"`},
		{"a response without description", `"description":"OK"`, `"x-said":"OK"`},
		{"a parameter that no path has", `"/v1/chats/{id}"`, `"/v1/chats/{chat}"`},
		{"a key of no scheme", `{"api_key":[]}`, `{"key":[]}`},
	}
	for _, tt := range tests {
		faulty := strings.Replace(string(document()), tt.right, tt.wrong, 1)
		doc, err := openapi3.NewLoader().LoadFromData([]byte(faulty))
		if err == nil {
			err = doc.Validate(t.Context())
		}
		if err == nil || faulty == string(document()) {
			t.Errorf("%s is not found, or cannot be put there", tt.name)
		}
	}
}

func TestTheDocumentHasEveryCall(t *testing.T) {
	doc, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Errorf("OpenAPI %s: %v", doc.OpenAPI, err)
	}
	if text, err := json.Marshal(doc); err != nil || strings.Contains(string(text), "$schema") ||
		strings.Contains(string(text), `"additionalProperties":true`) {
		t.Errorf("the document speaks of $schema or of unknown fields of answers, or: %v", err)
	}
	var got, want []string
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			got = append(got, method+" "+path)
			if body := operation.RequestBody; body != nil && body.Value.Content["application/json"] != nil {
				closed := body.Value.Content["application/json"].Schema.Value.AdditionalProperties
				if closed.Has == nil || *closed.Has {
					t.Errorf("%s %s takes unknown fields", method, path)
				}
			}
		}
	}
	named := strings.NewReplacer(chat1, "/v1/chats/{id}", message2, "/v1/messages/{id}", file1, "/v1/media/{id}",
		"acme-waba", "{id}", "bot-1", "{id}", "hooks", "{id}", "dlv_7", "{id}", "rep_1", "{replay_id}", "eva", "{id}")
	for _, c := range calls {
		want = append(want, named.Replace(c.call))
	}
	want = append(want, tables)
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
		t.Errorf("calls (-tested +documented):\n%s", diff)
	}
}

// PostgreSQL keeps no NUL. A text that may hold one would be answered as if the fault
// were ours, so that callers would try it again.
func TestNoTextOfACallMayHoldNUL(t *testing.T) {
	doc, err := documented()
	if err != nil {
		t.Fatal(err)
	}
	var check func(where string, s *openapi3.Schema)
	check = func(where string, s *openapi3.Schema) {
		if where == "POST /v1/messages: body.contacts[]" { // stored as JSON, which escapes it
			return
		}
		for name, field := range s.Properties {
			check(where+"."+name, field.Value)
		}
		if s.Items != nil {
			check(where+"[]", s.Items.Value)
		}
		if !s.Type.Includes("string") || s.Enum != nil || s.Format != "" {
			return
		}
		if pattern, err := regexp.Compile(s.Pattern); err != nil || pattern.MatchString("a\x00a") {
			t.Errorf("%s has the pattern %q", where, s.Pattern)
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			call := method + " " + path
			for _, p := range operation.Parameters {
				check(call+": "+p.Value.Name, p.Value.Schema.Value)
			}
			if body := operation.RequestBody; body != nil && body.Value.Content["application/json"] != nil {
				check(call+": body", body.Value.Content["application/json"].Schema.Value)
			}
		}
	}
}
