package metrics

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the page of metrics")

func TestThePageOfMetricsIsCurrent(t *testing.T) {
	const path = "../deploy/metrics.md"
	var page bytes.Buffer
	WriteReference(&page)
	if *update {
		if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(written), page.String()); diff != "" {
		t.Errorf("%s is not that of `make generate` (-written +current):\n%s", path, diff)
	}
}
