package postgres

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	trick = regexp.MustCompile(`(?m)^//  (\d)\. `)
	use   = regexp.MustCompile(`(?:-- |// )plans? (\d(?:, \d)*)(?:\\n|\b)`)
)

// The comment of the package numbers the means by which a statement leaves the planner
// one way; each is used, and each use names one of them.
func TestThePlansOfThePackageCommentAreThoseInUse(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	uses := map[string]int{}
	for _, found := range trick.FindAllStringSubmatch(string(doc), -1) {
		uses[found[1]] = 0
	}
	if len(uses) < 7 {
		t.Fatalf("the comment numbers %d", len(uses))
	}
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || filepath.Base(name) == "doc.go" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range use.FindAllStringSubmatch(string(text), -1) {
			for number := range strings.SplitSeq(found[1], ", ") {
				if _, known := uses[number]; !known {
					t.Errorf("%s names plan %s, which the comment does not explain", name, number)
				}
				uses[number]++
			}
		}
	}
	for number, n := range uses {
		if n == 0 {
			t.Errorf("nothing uses plan %s", number)
		}
	}
}
