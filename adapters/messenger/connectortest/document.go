package connectortest

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
)

// A document is JSON without blanks, and the places of its values. Its methods
// return changed copies, for which nothing is decoded or encoded again.
type document struct {
	body   []byte
	places []place
}

// A place is where a value stands.
type place struct {
	path   []any // names and numbers
	value  span
	member span // its field or its element of a list, with one comma if there is one
	text   bool // the value is a string
}

// name is the name of the field; empty: the place is no field.
func (p place) name() string {
	if len(p.path) == 0 {
		return ""
	}
	name, _ := p.path[len(p.path)-1].(string)
	return name
}

// inside reports whether the place is that of other, or inside of it.
func (p place) inside(other place) bool {
	return other.value.from <= p.value.from && p.value.to <= other.value.to
}

// A span is a part of the body.
type span struct{ from, to int64 }

func documentOf(t *testing.T, body []byte) *document {
	t.Helper()
	var plain bytes.Buffer
	if err := json.Compact(&plain, body); err != nil {
		t.Fatalf("payload: %v", err)
	}
	d := &document{body: plain.Bytes()}
	tokens := json.NewDecoder(bytes.NewReader(d.body))
	tokens.UseNumber()
	d.read(t, tokens, nil)
	return d
}

// read finds the places of the next value and of all values inside of it.
func (d *document) read(t *testing.T, tokens *json.Decoder, path []any) {
	t.Helper()
	next := func() json.Token {
		token, err := tokens.Token()
		if err != nil {
			t.Fatalf("payload: %v", err)
		}
		return token
	}
	n, from := len(d.places), tokens.InputOffset()
	if from > 0 && (d.body[from] == ':' || d.body[from] == ',') {
		from++
	}
	d.places = append(d.places, place{path: slices.Clone(path)})
	token := next()
	if opened, ok := token.(json.Delim); ok {
		for i := 0; tokens.More(); i++ {
			inner, at := len(d.places), tokens.InputOffset()
			step := any(i)
			if opened == '{' {
				step = next()
			}
			d.read(t, tokens, append(path, step))
			d.places[inner].member = d.member(at, tokens.InputOffset())
		}
		next()
	}
	d.places[n].value = span{from, tokens.InputOffset()}
	_, d.places[n].text = token.(string)
}

// member widens the span of a member by the comma before it, or else after it.
func (d *document) member(from, to int64) span {
	if d.body[from] != ',' && d.body[to] == ',' {
		to++
	}
	return span{from, to}
}

// with returns the body with another value, given as JSON, at the place.
func (d *document) with(p place, value string) []byte { return d.splice(p.value, value) }

// without returns the body without the field or the element at the place.
func (d *document) without(p place) []byte { return d.splice(p.member, "") }

func (d *document) splice(s span, by string) []byte {
	return slices.Concat(d.body[:s.from], []byte(by), d.body[s.to:])
}
