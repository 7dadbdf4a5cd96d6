package shared

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A duration or a limit stands in domain, once, and SQL is built from it.
var (
	rules   = regexp.MustCompile(`(?:^|[^:\w])\d{4,}\b|now_ms\(\) *[-+] *\d|\(0\), *\(1\)`)
	pragmas = regexp.MustCompile(`^\w+\(-?\d+\)$`) // of SQLite: how a connection is set up
)

func TestSQLHoldsNoRuleOfItsOwn(t *testing.T) {
	files, err := filepath.Glob("../*/*.go")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "storetest") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if label, ok := n.(*ast.CaseClause); ok { // codes of errors
				for _, do := range label.Body {
					ast.Inspect(do, func(n ast.Node) bool { return checkRules(t, set, n) })
				}
				return false
			}
			return checkRules(t, set, n)
		})
	}
}

func checkRules(t *testing.T, set *token.FileSet, n ast.Node) bool {
	t.Helper()
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return true
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		t.Fatal(err)
	}
	if found := rules.FindString(text); found != "" && !pragmas.MatchString(text) {
		t.Errorf("%s: %q stands in a statement; write it in from a constant of domain", set.Position(lit.Pos()), found)
	}
	return true
}
