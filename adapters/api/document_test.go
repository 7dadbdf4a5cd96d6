package api

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
			if body := operation.RequestBody; body != nil {
				closed := body.Value.Content["application/json"].Schema.Value.AdditionalProperties
				if closed.Has == nil || *closed.Has {
					t.Errorf("%s %s takes unknown fields", method, path)
				}
			}
		}
	}
	named := strings.NewReplacer(chat1, "/v1/chats/{id}", message2, "/v1/messages/{id}")
	for _, c := range calls {
		want = append(want, named.Replace(c.call))
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(slices.Compact(want), got); diff != "" {
		t.Errorf("calls (-tested +documented):\n%s", diff)
	}
}
