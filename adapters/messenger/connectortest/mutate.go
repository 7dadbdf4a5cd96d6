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
var wrong = []string{absent, `null`, `7`, `"x"`, `true`, `{"x":1}`, `[null,7,"x"]`}

// absent says that the field or the element is left out.
const absent = ""

// mutated leaves out each value of the body, or puts a wrong one in its place, also
// in place of whole objects and lists. What was sent beside the broken piece must
// stay. Then it puts unknown fields everywhere, which must change nothing.
func mutated(t *testing.T, c domain.Connector, body []byte) {
	t.Helper()
	d := documentOf(t, body)
	before := facts(c.Parse(body))
	for _, at := range d.pieces(c) {
		for _, value := range wrong {
			changed := d.with(at.place, value)
			if value == absent {
				changed = d.without(at.place)
			}
			Sound(t, c, changed)
			after := facts(c.Parse(changed))
			for _, fact := range at.beside {
				if !slices.Contains(after, fact) {
					t.Errorf("%v = %q loses %s, which is beside it", at.path, value, fact)
				}
			}
		}
	}
	more := encoded(t, enriched(decoded(t, body)))
	if after := facts(c.Parse(more)); !slices.Equal(before, after) {
		t.Errorf("with unknown fields Parse gives %v, want %v", after, before)
	}
}

// A placeInPiece is a place, and the facts that do not come from its piece. A piece
// is the smallest element of a list without which a fact is missing.
type placeInPiece struct {
	place
	beside []string
}

// pieces lists all places of the document.
func (d *document) pieces(c domain.Connector) []placeInPiece {
	all := facts(c.Parse(d.body))
	var found []placeInPiece
	var open []placeInPiece // the pieces around the present place
	for _, p := range d.places {
		for len(open) > 0 && !p.inside(open[len(open)-1].place) {
			open = open[:len(open)-1]
		}
		if len(p.path) > 0 && p.name() == "" {
			if rest := facts(c.Parse(d.without(p))); len(rest) < len(all) {
				open = append(open, placeInPiece{p, rest})
			}
		}
		at := placeInPiece{place: p}
		if len(open) > 0 {
			at.beside = open[len(open)-1].beside
		}
		found = append(found, at)
	}
	return found
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
		case domain.ConnectionReported:
			names = append(names, fmt.Sprintf("%T down %t", f, f.Link.Down != nil))
		default:
			names = append(names, fmt.Sprintf("%T %v", f, f))
		}
	}
	return names
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
