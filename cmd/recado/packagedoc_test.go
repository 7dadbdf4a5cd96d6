package main

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// A package comment is the first thing that is read of a package. Two of them
// contradict each other sooner or later.
func TestEveryPackageHasOneComment(t *testing.T) {
	for _, p := range packages(t) {
		var in []string
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if file.Doc == nil {
				continue
			}
			in = append(in, name)
			if start := "Package " + p.Name + " "; p.Name != "main" && !strings.HasPrefix(file.Doc.Text(), start) {
				t.Errorf("%s/%s: the package comment does not begin with %q", p.ImportPath, name, start)
			}
		}
		if len(p.GoFiles) > 0 && len(in) != 1 {
			t.Errorf("%s has %d package comments, in %q; it needs one", p.ImportPath, len(in), in)
		}
	}
}
