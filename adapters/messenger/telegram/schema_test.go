package telegram_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recado/adapters/messenger/connectortest"
	"recado/adapters/messenger/telegram"
	"recado/domain"
)

// A schema is the published description of the Bot API. It is no JSON Schema:
// types are words such as "Array of PhotoSize".
type schema struct{ Types, Methods map[string]described }

type described struct {
	Fields   []describedField
	Subtypes []string // it is one of these
}

type describedField struct {
	Name     string
	Types    []string
	Required bool
}

// published reads the schema from the folder that RECADO_CONTRACTS names, a
// path of the machine or from the root of the module. Without it the test is
// skipped.
func published(t *testing.T) schema {
	t.Helper()
	folder := os.Getenv("RECADO_CONTRACTS")
	if folder == "" {
		t.Skip("RECADO_CONTRACTS is not set: the Bot API's schema is not read")
	}
	if !filepath.IsAbs(folder) {
		folder = filepath.Join("..", "..", folder)
	}
	data, err := os.ReadFile(filepath.Join(folder, "telegram-bot-api-10.1.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// wrong lists how a value is none of the types; at names its place.
func (s schema) wrong(at string, types []string, v any) []string {
	var all []string
	for _, typ := range types {
		wrong := s.wrongAs(at, typ, v)
		if len(wrong) == 0 {
			return nil
		}
		all = append(all, wrong...)
	}
	return all
}

func (s schema) wrongAs(at, typ string, v any) []string {
	if item, isArray := strings.CutPrefix(typ, "Array of "); isArray {
		list, ok := v.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s is %v, want %s", at, v, typ)}
		}
		var all []string
		for i, v := range list {
			all = append(all, s.wrongAs(fmt.Sprintf("%s[%d]", at, i), item, v)...)
		}
		return all
	}
	ok := false
	switch typ {
	case "Integer":
		n, isNumber := v.(json.Number)
		_, err := n.Int64()
		ok = isNumber && err == nil
	case "Float":
		_, ok = v.(json.Number)
	case "String":
		_, ok = v.(string)
	case "Boolean":
		_, ok = v.(bool)
	case "True":
		ok = v == true
	default:
		object, isObject := v.(map[string]any)
		d, known := s.Types[typ]
		if isObject && known {
			return s.wrongObject(at, typ, d, object)
		}
	}
	if ok {
		return nil
	}
	return []string{fmt.Sprintf("%s is %v, want %s", at, v, typ)}
}

func (s schema) wrongObject(at, name string, d described, object map[string]any) []string {
	if len(d.Subtypes) > 0 {
		return s.wrong(at, d.Subtypes, object)
	}
	var all []string
	known := map[string]bool{}
	for _, f := range d.Fields {
		known[f.Name] = true
		if v, said := object[f.Name]; said {
			all = append(all, s.wrong(at+"."+f.Name, f.Types, v)...)
		} else if f.Required {
			all = append(all, at+"."+f.Name+" is missing")
		}
	}
	for field := range object {
		if !known[field] {
			all = append(all, fmt.Sprintf("%s.%s is no field of %s", at, field, name))
		}
	}
	return all
}

func numbered(t *testing.T, body []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWhatWeSendConforms(t *testing.T) {
	s := published(t)
	for _, m := range []domain.Outgoing{
		message(), message(replying("3527065/41")), message(to("@deltaller"), replying("-1002012345678/8")),
	} {
		server := newServer(t, takenIn(3527065, 77))
		telegram.New(http.DefaultClient).Send(t.Context(), connection(server.URL), m)
		_, bodies := server.got()
		body := numbered(t, bodies[0]).(map[string]any)
		if wrong := s.wrongObject("body", "sendMessage", s.Methods["sendMessage"], body); len(wrong) > 0 {
			t.Errorf("to %s: %s\n%s", m.Peer, strings.Join(wrong, "\n"), bodies[0])
		}
	}
}

// Our payloads are updates of the published form, but for those that are meant
// to be none. The form does not say that somebody must have reacted.
func TestPayloadsConform(t *testing.T) {
	s := published(t)
	for name, body := range connectortest.Payloads(t) {
		wrong := s.wrongAs("update", "Update", numbered(t, body))
		if strings.HasPrefix(name, "new_") || strings.HasPrefix(name, "odd_") {
			continue // of a later version than the schema, or as relays write it
		}
		meant := strings.HasPrefix(name, "bad_") && name != "bad_reaction_of_nobody" || strings.HasPrefix(name, "unknown_") && name != "unknown_nothing"
		if meant != (len(wrong) > 0) {
			t.Errorf("%s: %v", name, wrong)
		}
	}
}
