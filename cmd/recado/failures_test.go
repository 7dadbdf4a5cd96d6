package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"recado/domain"
)

// The page for those who write CRMs is what the program prints.
func TestTheReferenceOfFailuresIsCurrent(t *testing.T) {
	const page = "../../adapters/crm/failures.md"
	var got bytes.Buffer
	if err := run(t.Context(), []string{"failures"}, environ(nil), &got, &got); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(page, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s is not what `recado failures` prints; run make generate (-want +got):\n%s", page, diff)
	}
	for reason, policy := range domain.Policies {
		if !strings.Contains(got.String(), "| `"+string(reason)+"` | `"+string(policy.Code)+"` |") {
			t.Errorf("nothing is told of %s", reason)
		}
	}
	for _, text := range domain.Texts {
		if !strings.Contains(got.String(), text) {
			t.Errorf("%q is not told", text)
		}
	}
}
