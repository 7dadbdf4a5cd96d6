// Package telegramtest checks in tests that what is said between Recado and a gateway
// is as gateway.schema.json says.
package telegramtest

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// A Schema is a definition of gateway.schema.json.
type Schema struct{ compiled *jsonschema.Schema }

// ReadSchema reads a definition, such as update or answer, from the file in the folder
// of the connector, a path from that of the test.
func ReadSchema(t testing.TB, folder, definition string) Schema {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "gateway.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("gateway.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("gateway.json#/$defs/" + definition)
	if err != nil {
		t.Fatal(err)
	}
	return Schema{compiled}
}

// Validate says why a body is not of the definition; nil: it is.
func (s Schema) Validate(body []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return s.compiled.Validate(v)
}
