package crm

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"recado/domain"
)

// The schemas are checked by a validator that has nothing to do with what makes
// them: each takes its own example, and finds the faults of a broken one.
func TestSchemaOfEveryEvent(t *testing.T) {
	for _, typ := range domain.EventTypes {
		t.Run(string(typ), func(t *testing.T) {
			schema := compiled(t, typ)
			if err := schema.Validate(exampleOf(t, typ)); err != nil {
				t.Errorf("its example: %v", err)
			}
			for name, spoil := range map[string]func(event map[string]any){
				"another type":        func(e map[string]any) { e["type"] = "message.invented" },
				"another version":     func(e map[string]any) { e["version"] = 2 },
				"no id":               func(e map[string]any) { delete(e, "id") },
				"a time that is none": func(e map[string]any) { e["occurred_at"] = 7 },
				"no data":             func(e map[string]any) { delete(e, "data") },
				"empty data":          func(e map[string]any) { e["data"] = map[string]any{} },
			} {
				event := exampleOf(t, typ)
				spoil(event)
				if schema.Validate(event) == nil {
					t.Errorf("%s: no fault is found", name)
				}
			}
			event := exampleOf(t, typ)
			event["added_later"], event["data"].(map[string]any)["added_later"] = true, true
			if err := schema.Validate(event); err != nil {
				t.Errorf("new fields break it: %v", err)
			}
		})
	}
}

func TestSchemaOfAnUnknownEvent(t *testing.T) {
	if _, err := EventSchema("message.invented"); !errors.Is(err, domain.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
}

func compiled(t *testing.T, typ domain.EventType) *jsonschema.Schema {
	t.Helper()
	text, err := EventSchema(typ)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func exampleOf(t *testing.T, typ domain.EventType) map[string]any {
	t.Helper()
	example, _ := domain.ExampleOf(typ)
	text, err := json.Marshal(example.Envelope)
	if err != nil {
		t.Fatal(err)
	}
	event, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return event.(map[string]any)
}
