package declaration

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A mapping is a YAML mapping of the file. Its methods look fields up by key and
// note each mistake; rejectUnknownKeys comes last.
type mapping struct {
	*reader
	noun   string // what it declares, followed by its id once that is read
	line   int
	fields []field
	known  []string // keys that were looked up
}

// A field is a key with its value, which is nil if the file has no such key.
type field struct {
	name  string
	line  int
	value ast.Node
}

// errorf notes a mistake of the mapping.
func (m *mapping) errorf(line int, format string, args ...any) {
	m.addMistake(line, "%s", m.prefixed(fmt.Sprintf(format, args...)))
}

// prefixed puts what the mapping declares before a text.
func (m *mapping) prefixed(text string) string {
	if m.noun == "" {
		return text
	}
	return m.noun + ": " + text
}

// lookup returns the field of that key.
func (m *mapping) lookup(name string) field {
	m.known = append(m.known, name)
	for _, f := range m.fields {
		if f.name == name {
			return f
		}
	}
	return field{name: name, line: m.line}
}

// has reports whether the key has a value.
func (m *mapping) has(name string) bool {
	return slices.ContainsFunc(m.fields, func(f field) bool {
		_, null := f.value.(*ast.NullNode)
		return f.name == name && !null
	})
}

// text returns an optional text: empty if it is missing or wrong.
func (m *mapping) text(name string, checks ...check) string {
	text, _ := m.read(name, checks)
	return text
}

// required returns a text that must not be empty. It is empty after a mistake.
func (m *mapping) required(name string, checks ...check) string {
	text, ok := m.read(name, checks)
	if ok && text == "" {
		m.errorf(m.lineOf(name), "%s is missing", name)
	}
	return text
}

// read returns the text of a field that passes the checks, and false after a
// mistake.
func (m *mapping) read(name string, checks []check) (string, bool) {
	f := m.lookup(name)
	if f.value == nil {
		return "", true
	}
	return m.checked(f.value, name, f.line, checks)
}

func (m *mapping) checked(n ast.Node, name string, line int, checks []check) (string, bool) {
	text, ok := m.scalar(n, m.prefixed(name), line)
	if !ok || text == "" {
		return "", ok
	}
	for _, check := range checks {
		if err := check(text); err != nil {
			m.errorf(line, "%s %v", name, err)
			return "", false
		}
	}
	return text, true
}

// number returns a whole number of 0 or more, or fallback if the key is missing.
func (m *mapping) number(name string, fallback int64) int64 {
	n := fallback
	m.text(name, func(text string) error {
		parsed, err := strconv.ParseInt(text, 10, 64)
		if err != nil || parsed < 0 {
			return errors.New("must be a whole number, 0 or more")
		}
		n = parsed
		return nil
	})
	return n
}

// flag returns a boolean, false if the key is missing.
func (m *mapping) flag(name string) bool {
	return m.text(name, oneOf([]string{"true", "false"})) == "true"
}

// texts returns a list whose texts all pass the check.
func (m *mapping) texts(name string, c check) []string {
	var texts []string
	m.each(name, func(n ast.Node, line int) {
		text, ok := m.checked(n, name, line, []check{c})
		if ok && text == "" {
			m.errorf(line, "%s has an empty entry", name)
		}
		texts = append(texts, text)
	})
	return texts
}

// mappings calls read for each mapping of a list. Noun is what they declare.
func (m *mapping) mappings(name, noun string, read func(*mapping)) {
	m.each(name, func(n ast.Node, line int) {
		if entry := m.mapping(n, noun, line); entry != nil {
			read(entry)
		}
	})
}

// each calls read for each entry of a list.
func (m *mapping) each(name string, read func(n ast.Node, line int)) {
	f := m.lookup(name)
	switch list := f.value.(type) {
	case nil, *ast.NullNode:
	case *ast.SequenceNode:
		for _, n := range list.Values {
			read(n, n.GetToken().Position.Line)
		}
	default:
		m.errorf(f.line, "%s must be a list", name)
	}
}

// id reads the mapping's id, which must be unique for its noun.
func (m *mapping) id() string {
	id := m.required("id", isID)
	if id != "" {
		m.claim(m.noun, id, m.lineOf("id"))
		m.noun += " " + id
	}
	return id
}

// claim notes a mistake if an earlier line has the id.
func (m *mapping) claim(noun, id string, line int) {
	key := noun + " " + id
	if first, taken := m.idLines[key]; taken {
		m.addMistake(line, "%s: the id is taken by line %d", key, first)
		return
	}
	m.idLines[key] = line
}

// lineOf returns the line of a key, or of the mapping if the key is missing.
func (m *mapping) lineOf(name string) int {
	i := slices.IndexFunc(m.fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return m.line
	}
	return m.fields[i].line
}

// rejectUnknownKeys notes a mistake for each key that was never looked up.
func (m *mapping) rejectUnknownKeys() {
	for _, f := range m.fields {
		if !slices.Contains(m.known, f.name) {
			m.errorf(f.line, "%s is unknown; the keys here are %s", shownKey(f.name), strings.Join(m.known, ", "))
		}
	}
}

var keyPattern = regexp.MustCompile(`^[a-z_]{1,40}$`)

// shownKey hides text that does not look like a key: it may be a secret whose key
// was forgotten.
func shownKey(name string) string {
	if !keyPattern.MatchString(name) {
		return "a key"
	}
	return "the key " + name
}
