package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A reader reads a YAML file. It goes on after a mistake, so that one reading
// finds all of them. A mistake names keys and ids, never another value: that
// may be a secret in the wrong place.
type reader struct {
	file     string
	getenv   func(string) string
	mistakes []mistake
	taken    map[string]int // the line of each id, by noun and id
}

// A mistake of the file.
type mistake struct {
	line int
	text string
}

// fail notes a mistake.
func (r *reader) fail(line int, format string, args ...any) {
	r.mistakes = append(r.mistakes, mistake{line, fmt.Sprintf(format, args...)})
}

// err is nil, or all mistakes in the order of their lines.
func (r *reader) err() error {
	slices.SortStableFunc(r.mistakes, func(a, b mistake) int { return cmp.Compare(a.line, b.line) })
	var all []error
	for _, m := range r.mistakes {
		all = append(all, fmt.Errorf("%s:%d: %s", r.file, m.line, m.text))
	}
	return errors.Join(all...)
}

// parse returns the mapping that is the whole file, or nil after a mistake.
func (r *reader) parse(data []byte) *mapping {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		r.failSyntax(err, strings.Split(string(data), "\n"))
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		r.fail(1, "the file must hold one YAML document; it holds %d", bodies(file))
		return nil
	}
	return r.mapping(file.Docs[0].Body, "", 1)
}

// quoted is what the parser's messages repeat of the file.
var quoted = regexp.MustCompile(`(?s)".*"`)

// failSyntax tells the parser's message without what it quotes of the file.
func (r *reader) failSyntax(err error, lines []string) {
	var syntax interface {
		GetMessage() string
		GetToken() *token.Token
	}
	if !errors.As(err, &syntax) || syntax.GetToken() == nil {
		r.fail(1, "not YAML")
		return
	}
	line, hint := syntax.GetToken().Position.Line, ""
	if line <= len(lines) && strings.Contains(lines[line-1], "${") {
		hint = `; within braces ${NAME} stands in quotes: "${NAME}"`
	}
	r.fail(line, "%s%s", quoted.ReplaceAllString(syntax.GetMessage(), "…"), hint)
}

func bodies(f *ast.File) int {
	n := 0
	for _, d := range f.Docs {
		if d.Body != nil {
			n++
		}
	}
	return n
}

// mapping begins to read a node that must be a mapping; nil after a mistake.
func (r *reader) mapping(n ast.Node, noun string, line int) *mapping {
	node, ok := n.(ast.MapNode)
	if !ok {
		r.fail(line, "%s must have keys and values", cmp.Or(noun, "the file"))
		return nil
	}
	m := &mapping{reader: r, noun: noun, line: line}
	for it := node.MapRange(); it.Next(); {
		key := it.Key().GetToken()
		m.fields = append(m.fields, field{name: key.Value, line: key.Position.Line, value: it.Value()})
	}
	return m
}

// variablePattern finds ${NAME}.
var variablePattern = regexp.MustCompile(`\$\{([^}]*)\}?`)

// namePattern is what may stand between the braces.
var namePattern = regexp.MustCompile(`^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`)

// scalar returns the text of a node, with ${NAME} replaced from the environment.
// Replacing comes after parsing, so that no character of a secret is YAML; what
// is replaced is not looked at again. False: a mistake was told.
func (r *reader) scalar(n ast.Node, what string, line int) (string, bool) {
	text := ""
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.LiteralNode:
		text = n.Value.Value
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		text = n.GetToken().Value // as written: 0123 stays so
	default:
		r.fail(line, "%s must be a plain value", what)
		return "", false
	}
	ok := true
	text = variablePattern.ReplaceAllStringFunc(text, func(found string) string {
		if !namePattern.MatchString(found) {
			r.fail(line, "%s has a ${ that begins no ${NAME}; what is like that by itself must come from a variable", what)
			ok = false
			return ""
		}
		name := found[2 : len(found)-1]
		value := r.getenv(name)
		if value == "" {
			r.fail(line, "%s needs the variable %s, which is not set", what, name)
			ok = false
		}
		return value
	})
	return text, ok
}
