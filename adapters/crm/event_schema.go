package crm

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"

	"recado/domain"
)

// EventSchema returns the JSON Schema (draft 2020-12) of the events of one type,
// with an example. It is made of the Go types that the events are made of.
func EventSchema(typ domain.EventType) ([]byte, error) {
	example, ok := domain.ExampleOf(typ)
	if !ok {
		return nil, domain.ErrNotFound
	}
	s, err := schemaOf(example.Envelope)
	if err != nil {
		return nil, fmt.Errorf("schema of %s: %w", typ, err)
	}
	if s.Properties["data"], err = schemaOf(example.Data); err != nil {
		return nil, fmt.Errorf("schema of %s: %w", typ, err)
	}
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = string(typ)
	s.Properties["type"] = &jsonschema.Schema{Const: jsonschema.Ptr(any(typ))}
	s.Properties["version"] = &jsonschema.Schema{Const: jsonschema.Ptr(any(domain.EventVersion))}
	s.Properties["occurred_at"] = &jsonschema.Schema{Type: "string", Format: "date-time"}
	text, fields, err := encode(example.Envelope)
	if err != nil {
		return nil, err
	}
	for _, field := range []string{"connection", "chat"} {
		if _, ok := fields[field]; !ok {
			delete(s.Properties, field)
			continue
		}
		s.Required = append(s.Required, field)
		s.Properties[field].Type, s.Properties[field].Types = "object", nil // there, so not null
	}
	s.Examples = []any{text}
	return json.MarshalIndent(s, "", "  ")
}

// schemaOf describes the JSON of a value's type. Fields that it does not know are
// allowed, so that new ones break nobody.
func schemaOf(v any) (*jsonschema.Schema, error) {
	s, err := jsonschema.ForType(reflect.TypeOf(v), &jsonschema.ForOptions{TypeSchemas: wordSchemas()})
	if err != nil {
		return nil, err
	}
	allowMore(s)
	return s, nil
}

func allowMore(s *jsonschema.Schema) {
	s.AdditionalProperties = nil
	for _, p := range s.Properties {
		allowMore(p)
	}
	if s.Items != nil {
		allowMore(s.Items)
	}
}

// wordSchemas describes the types whose JSON is not that of their Go type, and
// those that are lists of words.
func wordSchemas() map[reflect.Type]*jsonschema.Schema {
	return map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[domain.Time]():             {Types: []string{"string", "null"}, Format: "date-time"},
		reflect.TypeFor[domain.Direction]():        {Type: "string", Enum: []any{domain.Inbound, domain.Outbound}},
		reflect.TypeFor[domain.Origin]():           openList(domain.Origins...),
		reflect.TypeFor[domain.Kind]():             openList(domain.Kinds()...),
		reflect.TypeFor[domain.ConnectionStatus](): openList(domain.ConnectionStatuses...),
		reflect.TypeFor[domain.Code]():             openList(slices.Sorted(maps.Keys(domain.Texts))...),
		reflect.TypeFor[domain.DeliveryStatus]():   openList(domain.DeliveryStatuses...),
		reflect.TypeFor[domain.EndpointStatus]():   openList(domain.EndpointStatuses...),
		reflect.TypeFor[domain.MessageType]():      openList(domain.MessageTypes...),
		reflect.TypeFor[domain.AuthorRole]():       openList(domain.RoleBot, domain.RoleCompany),
		reflect.TypeFor[json.Number]():             {Type: "number"},
		reflect.TypeFor[json.RawMessage]():         {}, // any JSON
	}
}

// openList is a list of words to which new ones may be added.
func openList[T ~string](words ...T) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string", Description: "More values may be added."}
	for _, w := range words {
		s.Examples = append(s.Examples, w)
	}
	return s
}

// encode returns a value as JSON, and the fields of that.
func encode(v any) (text json.RawMessage, fields map[string]json.RawMessage, err error) {
	if text, err = json.Marshal(v); err != nil {
		return nil, nil, err
	}
	return text, fields, json.Unmarshal(text, &fields)
}
