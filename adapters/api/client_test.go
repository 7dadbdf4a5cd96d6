package api

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A public generator makes the client in apitest from the document. A test of
// cmd/recado calls the program with it.
func TestTheClientIsCurrent(t *testing.T) {
	const client = "apitest/client.go"
	dir := t.TempDir()
	input, output := filepath.Join(dir, "openapi.json"), filepath.Join(dir, "client.go")
	if err := os.WriteFile(input, document(), 0o644); err != nil {
		t.Fatal(err)
	}
	generate := exec.CommandContext(t.Context(), "go", "tool", "-modfile=../../.tools/go.mod", "oapi-codegen",
		"-config", "apitest/oapi-codegen.yaml", "-o", output, input)
	if said, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", generate.Args, err, said)
	}
	want, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(client, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(client)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s is not what the document makes of it; run make generate (-want +got):\n%s", client, diff)
	}
}
