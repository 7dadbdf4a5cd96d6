package kit

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"recado/deploy/kit/dashboards"
)

var update = flag.Bool("update", false, "rewrite the dashboards")

func TestDashboardsAskForMetricsThatExist(t *testing.T) {
	v := NewVocabulary(recorded(t))
	for _, page := range dashboards.Pages {
		for _, panel := range page.Panels {
			if panel.Description == "" || panel.Unit == "" || len(panel.Queries) == 0 {
				t.Errorf("%s, %s: it lacks a description, a unit or a query", page.Title, panel.Title)
			}
			for _, q := range panel.Queries {
				if err := v.Check(q.Expr); err != nil {
					t.Errorf("%s, %s: %v", page.Title, panel.Title, err)
				}
			}
		}
	}
}

func TestDashboardFilesAreCurrent(t *testing.T) {
	const folder = "../grafana"
	var names []string
	for _, page := range dashboards.Pages {
		d, err := page.Build()
		if err != nil {
			t.Fatalf("%s: %v", page.Title, err)
		}
		current, err := json.MarshalIndent(d, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		current = append(current, '\n')
		name := page.UID + ".json"
		names = append(names, name)
		path := filepath.Join(folder, name)
		if *update {
			if err := os.WriteFile(path, current, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		written := read(t, path)
		if diff := cmp.Diff(string(written), string(current)); diff != "" {
			t.Errorf("%s is not that of `make generate` (-written +current):\n%s", path, diff)
		}
		var strict dashboard.Dashboard
		if err := strict.UnmarshalJSONStrict(written); err != nil && err.Error() != "" { // an empty list is no error
			t.Errorf("%s: %v", path, err)
		}
	}
	files, err := filepath.Glob(folder + "/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !slices.Contains(names, filepath.Base(file)) {
			t.Errorf("%s is no dashboard any more", file)
		}
	}
}
