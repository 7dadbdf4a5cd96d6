package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The program stays small. A library that calls methods by their names, such as
// text/template, would keep every method of gotd in it, and double its size.
func TestTheProgramIsSmall(t *testing.T) {
	t.Parallel()
	const most = 35_000_000
	program := filepath.Join(t.TempDir(), "recado-telegram")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, ".") // as make gateway does
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	file, err := os.Stat(program)
	if err != nil {
		t.Fatal(err)
	}
	if file.Size() > most {
		t.Errorf("it has %d bytes, of at most %d", file.Size(), most)
	}
}
