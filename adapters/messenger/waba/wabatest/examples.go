package wabatest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// An Example is a webhook that Meta's OpenAPI gives. Several of them name
// different messages by one id: use each in a store of its own.
type Example struct {
	Name string
	Body []byte
}

// ReadContract reads Meta's OpenAPI into v, from the folder that RECADO_CONTRACTS
// names, a path of the machine or from the root of the module. Without it the test
// is skipped.
func ReadContract(t testing.TB, v any) {
	t.Helper()
	folder := os.Getenv("RECADO_CONTRACTS")
	if folder == "" {
		t.Skip("RECADO_CONTRACTS is not set: Meta's OpenAPI is not read")
	}
	if !filepath.IsAbs(folder) {
		folder = filepath.Join(root(t), folder)
	}
	data, err := os.ReadFile(filepath.Join(folder, "meta-whatsapp-v23.0.openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

// Examples reads the examples from the contract.
func Examples(t testing.TB) []Example {
	t.Helper()
	var contract struct {
		Paths map[string]struct {
			Post struct {
				RequestBody struct {
					Content map[string]struct {
						Examples map[string]struct{ Value any }
					}
				} `yaml:"requestBody"`
			}
		}
	}
	ReadContract(t, &contract)
	var examples []Example
	for name, example := range contract.Paths["/whatsapp/webhooks"].Post.RequestBody.Content["application/json"].Examples {
		body, err := json.Marshal(example.Value)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		examples = append(examples, Example{name, body})
	}
	if len(examples) == 0 {
		t.Fatal("the contract has no examples of webhooks where they were")
	}
	slices.SortFunc(examples, func(a, b Example) int { return strings.Compare(a.Name, b.Name) })
	return examples
}

// root finds the folder of the module.
func root(t testing.TB) string {
	t.Helper()
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; at != filepath.Dir(at); at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return at
		}
	}
	t.Fatal("no go.mod above the test")
	return ""
}
