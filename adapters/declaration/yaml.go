package declaration

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

// A reader parses a YAML file. It continues after a mistake, so that one run
// finds all of them. A mistake shows keys and ids, but no other value, which may
// be a secret in the wrong place.
type reader struct {
	file     string
	getenv   func(string) string
	mistakes []mistake
	idLines  map[string]int // by noun and id
}

// A mistake of the file.
type mistake struct {
	line int
	text string
}

// addMistake notes a mistake.
func (r *reader) addMistake(line int, format string, args ...any) {
	r.mistakes = append(r.mistakes, mistake{line, fmt.Sprintf(format, args...)})
}

// err returns all mistakes in the order of their lines, or nil.
func (r *reader) err() error {
	slices.SortStableFunc(r.mistakes, func(a, b mistake) int { return cmp.Compare(a.line, b.line) })
	var all []error
	for _, m := range r.mistakes {
		all = append(all, fmt.Errorf("%s:%d: %s", r.file, m.line, m.text))
	}
	return errors.Join(all...)
}

// parse returns the mapping at the top of the file, or nil after a mistake.
func (r *reader) parse(data []byte) *mapping {
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		r.addSyntaxError(err, strings.Split(string(data), "\n"))
		return nil
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		r.addMistake(1, "the file must hold one YAML document; it holds %d", bodies(file))
		return nil
	}
	return r.mapping(file.Docs[0].Body, "", 1)
}

// quoted matches what the YAML parser's messages quote from the file.
var quoted = regexp.MustCompile(`(?s)".*"`)

// addSyntaxError notes the YAML parser's message without its quotes from the file.
func (r *reader) addSyntaxError(err error, lines []string) {
	var syntax interface {
		GetMessage() string
		GetToken() *token.Token
	}
	if !errors.As(err, &syntax) || syntax.GetToken() == nil {
		r.addMistake(1, "not YAML")
		return
	}
	line, hint := syntax.GetToken().Position.Line, ""
	if line <= len(lines) && strings.Contains(lines[line-1], "${") {
		hint = `; within braces ${NAME} must be quoted: "${NAME}"`
	}
	r.addMistake(line, "%s%s", quoted.ReplaceAllString(syntax.GetMessage(), "…"), hint)
}

// bodies counts the documents that are not empty.
func bodies(f *ast.File) int {
	n := 0
	for _, d := range f.Docs {
		if d.Body != nil {
			n++
		}
	}
	return n
}

// mapping returns a node as a mapping, or nil after a mistake.
func (r *reader) mapping(n ast.Node, noun string, line int) *mapping {
	node, ok := n.(ast.MapNode)
	if !ok {
		r.addMistake(line, "%s must have keys and values", cmp.Or(noun, "the file"))
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

// namePattern matches a variable that is well formed.
var namePattern = regexp.MustCompile(`^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`)

// scalar returns the text of a node, with ${NAME} replaced from the environment,
// and false after a mistake. Variables are replaced once and after parsing, so
// that no character of a secret is taken for YAML or for a variable.
func (r *reader) scalar(n ast.Node, what string, line int) (string, bool) {
	text := ""
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.LiteralNode:
		text = n.Value.Value
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		text = n.GetToken().Value // as written: 0123 stays so
	default:
		r.addMistake(line, "%s must be a plain value", what)
		return "", false
	}
	ok := true
	text = variablePattern.ReplaceAllStringFunc(text, func(found string) string {
		if !namePattern.MatchString(found) {
			r.addMistake(line, "%s has a ${ that is not the start of a ${NAME}; a literal ${ must come from a variable", what)
			ok = false
			return ""
		}
		name := found[2 : len(found)-1]
		value := r.getenv(name)
		if value == "" {
			r.addMistake(line, "%s needs the variable %s, which is not set", what, name)
			ok = false
		}
		return value
	})
	return text, ok
}
