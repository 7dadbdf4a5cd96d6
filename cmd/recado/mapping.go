package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A mapping is a part of the file with keys and values. Fields are asked for by
// name; done complains of those that nobody asked for.
type mapping struct {
	*reader
	noun   string // what it declares, and its id once that is read
	line   int
	fields []field
	asked  []string
}

// A field is a key and its value.
type field struct {
	name  string
	line  int
	value ast.Node
}

// wrong notes a mistake of the mapping.
func (m *mapping) wrong(line int, format string, args ...any) {
	m.fail(line, "%s", m.of(fmt.Sprintf(format, args...)))
}

// of puts the mapping's name before a text.
func (m *mapping) of(text string) string {
	if m.noun == "" {
		return text
	}
	return m.noun + ": " + text
}

// ask returns the field of that name; without one, a field without a value.
func (m *mapping) ask(name string) field {
	m.asked = append(m.asked, name)
	for _, f := range m.fields {
		if f.name == name {
			return f
		}
	}
	return field{name: name, line: m.line}
}

// text returns an optional text; empty also after a mistake.
func (m *mapping) text(name string, checks ...check) string {
	text, _ := m.read(name, checks)
	return text
}

// must returns a text that may not be empty; empty after a mistake.
func (m *mapping) must(name string, checks ...check) string {
	text, ok := m.read(name, checks)
	if ok && text == "" {
		m.wrong(m.lineOf(name), "%s is missing", name)
	}
	return text
}

// read returns the text of a field that passes the checks. False: a mistake was told.
func (m *mapping) read(name string, checks []check) (string, bool) {
	f := m.ask(name)
	if f.value == nil {
		return "", true
	}
	return m.checked(f.value, name, f.line, checks)
}

func (m *mapping) checked(n ast.Node, name string, line int, checks []check) (string, bool) {
	text, ok := m.scalar(n, m.of(name), line)
	if !ok || text == "" {
		return "", ok
	}
	for _, check := range checks {
		if err := check(text); err != nil {
			m.wrong(line, "%s %v", name, err)
			return "", false
		}
	}
	return text, true
}

// number returns a number that is not negative; the fallback if it is not there.
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

// flag returns true or false; false if it is not there.
func (m *mapping) flag(name string) bool {
	return m.text(name, oneOf([]string{"true", "false"})) == "true"
}

// texts returns a list of texts, each of which passes the check.
func (m *mapping) texts(name string, c check) []string {
	var texts []string
	m.each(name, func(n ast.Node, line int) {
		text, ok := m.checked(n, name, line, []check{c})
		if ok && text == "" {
			m.wrong(line, "%s has an empty entry", name)
		}
		texts = append(texts, text)
	})
	return texts
}

// mappings reads a list of mappings of one noun.
func (m *mapping) mappings(name, noun string, read func(*mapping)) {
	m.each(name, func(n ast.Node, line int) {
		if entry := m.mapping(n, noun, line); entry != nil {
			read(entry)
		}
	})
}

// each goes through a list.
func (m *mapping) each(name string, read func(n ast.Node, line int)) {
	f := m.ask(name)
	switch list := f.value.(type) {
	case nil, *ast.NullNode:
	case *ast.SequenceNode:
		for _, n := range list.Values {
			read(n, n.GetToken().Position.Line)
		}
	default:
		m.wrong(f.line, "%s must be a list", name)
	}
}

// id reads the id of what the mapping declares, which no other of its noun has.
func (m *mapping) id() string {
	id := m.must("id", isID)
	if id != "" {
		m.claim(m.noun, id, m.lineOf("id"))
		m.noun += " " + id
	}
	return id
}

// claim notes an id as taken.
func (m *mapping) claim(noun, id string, line int) {
	key := noun + " " + id
	if first, taken := m.taken[key]; taken {
		m.fail(line, "%s: the id is taken by line %d", key, first)
		return
	}
	m.taken[key] = line
}

func (m *mapping) lineOf(name string) int {
	i := slices.IndexFunc(m.fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return m.line
	}
	return m.fields[i].line
}

// done complains of fields that nobody asked for.
func (m *mapping) done() {
	for _, f := range m.fields {
		if !slices.Contains(m.asked, f.name) {
			m.wrong(f.line, "%s is unknown; the keys here are %s", shownKey(f.name), strings.Join(m.asked, ", "))
		}
	}
}

var keyPattern = regexp.MustCompile(`^[a-z_]{1,40}$`)

// shownKey hides what does not look like a key: a secret whose key was forgotten.
func shownKey(name string) string {
	if !keyPattern.MatchString(name) {
		return "a key"
	}
	return "the key " + name
}
