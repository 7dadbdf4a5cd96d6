package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// layers says which packages of the module each package may import. The first row
// that matches a package decides; a package without a row is misplaced. "x/..."
// matches x and all below it. Every package may import what lies below it.
var layers = []layer{
	{"domain", nil},
	{"domain/domaintest", []string{"domain"}},
	{"metrics", []string{"domain", "metrics/trace"}},
	{"metrics/trace", []string{"domain"}},
	{"webhooks", []string{"domain", "metrics"}},
	{"jobs", []string{"domain", "metrics"}},
	{"adapters/store/storetest", []string{"domain", "domain/domaintest"}},
	{"adapters/store/groupcommit", []string{"domain"}},
	{"adapters/store/shared", []string{"domain", "adapters/vault"}},
	{"adapters/store/...", []string{"domain", "adapters/store/shared", "adapters/store/groupcommit", "adapters/vault", "adapters/durable"}},
	{"adapters/messenger/simulator", []string{"domain"}},
	{"adapters/messenger/*/*play", []string{"domain", "adapters/messenger/simulator"}},
	{"adapters/messenger/...", []string{"domain", "metrics", "adapters/messenger/wire"}},
	{"adapters/slots", nil},
	{"adapters/durable", nil},
	{"adapters/blob/disk", []string{"domain", "adapters/durable"}},
	{"adapters/transfer", []string{"domain", "metrics", "adapters/slots", "adapters/voice"}},
	{"adapters/api", []string{"domain", "metrics", "adapters/command", "adapters/feed", "adapters/slots", "adapters/transfer"}},
	{"adapters/console", []string{"domain", "metrics", "adapters/command", "adapters/feed", "adapters/transfer"}},
	{"adapters/...", []string{"domain", "metrics"}},
	{"cmd/recado", []string{"..."}},
	{"cmd/recado/demo", []string{"domain", "adapters/declaration", "adapters/messenger/simulator"}},
	{"cmd/bench", nil}, // it measures the program from outside
}

// A layer is a row of layers.
type layer struct {
	pkg string
	may []string
}

// homes says which packages may import a library, so that a change of the library
// concerns one place.
var homes = []struct {
	library string
	in      []string
	why     string
}{
	{"github.com/hibiken/asynq", []string{"jobs", "adapters/redis", "cmd/recado", "cmd/bench"}, "the rest knows lanes and hints, not their queue"},
	{"github.com/jackc/pgx/v5", []string{"adapters/store/postgres/...", "cmd/recado", "cmd/bench"}, "the rest knows the ports of the store"},
	{"modernc.org/sqlite", []string{"adapters/store/sqlite/...", "cmd/recado"}, "the rest knows the ports of the store"},
	{"github.com/danielgtaylor/huma/v2", []string{"adapters/api/..."}, "REST is one adapter"},
	{"github.com/alecthomas/kong", []string{"cmd/recado"}, "the command line is read in one place"},
	{"github.com/minio/minio-go/v7", []string{"adapters/blob/s3"}, "the rest knows the port of files"},
	{"go.opentelemetry.io/otel", []string{"metrics/trace"}, "the rest knows messages, not spans"},
	{"github.com/goccy/go-yaml", []string{"adapters/declaration"}, "the file of apply is read in one place"},
}

// topLevel lists what may lie at the top level beside dot-files.
var topLevel = []string{
	"adapters", "cmd", "deploy", "domain", "jobs", "metrics", "webhooks",
	"LICENSE", "Makefile", "README.md", "go.mod", "go.sum",
}

const module = "recado"

// A listed package, as `go list` describes it.
type listed struct {
	Dir        string
	ImportPath string
	Name       string
	GoFiles    []string
	Imports    []string // of files other than tests
}

// inModule returns the part of an import path within the module.
func inModule(path string) (string, bool) { return strings.CutPrefix(path, module+"/") }

func TestEveryPackageImportsOnlyWhatItMay(t *testing.T) {
	for _, p := range packages(t) {
		pkg, _ := inModule(p.ImportPath)
		row := slices.IndexFunc(layers, func(l layer) bool { return within(pkg, l.pkg) })
		if row < 0 {
			t.Errorf("%s: the layout has no such place", pkg)
			continue
		}
		for _, path := range p.Imports {
			if other, ok := inModule(path); ok && !within(other, pkg+"/...") && !withinAny(other, layers[row].may) {
				t.Errorf("%s imports %s; of this module it may import %q", pkg, other, layers[row].may)
			}
		}
	}
}

func TestDomainImportsOnlyTheStandardLibrary(t *testing.T) {
	for _, p := range packages(t) {
		if pkg, _ := inModule(p.ImportPath); !within(pkg, "domain/...") || forTests(pkg) {
			continue
		}
		for _, path := range p.Imports {
			if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") || first == module {
				t.Errorf("%s imports %s", p.ImportPath, path)
			}
		}
	}
}

func TestOnlyTestsImportWhatIsForTests(t *testing.T) {
	for _, p := range packages(t) {
		for _, path := range p.Imports {
			if _, ok := inModule(path); ok && forTests(path) && !forTests(p.ImportPath) {
				t.Errorf("%s imports %s", p.ImportPath, path)
			}
		}
	}
}

func TestLibrariesStayAtHome(t *testing.T) {
	for _, p := range packages(t) {
		pkg, _ := inModule(p.ImportPath)
		if forTests(pkg) {
			continue
		}
		for _, h := range homes {
			for _, path := range p.Imports {
				if within(path, h.library+"/...") && !withinAny(pkg, h.in) {
					t.Errorf("%s imports %s; only %q may: %s", pkg, path, h.in, h.why)
				}
			}
		}
	}
}

func TestTopLevelHoldsNothingElse(t *testing.T) {
	for _, name := range topNames(t) {
		if !strings.HasPrefix(name, ".") && !slices.Contains(topLevel, name) {
			t.Errorf("%s lies at the top level; it belongs into one of %q", name, topLevel)
		}
	}
}

// within tells whether a path matches the pattern, or is below one that ends in "...".
func within(path, pattern string) bool {
	if alike, err := filepath.Match(pattern, path); err == nil && alike {
		return true
	}
	above, below := strings.CutSuffix(pattern, "...")
	return path == strings.TrimSuffix(above, "/") || below && strings.HasPrefix(path, above)
}

// forTests reports whether only tests may import a package, such as storetest.
func forTests(path string) bool { return strings.HasSuffix(path, "test") }

func withinAny(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return within(path, p) })
}

// packages lists the packages of the module.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=Dir,ImportPath,Name,GoFiles,Imports", "./...")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

// topNames lists the top level without what git ignores, or, in a copy without git,
// without what the Makefile creates.
func topNames(t *testing.T) []string {
	t.Helper()
	root := filepath.Join("..", "..")
	var names []string
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	if out, err := cmd.Output(); err == nil {
		for path := range strings.Lines(string(out)) {
			name, _, _ := strings.Cut(strings.TrimSpace(path), "/")
			names = append(names, name)
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "bin" && e.Name() != "data" {
			names = append(names, e.Name())
		}
	}
	return names
}
