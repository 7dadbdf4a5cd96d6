package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"recado/domain"
)

// mayNameKinds lists where code may name a kind of connection: a messenger's own
// folder, the map that lists them, the table of their traits, the examples of
// events, the demo, the gateway of one messenger, and the benchmark, whose load is
// webhooks of one.
var mayNameKinds = regexp.MustCompile(`^(adapters/messenger/.*|cmd/recado/connectors\.go|domain/(kind|event_examples)\.go|cmd/recado/demo.*|cmd/recado-telegram/.*|cmd/bench/.*)$`)

// A messenger is one folder, a row of domain.Messengers and a line in
// connectors.go: everything else asks for traits.
func TestNoRuleNamesAKind(t *testing.T) {
	files := sources(t)
	constants := kindConstants(files["domain/kind.go"])
	if len(constants) != len(domain.Messengers) {
		t.Fatalf("found the constants %q for %d kinds", constants, len(domain.Messengers))
	}
	var names []string
	for _, k := range domain.Kinds() {
		names = append(names, string(k))
	}
	literal := regexp.MustCompile(`(^|[^a-z_.-])(` + strings.Join(names, "|") + `)($|[^a-z_.-])`)
	for path, file := range files {
		if mayNameKinds.MatchString(path) {
			continue
		}
		ast.Inspect(file.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec:
				return false // the layers decide about those
			case *ast.Ident:
				if slices.Contains(constants, n.Name) {
					t.Errorf("%s names the kind %s; ask for one of its traits instead", file.position(n), n.Name)
				}
			case *ast.BasicLit:
				if text, err := strconv.Unquote(n.Value); err == nil && literal.MatchString(text) {
					t.Errorf("%s names a kind in %s; take it from domain.Kinds", file.position(n), n.Value)
				}
			}
			return true
		})
	}
}

// Tests of an invented messenger add a row to the table; the program only reads it.
func TestTheProgramOnlyReadsTheTableOfMessengers(t *testing.T) {
	for _, file := range sources(t) {
		ast.Inspect(file.File, func(n ast.Node) bool {
			assignment, ok := n.(*ast.AssignStmt)
			if !ok {
				return true
			}
			for _, left := range assignment.Lhs {
				ast.Inspect(left, func(n ast.Node) bool {
					if name, ok := n.(*ast.Ident); ok && name.Name == "Messengers" {
						t.Errorf("%s changes the table", file.position(name))
					}
					return true
				})
			}
			return true
		})
	}
}

// kindConstants lists the names of the constants of type Kind.
func kindConstants(file source) (names []string) {
	ast.Inspect(file.File, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Kind" {
				names = append(names, spec.Names[0].Name)
			}
		}
		return true
	})
	return names
}

// A source is a parsed file of the module.
type source struct {
	*ast.File
	path string
	set  *token.FileSet
}

func (s source) position(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.set.Position(n.Pos()).Line)
}

// sources parses the files that are no tests and no packages for tests, by their
// paths within the module.
func sources(t *testing.T) map[string]source {
	t.Helper()
	root := filepath.Join("..", "..")
	files := map[string]source{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || forTests(name) || name == "data") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		below, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		below = filepath.ToSlash(below)
		files[below] = source{file, below, set}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
