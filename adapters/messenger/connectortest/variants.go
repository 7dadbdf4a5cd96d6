package connectortest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"recado/domain"
)

// variants writes a payload in the ways in which relays and newer versions write
// it, which mean the same: numbers as strings, an absent field as "", and falsy values
// in fields that the payload does not have.
func variants(t *testing.T, c domain.Connector, name string, body []byte, empty map[string]any) {
	t.Helper()
	if strings.HasPrefix(name, "bad") { // what is wrong in it need not stay as wrong
		return
	}
	before := facts(c.Parse(body))
	same := func(what string, changed any) {
		t.Helper()
		again := encoded(t, changed)
		Sound(t, c, again)
		if after := facts(c.Parse(again)); !slices.Equal(before, after) {
			t.Errorf("%s Parse gives %v, want %v; body %s", what, after, before, again)
		}
	}
	same("with numbers as strings", quoted(decoded(t, body)))
	same("with the fields that it lacks, empty", padded(decoded(t, body), empty))
	d := documentOf(t, body)
	for _, p := range d.places {
		if !p.text || p.name() == "" {
			continue
		}
		want := facts(c.Parse(d.without(p)))
		if got := facts(c.Parse(d.with(p, `""`))); !slices.Equal(got, want) {
			t.Errorf("%v is empty and gives %v, want it as absent: %v", p.path, got, want)
		}
	}
}

// quoted writes all numbers as strings.
func quoted(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			v[name] = quoted(field)
		}
	case []any:
		for i, item := range v {
			v[i] = quoted(item)
		}
	case json.Number:
		return v.String()
	}
	return v
}

// padded gives every object the fields that it lacks, without a value.
func padded(v any, empty map[string]any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			v[name] = padded(field, empty)
		}
		for name, none := range empty {
			if _, has := v[name]; !has {
				v[name] = none
			}
		}
	case []any:
		for i, item := range v {
			v[i] = padded(item, empty)
		}
	}
	return v
}

// emptyFields names all fields of the payloads, each with what a relay writes where
// it has no value: null for an object, else the empty value of its type.
func emptyFields(t *testing.T, payloads map[string][]byte) map[string]any {
	t.Helper()
	empty := map[string]any{}
	for _, body := range payloads {
		collectEmpty(decoded(t, body), empty)
	}
	return empty
}

func collectEmpty(v any, empty map[string]any) {
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			collectEmpty(field, empty)
			switch none := emptyOf(field); {
			case none == nil:
				empty[name] = nil // also where it has another type elsewhere
			default:
				if _, known := empty[name]; !known {
					empty[name] = none
				}
			}
		}
	case []any:
		for _, item := range v {
			collectEmpty(item, empty)
		}
	}
}

func emptyOf(v any) any {
	switch v.(type) {
	case bool:
		return false
	case string:
		return ""
	case json.Number:
		return 0
	case []any:
		return []any{}
	}
	return nil
}
