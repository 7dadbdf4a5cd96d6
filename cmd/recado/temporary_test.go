package main

import (
	"net/http"
	"path/filepath"
	"testing"
)

// Without temporary files none is fetched and none is uploaded.
func TestReadySaysThatThereAreNoTemporaryFiles(t *testing.T) {
	w := newWorld(t, "embedded")
	w.env["TMPDIR"] = filepath.Join(t.TempDir(), "none")
	w.start()
	w.answers(http.StatusOK, "files: cannot be kept (no temporary file can be made: ")
}
