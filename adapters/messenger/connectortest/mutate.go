package connectortest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"recado/domain"
)

// truncated cuts the body at every byte.
func truncated(t *testing.T, c domain.Connector, body []byte) {
	t.Helper()
	for i := range body {
		Sound(t, c, body[:i])
	}
}

// wrong is what stands in place of each value of a payload in turn.
var wrong = []any{nil, 7, "x", true, map[string]any{"x": 1}, []any{nil, 7, "x"}}

// mutated puts wrong values at every place of the body, also in place of whole
// objects and lists. What was sent beside the broken piece must stay. Then
// it puts unknown fields everywhere, which must change nothing.
func mutated(t *testing.T, c domain.Connector, body []byte) {
	t.Helper()
	before := facts(c.Parse(body))
	for _, place := range places(decoded(t, body), nil) {
		beside := neighbours(t, c, body, place)
		for _, value := range wrong {
			changed := encoded(t, set(decoded(t, body), place, value))
			Sound(t, c, changed)
			after := facts(c.Parse(changed))
			for _, fact := range beside {
				if !slices.Contains(after, fact) {
					t.Errorf("%v = %v loses %s, which is beside it", place, value, fact)
				}
			}
		}
	}
	more := encoded(t, enriched(decoded(t, body)))
	if after := facts(c.Parse(more)); !slices.Equal(before, after) {
		t.Errorf("with unknown fields Parse gives %v, want %v", after, before)
	}
}

// neighbours lists the facts that do not come from the same piece as place. A
// piece is the smallest element of a list without which a fact is missing.
func neighbours(t *testing.T, c domain.Connector, body []byte, place []any) []string {
	t.Helper()
	all := facts(c.Parse(body))
	for end := len(place); end > 0; end-- {
		if _, inList := place[end-1].(int); !inList {
			continue
		}
		rest := facts(c.Parse(encoded(t, remove(decoded(t, body), place[:end]))))
		if len(rest) < len(all) {
			return rest
		}
	}
	return nil
}

// facts names the facts, in their order.
func facts(p domain.Parsed) []string {
	var names []string
	for _, u := range p.Updates {
		switch f := u.Fact.(type) {
		case domain.MessageArrived:
			names = append(names, fmt.Sprintf("%T %s", f, f.ProviderID))
		case domain.MessageEdited:
			names = append(names, fmt.Sprintf("%T %s %q", f, f.ProviderID, f.Text))
		case domain.StatusReported:
			names = append(names, fmt.Sprintf("%T %s %s", f, f.ProviderID, f.Status))
		case domain.ConnectionSignaled:
			names = append(names, fmt.Sprintf("%T %s %s", f, f.Signal.Kind, f.Signal.Title))
		default:
			names = append(names, fmt.Sprintf("%T %v", f, f))
		}
	}
	return names
}

// places lists the paths to all values, by names and numbers.
func places(v any, at []any) [][]any {
	paths := [][]any{slices.Clone(at)}
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			paths = append(paths, places(field, append(at, name))...)
		}
	case []any:
		for i, item := range v {
			paths = append(paths, places(item, append(at, i))...)
		}
	}
	return paths
}

// set puts value at the path.
func set(v any, path []any, value any) any {
	if len(path) == 0 {
		return value
	}
	switch v := v.(type) {
	case map[string]any:
		v[path[0].(string)] = set(v[path[0].(string)], path[1:], value)
	case []any:
		v[path[0].(int)] = set(v[path[0].(int)], path[1:], value)
	}
	return v
}

// remove takes the element of a list at the path out of it.
func remove(v any, path []any) any {
	switch v := v.(type) {
	case map[string]any:
		v[path[0].(string)] = remove(v[path[0].(string)], path[1:])
	case []any:
		if i := path[0].(int); len(path) == 1 {
			return slices.Delete(v, i, i+1)
		} else {
			v[i] = remove(v[i], path[1:])
		}
	}
	return v
}

// enriched gives every object a field that nobody knows.
func enriched(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			v[name] = enriched(field)
		}
		v["recado_unknown"] = map[string]any{"deep": []any{1, nil}}
	case []any:
		for i, item := range v {
			v[i] = enriched(item)
		}
	}
	return v
}

func decoded(t *testing.T, body []byte) any {
	t.Helper()
	var v any
	numbers := json.NewDecoder(bytes.NewReader(body))
	numbers.UseNumber() // large ids stay as they are
	if err := numbers.Decode(&v); err != nil {
		t.Fatalf("payload: %v", err)
	}
	return v
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return body
}
