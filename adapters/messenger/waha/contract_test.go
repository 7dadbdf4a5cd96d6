package waha_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A contract is WAHA's published OpenAPI.
type contract struct {
	paths   map[string]map[string]operation
	schemas *jsonschema.Compiler
}

type operation struct {
	Parameters []struct {
		Name, In string
		Required bool
	}
	RequestBody struct {
		Content map[string]struct {
			Schema struct {
				Ref string `json:"$ref"`
			}
		}
	}
}

const contractFile = "waha-2026.7.1.openapi.json"

// published reads the contract from the folder that RECADO_CONTRACTS names, a path of
// the machine or from the root of the module. Without it the test is skipped.
func published(t *testing.T) contract {
	t.Helper()
	folder := os.Getenv("RECADO_CONTRACTS")
	if folder == "" {
		t.Skip("RECADO_CONTRACTS is not set: WAHA's OpenAPI is not read")
	}
	if !filepath.IsAbs(folder) {
		folder = filepath.Join("..", "..", "..", folder)
	}
	data, err := os.ReadFile(filepath.Join(folder, contractFile))
	if err != nil {
		t.Fatal(err)
	}
	var c contract
	var document struct {
		Paths map[string]map[string]json.RawMessage
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err == nil {
		err = json.Unmarshal(data, &document)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.paths = map[string]map[string]operation{}
	for path, methods := range document.Paths {
		c.paths[path] = map[string]operation{}
		for method, raw := range methods {
			var o operation
			if err := json.Unmarshal(raw, &o); err == nil {
				c.paths[path][method] = o
			}
		}
	}
	c.schemas = jsonschema.NewCompiler()
	if err := c.schemas.AddResource(contractFile, repaired(whole)); err != nil {
		t.Fatal(err)
	}
	return c
}

// repaired takes out what is no JSON Schema, or not so: WAHA writes `required: true` in
// properties, and that the names of events and files are objects.
func repaired(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if _, isFlag := v["required"].(bool); isFlag && v["in"] == nil {
			delete(v, "required")
		}
		if events, ok := v["events"].(map[string]any); ok {
			events["items"] = map[string]any{"type": "string"}
		}
		if _, isText := v["default"].(string); isText && v["type"] == "object" {
			v["type"] = "string"
		}
		for name, field := range v {
			v[name] = repaired(field)
		}
	case []any:
		for i, item := range v {
			v[i] = repaired(item)
		}
	}
	return v
}

// faults lists what of a request the contract does not know.
func (c contract) faults(r *http.Request, body []byte) (faults []string) {
	add := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	path, o, ok := c.find(r)
	if !ok {
		add("WAHA has no %s %s", r.Method, r.URL.Path)
		return faults
	}
	query := r.URL.Query()
	for _, p := range o.Parameters {
		if p.In == "query" {
			if p.Required && !query.Has(p.Name) {
				add("%s lacks %s", path, p.Name)
			}
			query.Del(p.Name)
		}
	}
	if len(query) > 0 {
		add("%s does not know %v", path, query)
	}
	ref := o.RequestBody.Content["application/json"].Schema.Ref
	if ref == "" {
		if len(body) > 0 {
			add("%s takes no body", path)
		}
		return faults
	}
	schema, err := c.schemas.Compile(contractFile + ref)
	if err != nil {
		add("%s: %v", path, err)
		return faults
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		add("%s: %v: %s", path, err, body)
	}
	fields, _ := value.(map[string]any)
	for name := range fields {
		if _, known := schema.Properties[name]; !known {
			add("%s does not know the field %s", path, name)
		}
	}
	return faults
}

// The gateway of these tests looks at every request by WAHA's OpenAPI. Where that is not at
// hand it cannot, and this test is the one that says so.
func TestRequestsThatWAHADoesNotKnowAreFound(t *testing.T) {
	c := published(t)
	tests := []struct{ name, method, path, body, fault string }{
		{"a text", "POST", "/api/sendText", `{"session":"default","chatId":"1@c.us","text":"Hola"}`, ""},
		{"a text without a chat", "POST", "/api/sendText", `{"session":"default","text":"Hola"}`, "missing property 'chatId'"},
		{"a field that is not there", "POST", "/api/sendText", `{"session":"default","chatId":"1@c.us","text":"Hola","re":1}`, "does not know the field re"},
		{"a method that is not there", "GET", "/api/sendTexts", "", "WAHA has no GET /api/sendTexts"},
		{"a parameter that is not there", "GET", "/api/contacts/check-exists?phone=1&session=default&x=1", "", "does not know map[x:[1]]"},
		{"a parameter that lacks", "GET", "/api/contacts/check-exists?session=default", "", "lacks phone"},
		{"a body too many", "GET", "/api/server/version", `{}`, "takes no body"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found := strings.Join(c.faults(httptest.NewRequest(test.method, test.path, nil), []byte(test.body)), "; ")
			if test.fault == "" && found != "" || !strings.Contains(found, test.fault) {
				t.Errorf("found %q, want %q", found, test.fault)
			}
		})
	}
}

// find returns the operation of a request.
func (c contract) find(r *http.Request) (string, operation, bool) {
	given := strings.Split(r.URL.EscapedPath(), "/")
	best, fixed := "", -1
	for path := range c.paths {
		parts, n := strings.Split(path, "/"), 0
		fits := len(parts) == len(given)
		for i := range parts {
			if !fits {
				break
			}
			part, err := url.PathUnescape(given[i])
			switch {
			case parts[i] == part:
				n++
			case err != nil || !strings.HasPrefix(parts[i], "{"):
				fits = false
			}
		}
		if fits && n > fixed {
			best, fixed = path, n
		}
	}
	o, ok := c.paths[best][strings.ToLower(r.Method)]
	return best, o, ok
}
